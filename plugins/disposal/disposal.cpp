// What a renderer or an encoder left behind: ghosts of earlier pictures, and holes where it cleared too much.

#include "leftovers.hpp"

#include <array>
#include <cmath>
#include <giflab_kernels/images.hpp>

namespace {

using namespace giflab::disposal;
using namespace giflab::kernels;

constexpr uint32_t lookback = 4;

struct disposal {
   criteria limits;

   explicit disposal(const giflab_setup &setup);
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const;
};

constexpr giflab_param params[] = {
    giflab::real_parameter("far", "Above this distance from the original a place counts as wrong.", "levels", 0,
                           255, 48),
    giflab::real_parameter("near", "Up to this distance two places count as the same.", "levels", 0, 255, 12),
};

disposal::disposal(const giflab_setup &setup) {
   const giflab::parameters chosen(params, setup);
   limits = {chosen.real("far"), chosen.real("near")};
}

constexpr giflab_output share_of_pixels(const char *id, const char *help) {
   return {.id = id,
           .help = help,
           .unit = "%",
           .lowest = 0,
           .highest = 100,
           .identical = 0,
           .direction = GIFLAB_LOWER_IS_BETTER,
           .level = GIFLAB_PER_FRAME,
           .pool = GIFLAB_POOL_MEAN};
}

enum { GHOSTING, STALE_PIXELS, LOST_PIXELS, OUTPUTS };
constexpr giflab_output outputs[OUTPUTS] = {
    share_of_pixels("ghosting", "Share of pixels that show one of the original's last four pictures instead of "
                                "the present one."),
    share_of_pixels("stale_pixels", "Share of pixels that ought to have changed with the original just now and "
                                    "were kept as they were."),
    share_of_pixels("lost_pixels",
                    "Share of pixels that were right, and are wrong now although the original is "
                    "what it was."),
};

// Whether the distorted picture was on show when the original showed another: then all that moved would look
// like a ghost, while it is the whole picture that came too late (or early).
bool is_frozen(const giflab_pair &pair) {
   const giflab_image *reference = pair.reference->previous, *distorted = pair.distorted->previous;
   for (; distorted && distorted->content == pair.distorted->content;
        reference = reference->previous, distorted = distorted->previous)
      if (reference->content != pair.reference->content)
         return true;
   return false;
}

moment moment_of(const giflab_image &reference, const giflab_image &distorted) {
   return {plane_of<uint8_t>(reference, GIFLAB_RGB8), plane_of<uint8_t>(distorted, GIFLAB_RGB8)};
}

// The moments before a pair, latest first.
struct earlier_moments {
   std::array<moment, lookback> moments;
   size_t count = 0;

   explicit earlier_moments(const giflab_pair &pair) {
      const giflab_image *reference = pair.reference->previous, *distorted = pair.distorted->previous;
      for (; reference && count < lookback; reference = reference->previous, distorted = distorted->previous)
         moments[count++] = moment_of(*reference, *distorted);
   }
   std::span<const moment> all() const { return {moments.data(), count}; }
};

leftover_sums leftovers_of(const giflab_call &call, const giflab_pair &pair, const criteria &limits,
                           std::span<int16_t> scratch) {
   constexpr int32_t pixels_per_band = 1 << 14; // a pixel that is wrong can take half a microsecond
   const int32_t width = pair.distorted->width, height = pair.distorted->height;
   const moment now = moment_of(*pair.reference, *pair.distorted);
   const earlier_moments earlier(pair);
   leftover_sums sums;
   for_each_band(call, width, height, pixels_per_band, [&](int32_t first, int32_t rows) {
      add_leftovers(now, earlier.all(), width, height, first, rows, limits, scratch, sums);
   });
   return sums;
}

void disposal::measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
   const int32_t width = pairs[0].distorted->width, height = pairs[0].distorted->height;
   const double percent = 100.0 / (static_cast<double>(width) * height);
   const auto scratch = giflab::scratch<int16_t>(call, leftover_scratch(width));
   for (uint32_t i = 0; i < pairs.size(); ++i) {
      if (!pairs[i].reference->previous || is_frozen(pairs[i])) {
         for (uint32_t output = 0; output < OUTPUTS; ++output)
            call.score(&call, i, output, NAN);
         continue;
      }
      const leftover_sums sums = leftovers_of(call, pairs[i], limits, scratch);
      call.score(&call, i, GHOSTING, percent * static_cast<double>(sums.ghosts));
      call.score(&call, i, STALE_PIXELS, percent * static_cast<double>(sums.stale));
      call.score(&call, i, LOST_PIXELS, percent * static_cast<double>(sums.lost));
   }
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.disposal",
    .label = "Disposal artefacts",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .help = "Leftovers of earlier pictures, and holes, as wrong disposal of GIF frames makes them.",
    GIFLAB_PARAMS(params),
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_RGB8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_100NS,
    .lookback = lookback,
    .batch = 8,
    .bytes_per_pixel = 1, // a row
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::frame_metric<disposal>,
    .create = giflab::create<disposal>,
    .destroy = giflab::destroy<disposal>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
