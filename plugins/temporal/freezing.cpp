// Where the distorted clip stands still while the original moves visibly.

#include "kept_picture.hpp"
#include "plugins.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace giflab::temporal {

namespace {

using namespace giflab::kernels;

class freezing {
 public:
   explicit freezing(const giflab_setup &setup);
   void begin(const giflab_call &, const giflab_clip &);
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs);
   void finish(const giflab_call &call);

 private:
   bool is_frozen(const giflab_call &call, const giflab_pair &pair);
   void follow_original(const giflab_pair &pair, bool frozen);

   double visible_change_;
   kept_picture original_; // when the distorted picture came on show; unused while it is not held
   bool held_ = false;     // the distorted picture was on show before
   int64_t pairs_ = 0;
   bool all_frozen_ = false; // through all pairs so far of the original's present picture
   int64_t overslept_ = 0;   // pictures of the original
};

constexpr giflab_param params[] = {
    giflab::real_parameter("visible_change",
                           "A change is visible if its mean over some block of 4x4 pixels is above this.",
                           "levels", 0, 255, 8),
};

freezing::freezing(const giflab_setup &setup)
    : visible_change_(giflab::parameters(params, setup).real("visible_change")) {}

enum { FROZEN_SHARE, FROZEN_FRAMES };
constexpr giflab_output outputs[] = {
    {.id = "frozen_share",
     .help = "Share of the time in which the distorted clip stands still although the original moved on.",
     .unit = "%",
     .lowest = 0,
     .highest = 100,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "frozen_frames",
     .help = "Pictures of the original that pass while the distorted clip shows an older one all the time.",
     .unit = "frames",
     .lowest = 0,
     .highest = INFINITY,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_CLIP,
     .pool = GIFLAB_POOL_MEAN},
};

// ---- What is visible

constexpr int32_t visible_block = 4; // pixels of a side: averages noise, and is no wider than a stroke of text
constexpr int32_t pixels_per_band = 1 << 18;

uint32_t change_of_block(const kernels::plane<uint8_t> &a, const kernels::plane<uint8_t> &b, int32_t top,
                         int32_t bottom, size_t first, size_t end) {
   uint32_t sum = 0;
   for (int32_t y = top; y < bottom; ++y)
      for (size_t i = first; i < end; ++i)
         sum += static_cast<uint32_t>(std::abs(a.row(y)[i] - b.row(y)[i]));
   return sum;
}

bool row_of_blocks_differs(const kernels::plane<uint8_t> &a, const kernels::plane<uint8_t> &b, int32_t top,
                           int32_t bottom, size_t samples, double most) {
   constexpr size_t step = visible_block * 3;
   for (size_t first = 0; first < samples; first += step) {
      const size_t end = std::min(samples, first + step);
      const uint32_t change = change_of_block(a, b, top, bottom, first, end);
      if (change > most * static_cast<double>((end - first) * static_cast<size_t>(bottom - top)))
         return true;
   }
   return false;
}

bool visibly_differ(const giflab_call &call, const kernels::plane<uint8_t> &a, const giflab_image &image,
                    double most) {
   const auto b = plane_of<uint8_t>(image, GIFLAB_RGB8);
   const int32_t rows_of_blocks = (image.height - 1) / visible_block + 1;
   bool differ = false;
   for_each_band(
       call, image.width, rows_of_blocks, pixels_per_band / visible_block, [&](int32_t first, int32_t count) {
          for (int32_t row = first; row < first + count && !differ; ++row) {
             const int32_t top = row * visible_block;
             const int32_t bottom = std::min(image.height, top + visible_block);
             differ = row_of_blocks_differs(a, b, top, bottom, static_cast<size_t>(image.width) * 3, most);
          }
       });
   return differ;
}

// ---- The clip

void freezing::begin(const giflab_call &, const giflab_clip &) {
   held_ = all_frozen_ = false;
   pairs_ = overslept_ = 0;
}

// Whether the original moved away from what it showed when the distorted picture came.
bool freezing::is_frozen(const giflab_call &call, const giflab_pair &pair) {
   if (pair.distorted->content != pair.distorted->previous->content) {
      held_ = false;
      return false;
   }
   if (!held_)
      original_.keep(call, *pair.reference->previous);
   held_ = true;
   return visibly_differ(call, original_.read(), *pair.reference, visible_change_);
}

// A picture of the original counts once it is gone, if the distorted clip was frozen all the while.
void freezing::follow_original(const giflab_pair &pair, bool frozen) {
   if (pair.reference->content == pair.reference->previous->content) {
      all_frozen_ &= frozen;
      return;
   }
   overslept_ += all_frozen_;
   all_frozen_ = frozen;
}

void freezing::measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
   for (uint32_t i = 0; i < pairs.size(); ++i, ++pairs_) {
      if (pairs_ == 0) {
         call.score(&call, i, FROZEN_SHARE, NAN);
         continue;
      }
      const bool frozen = is_frozen(call, pairs[i]);
      follow_original(pairs[i], frozen);
      call.score(&call, i, FROZEN_SHARE, frozen ? 100 : 0);
   }
}

void freezing::finish(const giflab_call &call) {
   call.score(&call, 0, FROZEN_FRAMES, pairs_ < 2 ? NAN : static_cast<double>(overslept_ + all_frozen_));
}

} // namespace

constexpr giflab_plugin freezing_plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.freezing",
    .label = "Freezing",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .help = "How long, and over how many pictures of the original, the distorted clip stands still.",
    GIFLAB_PARAMS(params),
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_RGB8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_CLIP,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .lookback = 1,
    .batch = 8,
    .bytes_per_pixel = 3, // a picture of the original
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::clip_metric<freezing>,
    .create = giflab::create<freezing>,
    .destroy = giflab::destroy<freezing>,
};

} // namespace giflab::temporal
