// How much fine noise came or went where the original is smooth.

#include <algorithm>
#include <cmath>
#include <giflab_kernels/luma.hpp>

namespace {

using namespace giflab::kernels;

struct dither_energy {
   explicit dither_energy(const giflab_setup &) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const;
};

enum { CHANGE, AREA };
constexpr giflab_output outputs[] = {
    {.id = "dither_energy_change",
     .help = "Root mean square of what is finer than 2 pixels in smooth blocks of the original, distorted less "
             "original: above 0 dither or noise came, below 0 it went; undefined without smooth blocks.",
     .unit = "levels",
     .lowest = -255,
     .highest = 255,
     .identical = 0,
     .direction = GIFLAB_NEITHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "dither_area",
     .help = "Blocks of the original that are smooth, and so were looked at.",
     .unit = "%",
     .lowest = 0,
     .highest = 100,
     .identical = NAN,
     .direction = GIFLAB_NEITHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

constexpr int32_t block = 8, quarter = block / 2;

// A block is smooth if the means of its four quarters lie within this many levels: up to 2 levels a pixel,
// which banding and dithering are about, and whatever dither the block itself has.
constexpr int smooth_range = 8;

int sum_of_quarter(const luma_picture &picture, int32_t left, int32_t top) {
   int sum = 0;
   for (int32_t y = top; y < top + quarter; ++y)
      for (int32_t x = left; x < left + quarter; ++x)
         sum += picture.row(y)[x];
   return sum;
}

bool is_smooth(const luma_picture &picture, int32_t left, int32_t top) {
   const int sums[] = {sum_of_quarter(picture, left, top), sum_of_quarter(picture, left + quarter, top),
                       sum_of_quarter(picture, left, top + quarter),
                       sum_of_quarter(picture, left + quarter, top + quarter)};
   const auto [least, most] = std::minmax_element(std::begin(sums), std::end(sums));
   return *most - *least <= smooth_range * quarter * quarter;
}

// Root mean square of each pixel less the mean of its surroundings, weighted 1 2 1 each way, over the block's
// pixels whose surroundings lie in the block. Nothing of a plane is left; of alternating columns, rows or
// squares all is.
double fine_noise(const luma_picture &picture, int32_t left, int32_t top) {
   int squared = 0;
   for (int32_t y = top + 1; y < top + block - 1; ++y) {
      const uint8_t *above = picture.row(y - 1), *here = picture.row(y), *below = picture.row(y + 1);
      for (int32_t x = left + 1; x < left + block - 1; ++x) {
         const int corners = above[x - 1] + above[x + 1] + below[x - 1] + below[x + 1];
         const int sides = above[x] + here[x - 1] + here[x + 1] + below[x];
         const int value = 12 * here[x] - 2 * sides - corners;
         squared += value * value;
      }
   }
   constexpr double samples = (block - 2) * (block - 2), unit = 16;
   return std::sqrt(squared / samples) / unit;
}

struct totals {
   double change = 0;
   int64_t smooth = 0, blocks = 0;
};

totals totals_of(const giflab_call &call, const luma_picture &reference, const luma_picture &distorted) {
   const int32_t across = reference.width / block, down = reference.height / block;
   totals sums;
   sums.blocks = static_cast<int64_t>(across) * down;
   for_each_row(call, reference.width * block, 0, down, [&](int32_t row) {
      for (int32_t column = 0; column < across; ++column) {
         const int32_t left = column * block, top = row * block;
         if (!is_smooth(reference, left, top))
            continue;
         ++sums.smooth;
         sums.change += fine_noise(distorted, left, top) - fine_noise(reference, left, top);
      }
   });
   return sums;
}

void dither_energy::measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
   for (uint32_t i = 0; i < pairs.size(); ++i) {
      const totals sums = totals_of(call, luma_of(*pairs[i].reference), luma_of(*pairs[i].distorted));
      const auto smooth = static_cast<double>(sums.smooth);
      call.score(&call, i, CHANGE, sums.smooth == 0 ? NAN : sums.change / smooth);
      call.score(&call, i, AREA, 100 * smooth / static_cast<double>(sums.blocks));
   }
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.dither",
    .label = "Change of dither",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .help = "How much fine noise, such as dither, came or went where the original is smooth, in luma.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .batch = 8,
    .least_width = block,
    .least_height = block,
    .metric = &giflab::frame_metric<dither_energy>,
    .create = giflab::create<dither_energy>,
    .destroy = giflab::destroy<dither_energy>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
