// Added flicker: what changes from one picture to the next in the distorted clip beyond what changes in the
// reference. Dither that is redrawn in every frame and noise that comes and goes show here and nowhere else:
// each picture alone may look fine.
//
// It shows: CLIP scope. `begin` forgets whatever was before, `measure` gets the pairs in order and keeps the
// last one, `finish` scores what only a whole clip can tell. Where nothing changed, nothing is computed.

#include <giflab/plugin.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

namespace {

enum { ADDED_FLICKER, FLICKERING_AREA };
constexpr giflab_output outputs[] = {
    {.id = "added_flicker",
     .help =
         "Mean over all pixels of the change of luma since the picture before, beyond the reference's change; "
         "undefined for the first picture.",
     .unit = "levels",
     .lowest = 0,
     .highest = 255,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "flickering_area",
     .help = "Share of the pixels that at least once changed by 8 levels more than the reference did.",
     .unit = "%",
     .lowest = 0,
     .highest = 100,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_CLIP,
     .pool = GIFLAB_POOL_MEAN},
};

constexpr int visible = 8; // levels of luma between two pictures that follow each other

struct rectangle {
   int32_t left, top, right, bottom; // right and bottom are just outside
};

// All that changed in either picture of the pair.
rectangle changed(const giflab_pair &pair) {
   const giflab_image &a = *pair.reference, &b = *pair.distorted;
   if (a.changed_width == 0 || b.changed_width == 0) {
      const giflab_image &moved = a.changed_width == 0 ? b : a;
      return {moved.changed_x, moved.changed_y, moved.changed_x + moved.changed_width,
              moved.changed_y + moved.changed_height};
   }
   return {std::min(a.changed_x, b.changed_x), std::min(a.changed_y, b.changed_y),
           std::max(a.changed_x + a.changed_width, b.changed_x + b.changed_width),
           std::max(a.changed_y + a.changed_height, b.changed_y + b.changed_height)};
}

class added_flicker {
 public:
   added_flicker(const giflab_call &call, const giflab_setup &setup)
       : width_(setup.clip.width),
         pixels_(static_cast<size_t>(width_) * static_cast<size_t>(setup.clip.height)) {
      for (auto *each : {&reference_, &distorted_, &flickered_}) {
         giflab::stop_if_cancelled(call); // at 4K, all three take more than the 10 ms that one may stay silent
         each->resize(pixels_);
      }
   }

   void begin(const giflab_call &, const giflab_clip &) {
      first_ = true;
      std::ranges::fill(flickered_, uint8_t{0});
   }

   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
      for (uint32_t i = 0; i < pairs.size(); ++i) {
         const uint64_t sum = look_at(call, pairs[i]);
         call.score(&call, i, ADDED_FLICKER,
                    first_ ? NAN : static_cast<double>(sum) / static_cast<double>(pixels_));
         first_ = false;
      }
   }

   void finish(const giflab_call &call) {
      const auto count = std::ranges::count(flickered_, uint8_t{1});
      call.score(&call, 0, FLICKERING_AREA, 100.0 * static_cast<double>(count) / static_cast<double>(pixels_));
   }

 private:
   // Takes over what changed; the sum of what changed too much, in levels.
   uint64_t look_at(const giflab_call &call, const giflab_pair &pair) {
      const rectangle area = changed(pair);
      uint64_t sum = 0;
      for (int32_t y = area.top; y < area.bottom; ++y) {
         giflab::stop_if_cancelled(call);
         sum += look_at_row(giflab::row<uint8_t>(giflab::plane(*pair.reference, GIFLAB_LUMA8), y),
                            giflab::row<uint8_t>(giflab::plane(*pair.distorted, GIFLAB_LUMA8), y),
                            static_cast<size_t>(y) * static_cast<size_t>(width_), area);
      }
      return sum;
   }

   uint64_t look_at_row(const uint8_t *reference, const uint8_t *distorted, size_t row, const rectangle &area) {
      uint64_t sum = 0;
      for (auto x = static_cast<size_t>(area.left); x < static_cast<size_t>(area.right); ++x) {
         const size_t at = row + x;
         const int added =
             first_ ? 0 : std::abs(distorted[x] - distorted_[at]) - std::abs(reference[x] - reference_[at]);
         sum += static_cast<uint64_t>(std::max(added, 0));
         flickered_[at] |= added >= visible;
         reference_[at] = reference[x];
         distorted_[at] = distorted[x];
      }
      return sum;
   }

   int32_t width_;
   size_t pixels_;
   std::vector<uint8_t> reference_, distorted_; // luma of the last pair
   std::vector<uint8_t> flickered_;             // 1 where a pixel ever changed visibly too much
   bool first_ = true;
};

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.example.added_flicker",
    .label = "Added flicker",
    .version = "1",
    .vendor = "example",
    .license = "MIT",
    .help = "Change from picture to picture that the reference does not have, such as redrawn dither.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_CLIP,
    .threads = GIFLAB_PER_INSTANCE,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .batch = 8,
    .bytes_per_pixel = 3, // the three vectors
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::clip_metric<added_flicker>,
    .create = giflab::create<added_flicker>,
    .destroy = giflab::destroy<added_flicker>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "example");
