// Flicker that the original does not have: change from picture to picture, beyond the original's own.

#include "change.hpp"
#include "plugins.hpp"

#include <cmath>
#include <giflab_kernels/images.hpp>

namespace giflab::temporal {

namespace {

using namespace giflab::kernels;

struct flicker {
   flat_criteria criteria;

   explicit flicker(const giflab_setup &setup);
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const;
};

constexpr giflab_param params[] = {
    giflab::real_parameter("flat_variance",
                           "Blocks of 8x8 pixels of the original count as flat up to this variance.",
                           "levels squared", 0, 16256.25, 25),
    giflab::integer_parameter("still_change",
                              "Blocks count as still if none of their samples changed by more than this.",
                              "levels", 0, 255, 2),
};

flicker::flicker(const giflab_setup &setup) {
   const giflab::parameters chosen(params, setup);
   criteria = {chosen.real("flat_variance"), static_cast<int>(chosen.integer("still_change"))};
}

enum { TEMPORAL_DIFFERENCE, FLICKER_EXCESS, FLAT_FLICKER_CHANGE, OUTPUTS };
constexpr giflab_output outputs[OUTPUTS] = {
    {.id = "temporal_difference",
     .help = "Mean absolute difference between the changes of the two clips since the picture before.",
     .unit = "levels",
     .lowest = 0,
     .highest = 510,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "flicker_excess",
     .help = "Mean of how much more each sample changed since the picture before than the original's did.",
     .unit = "levels",
     .lowest = 0,
     .highest = 255,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "flat_flicker_change",
     .help = "Excess of change where the original is flat and stands still; undefined where it never is.",
     .unit = "levels",
     .lowest = 0,
     .highest = 255,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

constexpr int32_t pixels_per_band = 1 << 18;

// Two moments of a pair's clips, and where anything may have changed between them.
struct interval {
   moments of;
   rectangle changed;
};

interval interval_since(const giflab_image &reference, const giflab_pair &pair, const rectangle &changed) {
   return {{plane_of<uint8_t>(reference, GIFLAB_RGB8), plane_of<uint8_t>(*pair.reference, GIFLAB_RGB8),
            plane_of<uint8_t>(*pair.distorted->previous, GIFLAB_RGB8),
            plane_of<uint8_t>(*pair.distorted, GIFLAB_RGB8)},
           changed};
}

// From the pair before.
interval latest_step(const giflab_pair &pair) {
   return interval_since(*pair.reference->previous, pair,
                         with_changes(with_changes({}, *pair.reference), *pair.distorted));
}

// From when the distorted picture before this one came on show, as far as the host looks back: one that was
// held while the original moved on catches up in one step, and is not to blame for the length of it.
interval step_of_distorted(const giflab_pair &pair) {
   rectangle changed = with_changes(with_changes({}, *pair.reference), *pair.distorted);
   const giflab_image *reference = pair.reference->previous, *distorted = pair.distorted->previous;
   while (distorted->previous && distorted->previous->content == distorted->content) {
      changed = with_changes(changed, *reference);
      reference = reference->previous, distorted = distorted->previous;
   }
   return interval_since(*reference, pair, changed);
}

// Outside of what changed every term is 0.
change_sums change_of(const giflab_call &call, const interval &step) {
   const rectangle &area = step.changed;
   change_sums sums;
   for_each_band(call, area.width, area.height, pixels_per_band, [&](int32_t first, int32_t rows) {
      add_change(step.of, {area.x, area.y + first, area.width, rows}, sums);
   });
   return sums;
}

flat_columns columns_for(const giflab_call &call, int32_t width) {
   const size_t samples = static_cast<size_t>(width) * 3;
   return {giflab::scratch<uint16_t>(call, samples).data(), giflab::scratch<uint16_t>(call, samples).data(),
           giflab::scratch<uint32_t>(call, samples).data(), giflab::scratch<uint8_t>(call, samples).data()};
}

double flat_flicker(const giflab_call &call, const interval &step, int32_t width, int32_t height,
                    const flat_criteria &criteria, const flat_columns &columns) {
   const int32_t rows_of_blocks = (height - 1) / flat_block + 1;
   flat_sums sums;
   for_each_band(call, width, rows_of_blocks, pixels_per_band / flat_block, [&](int32_t first, int32_t count) {
      add_flat(step.of, width, height, step.changed, first, count, criteria, columns, sums);
   });
   return sums.samples == 0 ? NAN : static_cast<double>(sums.excess) / static_cast<double>(sums.samples);
}

void flicker::measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
   const int32_t width = pairs[0].reference->width, height = pairs[0].reference->height;
   const double samples = 3.0 * width * height;
   const flat_columns columns = columns_for(call, width);
   for (uint32_t i = 0; i < pairs.size(); ++i) {
      if (!pairs[i].reference->previous) {
         for (uint32_t output = 0; output < OUTPUTS; ++output)
            call.score(&call, i, output, NAN);
         continue;
      }
      const interval step = latest_step(pairs[i]), own_step = step_of_distorted(pairs[i]);
      const change_sums sums = change_of(call, step);
      const bool caught_up = own_step.of.reference_before.data != step.of.reference_before.data;
      const change_sums own_sums = caught_up ? change_of(call, own_step) : sums;
      call.score(&call, i, TEMPORAL_DIFFERENCE, static_cast<double>(sums.difference) / samples);
      call.score(&call, i, FLICKER_EXCESS, static_cast<double>(own_sums.excess) / samples);
      call.score(&call, i, FLAT_FLICKER_CHANGE, flat_flicker(call, own_step, width, height, criteria, columns));
   }
}

} // namespace

constexpr giflab_plugin flicker_plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.temporal",
    .label = "Flicker",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .help = "Change from picture to picture that the original does not have, everywhere and in its flat still "
            "areas.",
    GIFLAB_PARAMS(params),
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_RGB8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .lookback = 4,
    .batch = 8,
    .bytes_per_pixel = 1, // a few rows
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::frame_metric<flicker>,
    .create = giflab::create<flicker>,
    .destroy = giflab::destroy<flicker>,
};

} // namespace giflab::temporal
