#pragma once
// Clips as the host passes them: pairs in order, each image with the ones before it, its changed rectangle and
// its content id.

#include "fake_host.hpp"

#include <deque>
#include <functional>

namespace giflab::test {

// Pictures of one size from a formula of (x, y, channel, frame).
template <class Formula>
std::vector<picture> pictures_of(int32_t width, int32_t height, int frames, Formula &&formula) {
   std::vector<picture> made;
   for (int t = 0; t < frames; ++t) {
      picture &next = made.emplace_back(width, height);
      for (int32_t y = 0; y < height; ++y)
         for (int32_t x = 0; x < width; ++x)
            for (int32_t c = 0; c < 3; ++c)
               next.rgb[next.at(x, y, c)] = static_cast<uint8_t>(formula(x, y, c, t));
   }
   return made;
}

struct clip_layout {
   bool rectangles = true; // the least that holds what changed; else the whole picture always
   size_t spare = 0;       // as fake_image has it
   uint8_t poison = 0xAA;
};

class fake_clip {
 public:
   fake_clip(const std::vector<picture> &reference, const std::vector<picture> &distorted,
             const clip_layout &layout = {})
       : layout_(layout) {
      for (size_t i = 0; i < reference.size(); ++i) {
         add(reference, i, reference_);
         add(distorted, i, distorted_);
      }
   }

   size_t pairs() const { return reference_.size(); }
   const giflab_image &reference(size_t pair) const { return reference_[pair].image; }

   // One pair with at most `lookback` images before it, as long as this clip lives.
   giflab_pair pair(size_t at, uint32_t lookback) {
      return {show(reference_, at, lookback), show(distorted_, at, lookback)};
   }

 private:
   void add(const std::vector<picture> &pictures, size_t at, std::deque<fake_image> &side) {
      const picture &shown = pictures[at];
      giflab_image &image = side.emplace_back(shown, layout_.spare, layout_.poison).image;
      image.content =
          std::hash<std::string_view>()({reinterpret_cast<const char *>(shown.rgb.data()), shown.rgb.size()}) |
          1;
      if (layout_.rectangles && at > 0)
         mark_changes(pictures[at - 1], shown, image);
   }

   static void mark_changes(const picture &before, const picture &now, giflab_image &image) {
      int32_t left = now.width, top = now.height, right = 0, bottom = 0;
      for (int32_t y = 0; y < now.height; ++y)
         for (int32_t x = 0; x < now.width; ++x)
            if (std::memcmp(before.rgb.data() + before.at(x, y), now.rgb.data() + now.at(x, y), 3) != 0) {
               left = std::min(left, x), right = std::max(right, x + 1);
               top = std::min(top, y), bottom = y + 1;
            }
      const bool held = right == 0;
      image.changed_x = held ? 0 : left, image.changed_width = held ? 0 : right - left;
      image.changed_y = held ? 0 : top, image.changed_height = held ? 0 : bottom - top;
   }

   const giflab_image *show(const std::deque<fake_image> &side, size_t at, uint32_t lookback) {
      giflab_image &shown = shown_.emplace_back(side[at].image);
      shown.previous = lookback > 0 && at > 0 ? show(side, at - 1, lookback - 1) : nullptr;
      return &shown;
   }

   clip_layout layout_;
   std::deque<fake_image> reference_, distorted_;
   std::deque<giflab_image> shown_; // copies, each with a chain of its own
};

// What a metric says of a clip: PER_FRAME outputs by pair, PER_CLIP outputs in `whole`.
struct clip_values {
   std::vector<values> frames;
   values whole;
};

struct clip_reading {
   uint32_t level = 2;
   size_t batch = 8;
   std::vector<giflab_value> chosen; // the defaults if empty
};

namespace detail {

inline void keep_scores(const giflab_plugin &plugin, const fake_call &call, uint32_t level, size_t pairs,
                        std::vector<values> &into) {
   size_t expected = 0;
   for (uint32_t i = 0; i < plugin.output_count; ++i)
      expected += plugin.outputs[i].level == level ? pairs : 0;
   if (call.twice || call.scores.size() != expected)
      throw std::runtime_error("not one score for each output of its level");
   const size_t first = into.size();
   into.resize(first + pairs);
   for (const auto &[key, value] : call.scores) {
      if (plugin.outputs[key.second].level != level)
         throw std::runtime_error("a score of the other level");
      into.at(first + key.first)[plugin.outputs[key.second].id] = value;
   }
}

inline void require_ok(giflab_status status) {
   if (status != GIFLAB_OK)
      throw std::runtime_error("a call failed");
}

} // namespace detail

// Measures a clip with a metric of FRAME or CLIP scope.
inline clip_values measure_clip(const giflab_plugin &plugin, fake_clip &clip,
                                const clip_reading &reading = {}) {
   const std::vector<giflab_value> chosen = reading.chosen.empty() ? default_values(plugin) : reading.chosen;
   giflab_setup setup = {};
   setup.clip.width = clip.reference(0).width, setup.clip.height = clip.reference(0).height;
   setup.clip.frame_count = setup.clip.duration_us = -1;
   setup.level = reading.level;
   setup.values = chosen.data();
   const bool whole = plugin.scope == GIFLAB_SCOPE_CLIP;
   void *instance = nullptr;
   fake_call around;
   detail::require_ok(plugin.create(&around.c, &setup, &instance));
   if (whole)
      detail::require_ok(plugin.metric->begin(instance, &around.c, &setup.clip));
   clip_values result;
   for (size_t first = 0; first < clip.pairs(); first += reading.batch) {
      std::vector<giflab_pair> pairs;
      for (size_t i = first; i < std::min(clip.pairs(), first + reading.batch); ++i)
         pairs.push_back(clip.pair(i, plugin.lookback));
      fake_call call;
      detail::require_ok(
          plugin.metric->measure(instance, &call.c, pairs.data(), static_cast<uint32_t>(pairs.size())));
      detail::keep_scores(plugin, call, GIFLAB_PER_FRAME, pairs.size(), result.frames);
   }
   if (whole) {
      fake_call last;
      detail::require_ok(plugin.metric->finish(instance, &last.c));
      std::vector<values> scored;
      detail::keep_scores(plugin, last, GIFLAB_PER_CLIP, 1, scored);
      result.whole = scored[0];
   }
   plugin.destroy(instance);
   return result;
}

} // namespace giflab::test
