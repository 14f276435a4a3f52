// Pumping: sharpness that swings from picture to picture against the original's.

#include "plugins.hpp"

#include <algorithm>
#include <cmath>
#include <giflab_kernels/images.hpp>

namespace giflab::temporal {

namespace {

using namespace giflab::kernels;

// One side of the clip: the sharpness of its latest picture.
struct sharpness_of_side {
   uint64_t content = 0; // 0: none yet
   double sharpness = 0;
};

class pumping {
 public:
   explicit pumping(const giflab_setup &) {}
   void begin(const giflab_call &, const giflab_clip &);
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs);
   void finish(const giflab_call &call);

 private:
   void add(double gap);

   sharpness_of_side reference_, distorted_;
   double last_gap_ = 0;
   int64_t gaps_ = 0;
   double mean_ = 0, scatter_ = 0; // of the steps between gaps, by Welford's recurrence
};

// 200 ln(1 + 255 sqrt 2): steps lie within twice the largest gap, and so does their deviation.
constexpr double largest = 1178.2;
constexpr giflab_output outputs[] = {
    {.id = "pumping_change",
     .help = "Standard deviation of the steps, from picture to picture, of sharpness relative to the original.",
     .unit = "%",
     .lowest = 0,
     .highest = largest,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_CLIP,
     .pool = GIFLAB_POOL_MEAN},
};

// ---- Sharpness of a picture

constexpr int32_t pixels_per_band = 1 << 19;

uint64_t squared_steps(const uint8_t *a, const uint8_t *b, int32_t count) {
   constexpr int32_t most = 1 << 16; // squares of so many steps fit 32 bits
   uint64_t sum = 0;
   for (int32_t first = 0; first < count; first += most) {
      uint32_t part = 0;
      for (int32_t i = first; i < std::min(count, first + most); ++i)
         part += static_cast<uint32_t>((a[i] - b[i]) * (a[i] - b[i]));
      sum += part;
   }
   return sum;
}

double mean_of(uint64_t sum, int64_t count) {
   return count == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(count);
}

// Root of the mean squared difference between neighbours along rows, plus that along columns, of luma in
// levels.
double sharpness(const giflab_call &call, const giflab_image &image) {
   const auto luma = plane_of<uint8_t>(image, GIFLAB_LUMA8);
   const int32_t width = image.width, height = image.height;
   uint64_t along_rows = 0, along_columns = 0;
   for_each_band(call, width, height, pixels_per_band, [&](int32_t first, int32_t rows) {
      for (int32_t y = first; y < first + rows; ++y) {
         along_rows += squared_steps(luma.row(y), luma.row(y) + 1, width - 1);
         if (y + 1 < height)
            along_columns += squared_steps(luma.row(y), luma.row(y + 1), width);
      }
   });
   return std::sqrt(mean_of(along_rows, (int64_t{width} - 1) * height) +
                    mean_of(along_columns, int64_t{width} * (height - 1)));
}

// False where the picture is the one that was seen last.
bool follow(const giflab_call &call, const giflab_image &image, sharpness_of_side &side) {
   if (image.content == side.content)
      return false;
   side = {image.content, sharpness(call, image)};
   return true;
}

// ---- The clip

void pumping::begin(const giflab_call &, const giflab_clip &) {
   reference_ = distorted_ = {};
   gaps_ = 0;
   mean_ = scatter_ = 0;
}

void pumping::add(double gap) {
   if (gaps_++ > 0) {
      const double step = gap - last_gap_, steps = static_cast<double>(gaps_ - 1);
      const double off = step - mean_;
      mean_ += off / steps;
      scatter_ += off * (step - mean_);
   }
   last_gap_ = gap;
}

void pumping::measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
   for (const giflab_pair &pair : pairs) {
      // A picture that is held has no say: the original may have moved on, which is not its sharpness changing.
      if (!follow(call, *pair.distorted, distorted_))
         continue;
      follow(call, *pair.reference, reference_);
      // A level more on both sides keeps pictures without any detail from making the ratio meaningless.
      add(100 * std::log((1 + distorted_.sharpness) / (1 + reference_.sharpness)));
   }
}

void pumping::finish(const giflab_call &call) {
   const double steps = static_cast<double>(gaps_ - 1);
   call.score(&call, 0, 0, gaps_ < 3 ? NAN : std::sqrt(std::max(0.0, scatter_ / steps)));
}

} // namespace

constexpr giflab_plugin pumping_plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.pumping",
    .label = "Pumping",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .help = "How unsteadily the sharpness of pictures follows that of the original.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_CLIP,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .batch = 8,
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::clip_metric<pumping>,
    .create = giflab::create<pumping>,
    .destroy = giflab::destroy<pumping>,
};

} // namespace giflab::temporal
