// False contours: long steps between plateaus that the other picture passes gently.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <giflab_kernels/luma.hpp>

namespace {

using namespace giflab::kernels;

struct banding {
   explicit banding(const giflab_setup &) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const;
};

enum { CHANGE, ADDED, REMOVED };
constexpr giflab_output outputs[] = {
    {.id = "banding_change",
     .help = "False contours that came less those that went.",
     .unit = "levels",
     .lowest = -255,
     .highest = 255,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "banding_added",
     .help = "Root mean square over all pixels of the steps of contours that the original passes gently.",
     .unit = "levels",
     .lowest = 0,
     .highest = 255,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "banding_removed",
     .help = "The same of the original's contours that the distorted picture passes gently.",
     .unit = "levels",
     .lowest = 0,
     .highest = 255,
     .identical = 0,
     .direction = GIFLAB_NEITHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

// A plateau is this many pixels in a row within one level. Dither has none beside a step.
constexpr int32_t plateau = 4;
constexpr int plateau_range = 1;
// Bytes cannot but take steps of one level.
constexpr int least_step = 2;
// A contour is long if this many of its pixels, rising the same way, lie in the square
// that reaches this far around each, or in the nearest such square within the picture.
constexpr int32_t reach = 4, least_length = 2 * reach;

// Samples along a line across a possible contour: sample(-plateau) to sample(plateau - 1), which stands between
// samples -1 and 0.
struct line {
   const uint8_t *origin;
   ptrdiff_t stride;
   int operator()(int32_t i) const { return origin[i * stride]; }

   // Of the plateau's worth of samples behind the contour less that before it.
   int rise() const {
      int sum = 0;
      for (int32_t i = 0; i < plateau; ++i)
         sum += (*this)(i) - (*this)(-1 - i);
      return sum;
   }
};

// Whether a step stands between two plateaus at each of `count` pixels from `here` on; `stride` leads from
// pixel to pixel across the contour.
void find_steps_in_row(const uint8_t *here, ptrdiff_t stride, int32_t count, uint8_t *found) {
   for (int32_t x = 0; x < count; ++x) {
      const uint8_t *after = here + x, *before = after - stride;
      uint8_t least_after = *after, most_after = *after, least_before = *before, most_before = *before;
      for (int32_t i = 1; i < plateau; ++i) {
         least_after = std::min(least_after, after[i * stride]);
         most_after = std::max(most_after, after[i * stride]);
         least_before = std::min(least_before, before[-i * stride]);
         most_before = std::max(most_before, before[-i * stride]);
      }
      const int ranges = std::max(most_after - least_after, most_before - least_before);
      found[x] = (std::abs(*after - *before) >= least_step) & (ranges <= plateau_range);
   }
}

// The rise of a step, in levels times `plateau`, which the other picture passes with less than half of it; else
// 0.
int false_step(const line &stepped, const line &gentle) {
   const int rise = stepped.rise(), other = gentle.rise();
   const bool is_gentle = rise > 0 ? 2 * other < rise : 2 * other > rise;
   return is_gentle && std::abs(rise) >= least_step * plateau ? rise : 0;
}

struct direction {
   int32_t across, down; // one of them is 1: which way contours are crossed
};

// A map of false_step for each pixel and the one before it, in `direction`.
struct step_map {
   int16_t *steps;
   int32_t width, height;
   uint8_t *found; // room for one row
   int16_t *row(int32_t y) const { return steps + static_cast<size_t>(y) * static_cast<size_t>(width); }
};

void find_steps(const giflab_call &call, const luma_picture &stepped, const luma_picture &gentle, direction way,
                const step_map &map) {
   std::memset(map.steps, 0,
               static_cast<size_t>(map.width) * static_cast<size_t>(map.height) * sizeof *map.steps);
   // From the first pixel with a plateau before it to the last with one from it on.
   const int32_t left = way.across * plateau, right = map.width - way.across * (plateau - 1);
   const int32_t top = way.down * plateau, bottom = map.height - way.down * (plateau - 1);
   if (left >= right || top >= bottom)
      return;
   const auto stride = [&](const luma_picture &picture) {
      return way.across + way.down * static_cast<ptrdiff_t>(picture.samples.stride);
   };
   for_each_row(call, map.width, top, bottom, [&](int32_t y) {
      find_steps_in_row(stepped.row(y) + left, stride(stepped), right - left, map.found + left);
      for (int32_t x = left; x < right; ++x)
         if (map.found[x])
            map.row(y)[x] = static_cast<int16_t>(
                false_step({stepped.row(y) + x, stride(stepped)}, {gentle.row(y) + x, stride(gentle)}));
   });
}

// The first of 2 * reach + 1 lines around `centre` that all lie within `length`, or of as many as there are.
int32_t first_around(int32_t centre, int32_t length) {
   return std::clamp(centre - reach, 0, std::max(0, length - (2 * reach + 1)));
}

// Whether enough steps that rise the same way lie around this one.
bool is_long(const step_map &map, int32_t x, int32_t y) {
   const bool rises = map.row(y)[x] > 0;
   const int32_t left = first_around(x, map.width), top = first_around(y, map.height);
   const int32_t right = std::min(map.width, left + 2 * reach + 1);
   const int32_t bottom = std::min(map.height, top + 2 * reach + 1);
   int count = 0;
   for (int32_t line = top; line < bottom; ++line)
      for (int32_t i = left; i < right; ++i) {
         const int step = map.row(line)[i];
         count += rises ? step > 0 : step < 0;
      }
   return count >= least_length;
}

// Sum of the squares of all long contours' steps, in levels times `plateau`.
int64_t squared_contours(const giflab_call &call, const step_map &map) {
   int64_t sum = 0;
   for_each_row(call, map.width, 0, map.height, [&](int32_t y) {
      for (int32_t x = 0; x < map.width; ++x)
         if (const int step = map.row(y)[x]; step != 0 && is_long(map, x, y))
            sum += step * step;
   });
   return sum;
}

double false_contours(const giflab_call &call, const luma_picture &stepped, const luma_picture &gentle,
                      const step_map &map) {
   int64_t sum = 0;
   for (const direction way : {direction{1, 0}, direction{0, 1}}) {
      find_steps(call, stepped, gentle, way, map);
      sum += squared_contours(call, map);
   }
   return std::sqrt(static_cast<double>(sum) / stepped.pixels()) / plateau;
}

void banding::measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
   const int32_t width = pairs[0].distorted->width, height = pairs[0].distorted->height;
   const size_t pixels = static_cast<size_t>(width) * static_cast<size_t>(height);
   const step_map map = {giflab::scratch<int16_t>(call, pixels).data(), width, height,
                         giflab::scratch<uint8_t>(call, static_cast<size_t>(width)).data()};
   for (uint32_t i = 0; i < pairs.size(); ++i) {
      const luma_picture reference = luma_of(*pairs[i].reference), distorted = luma_of(*pairs[i].distorted);
      const double added = false_contours(call, distorted, reference, map);
      const double removed = false_contours(call, reference, distorted, map);
      call.score(&call, i, CHANGE, added - removed);
      call.score(&call, i, ADDED, added);
      call.score(&call, i, REMOVED, removed);
   }
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.banding",
    .label = "Change of banding",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .help = "Contours that one picture has where the other passes gently, in luma: banding that came or went.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_100NS,
    .batch = 8,
    .bytes_per_pixel = 3, // a map, and a row
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::frame_metric<banding>,
    .create = giflab::create<banding>,
    .destroy = giflab::destroy<banding>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
