// Leaves pictures out: evenly, down to a rate, or those that look like the one before. A picture that stays is
// on show until the next one that stays begins, so the clip lasts as long as before, to the microsecond.

#include "difference.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <giflab/plugin.hpp>
#include <giflab_kernels/images.hpp>

namespace {

using namespace giflab::plugins;

kept_picture copy_of(const giflab_call &call, const giflab_image &image) {
   kept_picture made{image.width, image.height, {}};
   const auto pixels = giflab::kernels::plane_of<uint8_t>(image, GIFLAB_RGBA8);
   const auto row_bytes = static_cast<std::size_t>(image.width) * 4;
   made.pixels.reserve(row_bytes * static_cast<std::size_t>(image.height));
   for (int32_t y = 0; y < image.height; ++y) {
      giflab::stop_if_cancelled(call);
      made.pixels.insert(made.pixels.end(), pixels.row(y), pixels.row(y) + row_bytes);
   }
   return made;
}

void put(const giflab_call &call, const giflab_sink &sink, const kept_picture &picture, int64_t start_us,
         int64_t duration_us) {
   giflab_canvas *canvas = sink.open(&sink, start_us, duration_us);
   if (!canvas)
      throw giflab::failure(GIFLAB_NO_MEMORY, "no memory for a picture");
   for (int32_t y = 0; y < picture.height; ++y) {
      giflab::stop_if_cancelled(call);
      std::memcpy(static_cast<uint8_t *>(canvas->data) + static_cast<std::size_t>(y) * canvas->stride,
                  picture.row(y), static_cast<std::size_t>(picture.width) * 4);
   }
   if (const giflab_status status = sink.put(&sink, canvas); status != GIFLAB_OK)
      throw giflab::failure(status, "the picture was not taken");
}

// Holds the last picture that stays until it is known how long. `Rule` says which ones stay: start() begins a
// clip, keeps(call, image, last) judges every picture but the first, took(image) hears of each that stays, and
// count(pictures) tells how many of so many stay, -1 if that depends on them.
template <class Rule> class frame_drop {
 public:
   explicit frame_drop(const giflab_setup &setup) : rule_(setup) {}

   void plan(const giflab_clip &source, giflab_clip &result) {
      rule_.start();
      holds_ = false;
      result = source;
      result.frame_count = source.frame_count < 0 ? -1 : rule_.count(source.frame_count);
   }

   void apply(const giflab_call &call, const giflab_image &image, const giflab_sink &sink) {
      if (holds_ && !rule_.keeps(call, image, held_)) {
         duration_us_ += image.duration_us;
         return;
      }
      drain(call, sink);
      held_ = copy_of(call, image);
      rule_.took(image);
      start_us_ = image.start_us;
      duration_us_ = image.duration_us;
      holds_ = true;
   }

   void drain(const giflab_call &call, const giflab_sink &sink) {
      if (holds_)
         put(call, sink, held_, start_us_, duration_us_);
      holds_ = false;
   }

 private:
   Rule rule_;
   bool holds_ = false;
   kept_picture held_;
   int64_t start_us_ = 0, duration_us_ = 0;
};

// ---- Evenly

constexpr giflab_param even_params[] = {
    giflab::real_parameter("keep", "The share of pictures that stays.", nullptr, 0.01, 1, 0.5),
};

class evenly {
 public:
   explicit evenly(const giflab_setup &setup) : keep_(giflab::parameters(even_params, setup).real("keep")) {}

   void start() { seen_ = 1; }
   bool keeps(const giflab_call &, const giflab_image &, const kept_picture &) {
      const int64_t number = seen_++;
      return rank(number) > rank(number - 1);
   }
   void took(const giflab_image &) {}
   int64_t count(int64_t pictures) const { return pictures == 0 ? 0 : rank(pictures - 1) + 1; }

 private:
   // How many of the pictures up to this one stay, less one. The hair is for shares such as 0.29 that binary
   // numbers only nearly are.
   int64_t rank(int64_t number) const {
      return static_cast<int64_t>(std::floor(static_cast<double>(number) * keep_ + 1e-9));
   }

