// Shows a clip at another frame rate: pictures are left out or repeated, none is changed, and the clip lasts
// exactly as long as before. Picture k of the result is what the source shows at k / frames_per_second.
//
// It shows: a filter of CLIP scope. `plan` says what will come out, `apply` puts none, one or many pictures for
// each that goes in, and its last call, without an image, drains what is left. Pictures go through by `pass`,
// which costs nothing. Only where the source's length is unknown, the filter must wait and see how long a
// picture that reaches beyond its own source picture may stay: an image is borrowed, so it keeps a copy.

#include <giflab/plugin.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace {

constexpr giflab_param params[] = {
    giflab::real_parameter("frames_per_second", "How many pictures a second the result shows.", "Hz", 0.1, 100,
                           10),
};

class frame_rate {
 public:
   explicit frame_rate(const giflab_setup &setup)
       : frames_per_second_(giflab::parameters(params, setup).real("frames_per_second")) {}

   // A new clip starts here.
   void plan(const giflab_clip &source, giflab_clip &result) {
      *this = frame_rate(frames_per_second_);
      duration_us_ = source.duration_us;
      result = source;
      result.frame_count = duration_us_ < 0 ? -1 : std::max<int64_t>(1, frames_until(duration_us_));
   }

   void apply(const giflab_call &call, const giflab_image &image, const giflab_sink &sink) {
      source_end_us_ = image.start_us + image.duration_us;
      if (held_ && start_of(next_) <= source_end_us_)
         put_held(call, sink, start_of(next_));
      // A still has no length, and shows its one picture all the same.
      for (; start_of(next_) < source_end_us_ || next_ == 0; ++next_) {
         giflab::stop_if_cancelled(call);
         const int64_t start = start_of(next_), end = start_of(next_ + 1);
         if (duration_us_ >= 0)
            check(sink.pass(&sink, &image, start, std::min(end, duration_us_) - start));
         else if (end <= source_end_us_)
            check(sink.pass(&sink, &image, start, end - start));
         else
            hold(call, image, start);
      }
   }

   void drain(const giflab_call &call, const giflab_sink &sink) {
      if (held_)
         put_held(call, sink, source_end_us_);
   }

 private:
   explicit frame_rate(double frames_per_second) : frames_per_second_(frames_per_second) {}

   // From its number, not from the frame before, so that errors of rounding do not add up.
   int64_t start_of(int64_t frame) const {
      return std::llround(static_cast<double>(frame) * 1e6 / frames_per_second_);
   }

   // How many frames start before `end_us`.
   int64_t frames_until(int64_t end_us) const {
      auto count = static_cast<int64_t>(static_cast<double>(end_us) * frames_per_second_ / 1e6);
      while (start_of(count) < end_us)
         ++count;
      while (count > 0 && start_of(count - 1) >= end_us)
         --count;
      return count;
   }

   void hold(const giflab_call &call, const giflab_image &image, int64_t start) {
      const auto row_bytes = static_cast<size_t>(image.width) * 4;
      pixels_.clear();
      pixels_.reserve(row_bytes * static_cast<size_t>(image.height));
      for (int32_t y = 0; y < image.height; ++y) {
         giflab::stop_if_cancelled(call);
         const auto *row = giflab::row<uint8_t>(giflab::plane(image, GIFLAB_RGBA8), y);
         pixels_.insert(pixels_.end(), row, row + row_bytes);
      }
      start_us_ = start;
      held_ = true;
   }

   void put_held(const giflab_call &call, const giflab_sink &sink, int64_t end) {
      held_ = false;
      giflab_canvas *canvas = sink.open(&sink, start_us_, end - start_us_);
      if (!canvas)
         throw giflab::failure(GIFLAB_NO_MEMORY, "no memory for a picture");
      const auto row_bytes = static_cast<size_t>(canvas->width) * 4;
      for (int32_t y = 0; y < canvas->height; ++y) {
         giflab::stop_if_cancelled(call);
         std::memcpy(static_cast<uint8_t *>(canvas->data) + static_cast<size_t>(y) * canvas->stride,
                     pixels_.data() + static_cast<size_t>(y) * row_bytes, row_bytes);
      }
      check(sink.put(&sink, canvas));
   }

   static void check(giflab_status status) {
      if (status != GIFLAB_OK)
         throw giflab::failure(status, "the picture was not taken");
   }

   double frames_per_second_;
   int64_t duration_us_ = -1;  // of the whole source; -1 unknown
   int64_t source_end_us_ = 0; // of the source as far as it came in
   int64_t next_ = 0;          // the frame that is to be put or held next
   bool held_ = false;         // frame next_ - 1 waits in pixels_ for its end
   int64_t start_us_ = 0;      // of the held frame
   std::vector<uint8_t> pixels_;
};

// ---- The table. The sugar knows metrics only, so a filter names its two callbacks itself. plan gets no call
// and can therefore explain nothing; it does nothing that fails.

giflab_status plan(void *instance, const giflab_clip *source, giflab_clip *result) noexcept {
   static_cast<frame_rate *>(instance)->plan(*source, *result);
   return GIFLAB_OK;
}

giflab_status apply(void *instance, const giflab_call *call, const giflab_image *image,
                    const giflab_sink *sink) noexcept {
   return giflab::guarded(call, [&] {
      auto &filter = *static_cast<frame_rate *>(instance);
      image ? filter.apply(*call, *image, *sink) : filter.drain(*call, *sink);
   });
}

constexpr giflab_filter filter = {.plan = plan, .apply = apply};
constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.example.frame_rate",
    .label = "Frame rate",
    .version = "1",
    .vendor = "example",
    .license = "MIT",
    .help = "Leaves pictures out or repeats them until there are so many a second; the clip lasts as long as "
            "before.",
    GIFLAB_PARAMS(params),
    .inputs = GIFLAB_BIT(GIFLAB_RGBA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_CLIP,
    .threads = GIFLAB_PER_INSTANCE,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .bytes_per_pixel = 4, // the copy of a held picture
    .least_width = 1,
    .least_height = 1,
    .filter = &filter,
    .create = giflab::create<frame_rate>,
    .destroy = giflab::destroy<frame_rate>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "example");
