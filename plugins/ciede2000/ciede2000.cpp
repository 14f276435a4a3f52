// Colour differences by CIEDE2000.

#include "colour_pairs.hpp"
#include "summary.hpp"

#include <giflab/plugin.hpp>
#include <giflab_kernels/ciede2000.hpp>
#include <giflab_kernels/cuda/ciede2000.hpp>
#include <giflab_kernels/cuda/launch.hpp>
#include <giflab_kernels/images.hpp>
#include <giflab_kernels/shown_palette.hpp>

namespace {

using namespace giflab::kernels;
using giflab::ciede2000::pixels_of;
using giflab::ciede2000::summary;
using giflab::ciede2000::summary_of;

struct ciede2000_metric {
   arithmetic choice;
   bool on_device;

   explicit ciede2000_metric(const giflab_setup &setup)
       : choice(arithmetic_of(setup)), on_device(cuda::on_device(setup)) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs);
};

// A single pixel's difference in float has five digits for certain, and reaches 120.
constexpr giflab_output difference_output(const char *id, const char *help, double tolerance, uint32_t pool) {
   return {.id = id,
           .help = help,
           .unit = "1",
           .lowest = 0,
           .highest = 200,
           .identical = 0,
           .tolerance = tolerance,
           .direction = GIFLAB_LOWER_IS_BETTER,
           .level = GIFLAB_PER_FRAME,
           .pool = pool};
}

constexpr giflab_output share_output(const char *id, const char *help) {
   return {.id = id,
           .help = help,
           .unit = "%",
           .lowest = 0,
           .highest = 100,
           .identical = 0,
           .tolerance = 1e-3,
           .direction = GIFLAB_LOWER_IS_BETTER,
           .level = GIFLAB_PER_FRAME,
           .pool = GIFLAB_POOL_MEAN};
}

enum { MEAN, P95, MAX, OVER_1 };
constexpr giflab_output outputs[] = {
    difference_output("ciede2000", "Mean colour difference over the pixels.", 1e-4, GIFLAB_POOL_MEAN),
    difference_output("ciede2000_p95", "95th percentile of the pixels' colour differences.", 1e-3,
                      GIFLAB_POOL_MEAN),
    difference_output("ciede2000_max", "Largest colour difference of any pixel.", 1e-3, GIFLAB_POOL_MAX),
    share_output("ciede2000_over_1", "Share of pixels whose colour differs by more than 1."),
    share_output("ciede2000_over_2", "Share of pixels whose colour differs by more than 2."),
    share_output("ciede2000_over_3", "Share of pixels whose colour differs by more than 3."),
    share_output("ciede2000_over_5", "Share of pixels whose colour differs by more than 5."),
};

lab lab_at(const uint8_t *rgb) {
   return lab_of_linear(linear_of_srgb(rgb[0]), linear_of_srgb(rgb[1]), linear_of_srgb(rgb[2]));
}

// Pixel by pixel, in double: the judge of the grouped way.
summary plain_summary(const giflab_call &call, const giflab_pair &pair, std::span<double> differences) {
   const int32_t width = pair.distorted->width, height = pair.distorted->height;
   rgb_runs reference(*pair.reference, width), distorted(*pair.distorted, width);
   size_t next = 0;
   for_each_band(call, width, height, 1 << 12, [&](int32_t first, int32_t rows) {
      for (int32_t y = first; y < first + rows; ++y) {
         const uint8_t *a = reference(0, y, width), *b = distorted(0, y, width);
         for (int32_t x = 0; x < width; ++x, a += 3, b += 3)
            differences[next++] = ciede2000(lab_at(a), lab_at(b));
      }
   });
   return summary_of(call, differences);
}

void score(const giflab_call &call, uint32_t pair, const summary &found) {
   call.score(&call, pair, MEAN, found.mean);
   call.score(&call, pair, P95, found.p95);
   call.score(&call, pair, MAX, found.max);
   for (uint32_t i = 0; i < found.percent_over.size(); ++i)
      call.score(&call, pair, OVER_1 + i, found.percent_over[i]);
}

// Pairs are taken so many at a time that their differences need 32 MiB of the device at most, or what one
// needs.
uint32_t pairs_at_once(std::span<const giflab_pair> pairs) {
   const uint64_t fitting = (uint64_t{1} << 23) / pixels_of(*pairs[0].distorted);
   const uint64_t most = std::min<uint64_t>(cuda::most_pairs, pairs.size());
   return static_cast<uint32_t>(std::clamp<uint64_t>(fitting, 1, most));
}

void score_on_device(const giflab_call &call, std::span<const giflab_pair> pairs) {
   if constexpr (cuda::built) {
      const cuda::device_call device(call);
      const int32_t width = pairs[0].distorted->width, height = pairs[0].distorted->height;
      const uint32_t at_once = pairs_at_once(pairs);
      auto *work = device.scratch<std::byte>(cuda::ciede2000_work_bytes(at_once, width, height));
      auto *results = device.scratch<cuda::colour_difference>(pairs.size());
      for (size_t first = 0; first < pairs.size(); first += at_once) {
         giflab::stop_if_cancelled(call);
         const auto part = pairs.subspan(first, std::min<size_t>(at_once, pairs.size() - first));
         cuda::enqueue_ciede2000(cuda::planes_of<uint8_t>(part, GIFLAB_RGB8),
                                 static_cast<uint32_t>(part.size()), width, height, work, results + first,
                                 device.stream());
      }
      const auto found = device.fetch(results, pairs.size());
      for (uint32_t i = 0; i < pairs.size(); ++i)
         score(call, i, summary_of(found[i].totals, pixels_of(*pairs[i].distorted), found[i].p95));
   }
}

void score_plain(const giflab_call &call, std::span<const giflab_pair> pairs) {
   const auto differences = giflab::scratch<double>(call, pixels_of(*pairs[0].distorted));
   for (uint32_t i = 0; i < pairs.size(); ++i)
      score(call, i, plain_summary(call, pairs[i], differences));
}

void score_grouped(const giflab_call &call, std::span<const giflab_pair> pairs) {
   const giflab::ciede2000::workspace work(call, pixels_of(*pairs[0].distorted));
   for (uint32_t i = 0; i < pairs.size(); ++i)
      score(call, i, summary_of(call, pairs[i], work));
}

void ciede2000_metric::measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
   if (pixels_of(*pairs[0].distorted) > giflab::ciede2000::most_pixels)
      throw giflab::failure(GIFLAB_UNSUPPORTED, "a picture of more than 2^28 pixels");
   if (on_device)
      score_on_device(call, pairs);
   else if (choice == arithmetic::scalar)
      score_plain(call, pairs);
   else
      score_grouped(call, pairs);
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_INDEX8_ALONE,
    .id = "org.giflab.ciede2000",
    .label = "CIEDE2000",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://doi.org/10.1002/col.20070",
    .help = "Colour difference of each pixel by CIEDE2000 (ISO/CIE 11664-6; Sharma et al. 2005), D65.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_RGB8) | GIFLAB_BIT(GIFLAB_INDEX8),
    .memory = cuda::memories,
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_100NS,
    .batch = 8,
    // A difference and a count, or a difference in double; on a device, a difference for each of the batch.
    .bytes_per_pixel = cuda::built ? 32 : 8,
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::frame_metric<ciede2000_metric>,
    .create = giflab::create<ciede2000_metric>,
    .destroy = giflab::destroy<ciede2000_metric>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
