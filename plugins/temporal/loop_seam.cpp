// The jump from the last picture back to the first, beyond the original's own.

#include "change.hpp"
#include "kept_picture.hpp"
#include "plugins.hpp"

#include <cmath>
#include <giflab_kernels/images.hpp>

namespace giflab::temporal {

namespace {

using namespace giflab::kernels;

class loop_seam {
 public:
   explicit loop_seam(const giflab_setup &) {}
   void begin(const giflab_call &, const giflab_clip &) { pairs_ = 0; }
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs);
   void finish(const giflab_call &call);

 private:
   kept_picture reference_, distorted_; // the first
   int64_t pairs_ = 0;
   double excess_ = 0; // from the latest picture to the first
};

constexpr giflab_output outputs[] = {
    {.id = "loop_seam_excess",
     .help = "Mean of how much more each sample jumps from the last picture to the first than the original's.",
     .unit = "levels",
     .lowest = 0,
     .highest = 255,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_CLIP,
     .pool = GIFLAB_POOL_MEAN},
};

constexpr int32_t pixels_per_band = 1 << 18;

// Which pair is the last is known at the end only, when its pictures are gone: the last of each call may be it.
void loop_seam::measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
   if (pairs_ == 0) {
      reference_.keep(call, *pairs[0].reference);
      distorted_.keep(call, *pairs[0].distorted);
   }
   pairs_ += static_cast<int64_t>(pairs.size());
   const giflab_image &reference = *pairs.back().reference, &distorted = *pairs.back().distorted;
   const moments of{plane_of<uint8_t>(reference, GIFLAB_RGB8), reference_.read(),
                    plane_of<uint8_t>(distorted, GIFLAB_RGB8), distorted_.read()};
   change_sums sums;
   for_each_band(call, reference.width, reference.height, pixels_per_band, [&](int32_t first, int32_t rows) {
      add_change(of, {0, first, reference.width, rows}, sums);
   });
   excess_ = static_cast<double>(sums.excess) / (3.0 * reference.width * reference.height);
}

void loop_seam::finish(const giflab_call &call) { call.score(&call, 0, 0, pairs_ < 2 ? NAN : excess_); }

} // namespace

constexpr giflab_plugin loop_seam_plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.loop_seam",
    .label = "Loop seam",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .help = "The jump where a clip starts over, as far as the original does not jump itself.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_RGB8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_CLIP,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .batch = 8,
    .bytes_per_pixel = 6, // the first pictures
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::clip_metric<loop_seam>,
    .create = giflab::create<loop_seam>,
    .destroy = giflab::destroy<loop_seam>,
};

} // namespace giflab::temporal
