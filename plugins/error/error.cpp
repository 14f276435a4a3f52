// Errors of sample values: mean squared error and its relatives, over RGB and over luma.

#include <cmath>
#include <cstdlib>
#include <giflab/plugin.hpp>
#include <giflab_kernels/byte_error.hpp>
#include <giflab_kernels/changes.hpp>
#include <giflab_kernels/cuda/byte_error.hpp>
#include <giflab_kernels/cuda/launch.hpp>
#include <giflab_kernels/images.hpp>
#include <giflab_kernels/kept_results.hpp>
#include <giflab_kernels/shown_palette.hpp>

namespace {

using namespace giflab::kernels;

// Sums over all bytes of one representation; exact, so nothing depends on the order or on where they are made.
class byte_difference {
 public:
   byte_difference(const giflab_setup &setup, uint32_t representation, int32_t channels)
       : choice_(arithmetic_of(setup)), on_device_(cuda::on_device(setup)), keeps_(setup.level >= 2),
         representation_(representation), channels_(channels) {}

   // One entry a pair.
   std::vector<byte_error> of(const giflab_call &call, std::span<const giflab_pair> pairs) {
      std::vector<byte_error> sums(pairs.size());
      if (on_device_)
         add_on_device(call, pairs, sums);
      else
         for (size_t i = 0; i < pairs.size(); ++i)
            sums[i] = on_processor(call, pairs[i]);
      return sums;
   }

   double samples(const giflab_pair &pair) const {
      return static_cast<double>(pair.distorted->width) * pair.distorted->height * channels_;
   }

 private:
   size_t row_bytes(const giflab_pair &pair) const {
      return static_cast<size_t>(pair.distorted->width) * static_cast<size_t>(channels_);
   }

   byte_error on_processor(const giflab_call &call, const giflab_pair &pair) {
      if (choice_ == arithmetic::vector && !giflab::index_pairs(pair).empty())
         return of_index_pairs(pair);
      const auto before = keeps_ && has_before(pair) ? kept_.find(key_before(pair)) : nullptr;
      const byte_error sums = before ? exchanged(call, pair, *before) : whole(call, pair);
      if (keeps_)
         kept_.keep(key_of(pair), std::make_shared<const byte_error>(sums));
      return sums;
   }

   byte_error whole(const giflab_call &call, const giflab_pair &pair) const {
      byte_error sums;
      for_each_band(call, pair.distorted->width, pair.distorted->height, pixels_per_band,
                    [&](int32_t first, int32_t rows) {
                       sums += within(pair, {0, first, pair.distorted->width, rows});
                    });
      return sums;
   }

   // The sums of the pair before, with what changed taken out as it was and put in as it is.
   byte_error exchanged(const giflab_call &call, const giflab_pair &pair, byte_error sums) const {
      const giflab_pair before = {pair.reference->previous, pair.distorted->previous};
      const changed_cells cells(pair);
      if (cells.mostly())
         return whole(call, pair);
      cells.for_each_run(call, [&](const area &where) {
         sums -= within(before, where);
         sums += within(pair, where);
      });
      return sums;
   }

   byte_error within(const giflab_pair &pair, const area &where) const {
      if (!pair.reference->views[representation_] || !pair.distorted->views[representation_])
         return within_looked_up(pair, where);
      const auto plane_at = [&](const giflab_image &image) {
         const auto samples = plane_of<uint8_t>(image, representation_);
         return plane<uint8_t>{samples.data + ptrdiff_t{where.x} * channels_, samples.stride};
      };
      byte_error sums;
      add_byte_error(plane_at(*pair.reference), plane_at(*pair.distorted),
                     static_cast<size_t>(where.width) * static_cast<size_t>(channels_), where.y, where.height,
                     sums, choice_);
      return sums;
   }

   // Where a side has no more than indices.
   byte_error within_looked_up(const giflab_pair &pair, const area &where) const {
      byte_error sums;
      rgb_runs reference(*pair.reference, where.width), distorted(*pair.distorted, where.width);
      for (int32_t y = where.y; y < where.y + where.height; ++y)
         add_byte_error({reference(where.x, y, where.width), 0}, {distorted(where.x, y, where.width), 0},
                        3 * static_cast<size_t>(where.width), 0, 1, sums, choice_);
      return sums;
   }

   static byte_error of_index_pairs(const giflab_pair &pair) {
      const uint32_t *reference = shown_palette(*pair.reference), *distorted = shown_palette(*pair.distorted);
      byte_error sums;
      for (const giflab_index_pair &one : giflab::index_pairs(pair))
         add_pixels(reference[one.reference], distorted[one.distorted], one.pixels, sums);
      return sums;
   }

   static void add_pixels(uint32_t p, uint32_t q, uint32_t pixels, byte_error &sums) {
      for (int shift = 0; shift < 24; shift += 8) {
         const auto difference =
             static_cast<int32_t>(p >> shift & 0xFF) - static_cast<int32_t>(q >> shift & 0xFF);
         sums.squared += pixels * static_cast<uint64_t>(difference * difference);
         sums.absolute += pixels * static_cast<uint64_t>(std::abs(difference));
      }
   }