   double keep_;
   int64_t seen_ = 1;
};

// ---- Down to a rate

constexpr giflab_param rate_params[] = {
    giflab::real_parameter("frames_per_second", "How many pictures of a second stay at most.", "Hz", 0.1, 100,
                           10),
};

// Time is cut into slots as long as a picture at that rate; the first picture to begin in a slot stays.
class to_rate {
 public:
   explicit to_rate(const giflab_setup &setup)
       : rate_(giflab::parameters(rate_params, setup).real("frames_per_second")) {}

   void start() {}
   bool keeps(const giflab_call &, const giflab_image &image, const kept_picture &) const {
      return slot_of(image) > slot_;
   }
   void took(const giflab_image &image) { slot_ = slot_of(image); }
   int64_t count(int64_t) const { return -1; }

 private:
   // Half a microsecond early: times are rounded to whole ones.
   int64_t slot_of(const giflab_image &image) const {
      return static_cast<int64_t>(std::floor((static_cast<double>(image.start_us) + 0.5) * rate_ / 1e6));
   }

   double rate_;
   int64_t slot_ = 0;
};

// ---- By likeness

constexpr giflab_param similar_params[] = {
    giflab::real_parameter(
        "threshold",
        "A picture goes if no 16x16 block differs from the last that stayed by more (root mean "
        "square); 0 drops repeats alone.",
        "levels", 0, 255, 3),
};

class dissimilar {
 public:
   explicit dissimilar(const giflab_setup &setup)
       : threshold_(giflab::parameters(similar_params, setup).real("threshold")) {}

   void start() {}
   bool keeps(const giflab_call &call, const giflab_image &image, const kept_picture &last) const {
      return largest_block_difference(last, giflab::kernels::plane_of<uint8_t>(image, GIFLAB_RGBA8),
                                      [&] { giflab::stop_if_cancelled(call); }) > threshold_;
   }
   void took(const giflab_image &) {}
   int64_t count(int64_t) const { return -1; }

 private:
   double threshold_;
};

// ---- The tables

template <class Rule>
giflab_status plan(void *instance, const giflab_clip *source, giflab_clip *result) noexcept {
   static_cast<frame_drop<Rule> *>(instance)->plan(*source, *result);
   return GIFLAB_OK;
}

template <class Rule>
giflab_status apply(void *instance, const giflab_call *call, const giflab_image *image,
                    const giflab_sink *sink) noexcept {
   return giflab::guarded(call, [&] {
      auto &filter = *static_cast<frame_drop<Rule> *>(instance);
      image ? filter.apply(*call, *image, *sink) : filter.drain(*call, *sink);
   });
}

template <class Rule> constexpr giflab_filter filter_of = {.plan = plan<Rule>, .apply = apply<Rule>};

template <class Rule, std::size_t N>
constexpr giflab_plugin plugin_of(const char *id, const char *label, const char *help, uint32_t cost,
                                  const giflab_param (&params)[N]) {
   return {
       .size = sizeof(giflab_plugin),
       .id = id,
       .label = label,
       .version = "1",
       .vendor = "giflab",
       .license = "MIT",
       .help = help,
       GIFLAB_PARAMS(params),
       .inputs = GIFLAB_BIT(GIFLAB_RGBA8),
       .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
       .scope = GIFLAB_SCOPE_CLIP,
       .threads = GIFLAB_PER_INSTANCE,
       .determinism = GIFLAB_EXACT,
       .cost = cost,
       .bytes_per_pixel = 8, // the held picture, and the next while it is copied
       .least_width = 1,
       .least_height = 1,
       .filter = &filter_of<Rule>,
       .create = giflab::create<frame_drop<Rule>>,
       .destroy = giflab::destroy<frame_drop<Rule>>,
   };
}

constexpr giflab_plugin even =
    plugin_of<evenly>("org.giflab.drop_even", "Drop evenly",
                      "Leaves out pictures so that a share of them stays.", GIFLAB_COST_10NS, even_params);
constexpr giflab_plugin rate = plugin_of<to_rate>(
    "org.giflab.drop_to_rate", "Drop to a rate",
    "Leaves out pictures that come faster than a rate; none is repeated.", GIFLAB_COST_10NS, rate_params);
constexpr giflab_plugin similar = plugin_of<dissimilar>(
    "org.giflab.drop_similar", "Drop what is alike", "Leaves out pictures that look like the last that stayed.",
    GIFLAB_COST_100NS, similar_params);

constexpr const giflab_plugin *plugins[] = {&even, &rate, &similar};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
