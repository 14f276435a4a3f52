// Correlation of colour histograms.

#include <algorithm>
#include <cmath>
#include <giflab/plugin.hpp>
#include <giflab_kernels/changes.hpp>
#include <giflab_kernels/channel_histogram.hpp>
#include <giflab_kernels/cuda/channel_histogram.hpp>
#include <giflab_kernels/cuda/launch.hpp>
#include <giflab_kernels/images.hpp>
#include <giflab_kernels/kept_results.hpp>
#include <giflab_kernels/shown_palette.hpp>

namespace {

using namespace giflab::kernels;

struct histogram_correlation {
   arithmetic choice;
   bool on_device;
   bool keeps; // histograms of pictures, for the pairs to come
   kept_results<uint64_t, channel_histogram, 8> kept;

   explicit histogram_correlation(const giflab_setup &setup)
       : choice(arithmetic_of(setup)), on_device(cuda::on_device(setup)), keeps(setup.level >= 2) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs);
   std::array<channel_histogram, 2> of_both(const giflab_call &call, const giflab_pair &pair);
   channel_histogram of(const giflab_call &call, const giflab_image &image);
};

constexpr giflab_output outputs[] = {
    {.id = "histogram_correlation",
     .help = "Pearson correlation of 32-bin histograms, mean of R, G and B; undefined where a histogram is "
             "level and the other is not.",
     .unit = "1",
     .lowest = -1,
     .highest = 1,
     .identical = 1,
     .tolerance = 1e-12,
     .direction = GIFLAB_HIGHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

// counts += sign * others
void add(channel_histogram &counts, const channel_histogram &others, int64_t sign) {
   for (size_t channel = 0; channel < counts.size(); ++channel)
      for (size_t bin = 0; bin < histogram_bins; ++bin)
         counts[channel][bin] += static_cast<uint64_t>(sign) * others[channel][bin];
}

constexpr int32_t pixels_per_band = 1 << 19;

channel_histogram within(const giflab_image &image, const area &where, arithmetic choice) {
   channel_histogram counts = {};
   if (!image.views[GIFLAB_RGB8]) {
      rgb_runs rows(image, where.width);
      for (int32_t y = where.y; y < where.y + where.height; ++y)
         add_channel_histogram({rows(where.x, y, where.width), 0}, where.width, 0, 1, counts, choice);
      return counts;
   }
   const auto rgb = plane_of<uint8_t>(image, GIFLAB_RGB8);
   add_channel_histogram({rgb.data + ptrdiff_t{3} * where.x, rgb.stride}, where.width, where.y, where.height,
                         counts, choice);
   return counts;
}

channel_histogram whole(const giflab_call &call, const giflab_image &image, arithmetic choice) {
   channel_histogram counts = {};
   for_each_band(call, image.width, image.height, pixels_per_band, [&](int32_t first, int32_t rows) {
      add(counts, within(image, {0, first, image.width, rows}, choice), 1);
   });
   return counts;
}

// The histogram of the image before, with what changed taken out as it was and put in as it is.
channel_histogram exchanged(const giflab_call &call, const giflab_image &image, channel_histogram counts,
                            arithmetic choice) {
   const changed_cells cells(image);
   if (cells.mostly())
      return whole(call, image, choice);
   cells.for_each_run(call, [&](const area &where) {
      add(counts, within(*image.previous, where, choice), -1);
      add(counts, within(image, where, choice), 1);
   });
   return counts;
}

channel_histogram histogram_correlation::of(const giflab_call &call, const giflab_image &image) {
   if (!keeps)
      return whole(call, image, choice);
   if (const auto known = kept.find(image.content))
      return *known;
   const auto before = image.previous ? kept.find(image.previous->content) : nullptr;
   const channel_histogram counts =
       before ? exchanged(call, image, *before, choice) : whole(call, image, choice);
   kept.keep(image.content, std::make_shared<const channel_histogram>(counts));
   return counts;
}

void add_colour(channel_histogram &counts, uint32_t colour, uint32_t pixels) {
   for (size_t channel = 0; channel < counts.size(); ++channel)
      counts[channel][(colour >> (8 * channel) & 0xFF) >> 3] += pixels;
}

// Of the reference and of the distorted picture.
std::array<channel_histogram, 2> of_index_pairs(const giflab_pair &pair) {
   std::array<std::array<uint32_t, 256>, 2> pixels = {}; // by index
   for (const giflab_index_pair &one : giflab::index_pairs(pair)) {
      pixels[0][one.reference] += one.pixels;
      pixels[1][one.distorted] += one.pixels;
   }
   std::array<channel_histogram, 2> counts = {};
   for (size_t i = 0; i < 256; ++i) {
      add_colour(counts[0], shown_palette(*pair.reference)[i], pixels[0][i]);
      add_colour(counts[1], shown_palette(*pair.distorted)[i], pixels[1][i]);
   }
   return counts;
}

std::array<channel_histogram, 2> histogram_correlation::of_both(const giflab_call &call,
                                                                const giflab_pair &pair) {
   if (choice == arithmetic::vector && !giflab::index_pairs(pair).empty())
      return of_index_pairs(pair);
   return {of(call, *pair.reference), of(call, *pair.distorted)};
}

using bins = std::array<uint64_t, histogram_bins>;

// Of the counts of one channel. Equal histograms correlate fully, level ones among them; NaN where only one is
// level.
double correlation(const bins &a, const bins &b, double pixels) {
   if (a == b)
      return 1;
   const double mean = pixels / histogram_bins;
   double covariance = 0, variance_a = 0, variance_b = 0;
   for (size_t i = 0; i < a.size(); ++i) {
      const double p = static_cast<double>(a[i]) - mean, q = static_cast<double>(b[i]) - mean;
      covariance += p * q;
      variance_a += p * p;
      variance_b += q * q;
   }
   const double scale = std::sqrt(variance_a) * std::sqrt(variance_b);
   return scale == 0 ? NAN : std::fmax(-1, std::fmin(1, covariance / scale));
}

// The mean of the three channels.
double correlation(const channel_histogram &a, const channel_histogram &b, double pixels) {
   double sum = 0;
   for (size_t channel = 0; channel < a.size(); ++channel)
      sum += correlation(a[channel], b[channel], pixels);
   return sum / 3;
}

channel_histogram widened(const uint32_t (&counts)[3][histogram_bins]) {
   channel_histogram wide = {};
   for (size_t channel = 0; channel < wide.size(); ++channel)
      std::copy_n(counts[channel], histogram_bins, wide[channel].begin());
   return wide;
}

void score_on_device(const giflab_call &call, std::span<const giflab_pair> pairs, double pixels) {
   if constexpr (cuda::built) {
      const cuda::device_call device(call);
      const int32_t width = pairs[0].distorted->width, height = pairs[0].distorted->height;
      auto *histograms = device.scratch<cuda::pair_histograms>(pairs.size());
      cuda::for_each_launch(call, pairs, [&](size_t first, std::span<const giflab_pair> part) {
         cuda::count_channels(cuda::planes_of<uint8_t>(part, GIFLAB_RGB8), static_cast<uint32_t>(part.size()),
                              width, height, histograms + first, device.stream());
      });
      const auto found = device.fetch(histograms, pairs.size());
      for (uint32_t i = 0; i < pairs.size(); ++i)
         call.score(&call, i, 0, correlation(widened(found[i].counts[0]), widened(found[i].counts[1]), pixels));
   }
}

void histogram_correlation::measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
   const double pixels = static_cast<double>(pairs[0].distorted->width) * pairs[0].distorted->height;
   if (on_device)
      return score_on_device(call, pairs, pixels);
   for (uint32_t i = 0; i < pairs.size(); ++i) {
      const auto [reference, distorted] = of_both(call, pairs[i]);
      call.score(&call, i, 0, correlation(reference, distorted, pixels));
   }
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_INDEX8_ALONE,
    .id = "org.giflab.histogram",
    .label = "Histogram correlation",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .help = "How alike the distributions of R, G and B values are, whatever the place of each pixel.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_RGB8) | GIFLAB_BIT(GIFLAB_INDEX8),
    .memory = cuda::memories,
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .lookback = 1, // to begin from what was found there
    .batch = 8,
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::frame_metric<histogram_correlation>,
    .create = giflab::create<histogram_correlation>,
    .destroy = giflab::destroy<histogram_correlation>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