   void add_on_device(const giflab_call &call, std::span<const giflab_pair> pairs,
                      std::span<byte_error> sums) const {
      if constexpr (cuda::built) {
         const cuda::device_call device(call);
         const int32_t height = pairs[0].distorted->height;
         const size_t bytes = row_bytes(pairs[0]), tiles = cuda::byte_error_tiles(bytes, height);
         auto *slots = device.scratch<byte_error>(tiles * pairs.size());
         cuda::for_each_launch(call, pairs, [&](size_t first, std::span<const giflab_pair> part) {
            cuda::add_byte_error(cuda::planes_of<uint8_t>(part, representation_),
                                 static_cast<uint32_t>(part.size()), bytes, height, slots + first * tiles,
                                 device.stream());
         });
         const auto fetched = device.fetch(slots, tiles * pairs.size());
         for (size_t i = 0; i < pairs.size(); ++i)
            sums[i] = cuda::folded(std::span(fetched).subspan(i * tiles, tiles));
      }
   }

   static constexpr int32_t pixels_per_band = 1 << 19;

   arithmetic choice_;
   bool on_device_;
   bool keeps_; // what it found, for the pairs to come
   uint32_t representation_;
   int32_t channels_;
   kept_results<pair_key, byte_error> kept_;
};

double decibels(double mean_squared_error) {
   return mean_squared_error == 0 ? INFINITY : 10 * std::log10(255.0 * 255.0 / mean_squared_error);
}

// ---- RGB

struct rgb_error {
   byte_difference difference;

   explicit rgb_error(const giflab_setup &setup) : difference(setup, GIFLAB_RGB8, 3) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs);
};

enum { MSE, RMSE, MAE, PSNR };
constexpr giflab_output error_outputs[] = {
    {.id = "mse",
     .help = "Mean squared error over all pixels and the three channels.",
     .unit = "1",
     .lowest = 0,
     .highest = 65025,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "rmse",
     .help = "Square root of a picture's mean squared error.",
     .unit = "1",
     .lowest = 0,
     .highest = 255,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "mae",
     .help = "Mean absolute error over all pixels and the three channels.",
     .unit = "1",
     .lowest = 0,
     .highest = 255,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "psnr",
     .help = "10 log10(255^2 / mse) over RGB; infinite where nothing differs.",
     .unit = "dB",
     .lowest = 0,
     .highest = INFINITY,
     .identical = INFINITY,
     .direction = GIFLAB_HIGHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_DECIBEL_MEAN},
};

void rgb_error::measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
   const std::vector<byte_error> sums = difference.of(call, pairs);
   for (uint32_t i = 0; i < pairs.size(); ++i) {
      const double mse = static_cast<double>(sums[i].squared) / difference.samples(pairs[i]);
      call.score(&call, i, MSE, mse);
      call.score(&call, i, RMSE, std::sqrt(mse));
      call.score(&call, i, MAE, static_cast<double>(sums[i].absolute) / difference.samples(pairs[i]));
      call.score(&call, i, PSNR, decibels(mse));
   }
}

constexpr giflab_plugin error_plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_INDEX8_ALONE,
    .id = "org.giflab.error",
    .label = "Error of RGB values",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .help = "Mean squared, root mean squared and mean absolute error of sRGB bytes, and their PSNR.",
    GIFLAB_OUTPUTS(error_outputs),
    .inputs = GIFLAB_BIT(GIFLAB_RGB8) | GIFLAB_BIT(GIFLAB_INDEX8),
    .memory = cuda::memories,
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_1NS,
    .lookback = 1, // to begin from what was found there
    .batch = 8,
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::frame_metric<rgb_error>,
    .create = giflab::create<rgb_error>,
    .destroy = giflab::destroy<rgb_error>,
};

// ---- Luma

struct luma_psnr {
   byte_difference difference;

   explicit luma_psnr(const giflab_setup &setup) : difference(setup, GIFLAB_LUMA8, 1) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs);
};

constexpr giflab_output psnr_y_outputs[] = {
    {.id = "psnr_y",
     .help = "10 log10(255^2 / mse) over luma; infinite where nothing differs.",
     .unit = "dB",
     .lowest = 0,
     .highest = INFINITY,
     .identical = INFINITY,
     .direction = GIFLAB_HIGHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_DECIBEL_MEAN},
};

void luma_psnr::measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
   const std::vector<byte_error> sums = difference.of(call, pairs);
   for (uint32_t i = 0; i < pairs.size(); ++i)
      call.score(&call, i, 0, decibels(static_cast<double>(sums[i].squared) / difference.samples(pairs[i])));
}

constexpr giflab_plugin psnr_y_plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.giflab.psnr_y",
    .label = "PSNR of luma",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .help = "Peak signal-to-noise ratio of luma rounded to bytes, in decibels.",
    GIFLAB_OUTPUTS(psnr_y_outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = cuda::memories,
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_1NS,
    .lookback = 1, // to begin from what was found there
    .batch = 8,
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::frame_metric<luma_psnr>,
    .create = giflab::create<luma_psnr>,
    .destroy = giflab::destroy<luma_psnr>,
};

constexpr const giflab_plugin *plugins[] = {&error_plugin, &psnr_y_plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
