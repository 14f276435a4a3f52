#pragma once
// The least that a module needs around it: an arena, a place for scores, and images in the forms it asks for.

#include "pictures.hpp"

#include <array>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <giflab/plugin.h>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>

namespace giflab::test {

// One built-in module, loaded for good.
inline const giflab_module &module_of(const std::string &module) {
   void *handle = dlopen((std::string(MODULE_DIRECTORY "/") + module + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
   if (!handle)
      throw std::runtime_error(dlerror());
   return *static_cast<const giflab_module *>(dlsym(handle, "giflab_module_entry"));
}

inline const giflab_plugin &plugin_of(const std::string &module, const std::string &id) {
   const giflab_module &entry = module_of(module);
   for (uint32_t i = 0; i < entry.plugin_count; ++i)
      if (entry.plugins[i]->id == id)
         return *entry.plugins[i];
   throw std::runtime_error(module + " has no " + id);
}

struct free_memory {
   void operator()(void *memory) const { std::free(memory); }
};
using aligned_memory = std::unique_ptr<void, free_memory>;

inline aligned_memory aligned(size_t bytes, uint8_t fill) {
   const size_t whole = (bytes + 63) / 64 * 64;
   aligned_memory memory(std::aligned_alloc(64, whole ? whole : 64));
   std::memset(memory.get(), fill, whole);
   return memory;
}

// A call that keeps its scores. `c` must stay first: the functions find the rest from it.
struct fake_call {
   giflab_call c = {};
   giflab_host host = {};
   std::vector<aligned_memory> arena;
   std::map<std::pair<uint32_t, uint32_t>, double> scores; // (pair, output)
   bool twice = false;
   std::optional<int> polls_until_cancelled;

   fake_call() {
      host = {0,
              0,
              "test",
              "1",
              [](const giflab_host *, const char *) noexcept -> const void * { return nullptr; },
              [](const giflab_host *, int32_t, const char *) noexcept {}};
      c.host = &host;
      c.cancelled = [](const giflab_call *call) noexcept {
         auto &polls = self(call).polls_until_cancelled;
         return polls && (*polls)-- <= 0;
      };
      c.progress = [](const giflab_call *, double) noexcept {};
      c.scratch = [](const giflab_call *call, uint32_t, size_t bytes) noexcept {
         return self(call).arena.emplace_back(aligned(bytes, 0xEE)).get();
      };
      c.fail = [](const giflab_call *, giflab_status status, const char *) noexcept { return status; };
      c.score = [](const giflab_call *call, uint32_t pair, uint32_t output, double value) noexcept {
         fake_call &mine = self(call);
         mine.twice |= !mine.scores.emplace(std::pair(pair, output), value).second;
      };
   }
   static fake_call &self(const giflab_call *call) {
      return *reinterpret_cast<fake_call *>(const_cast<giflab_call *>(call));
   }
};

// sRGB bytes without their transfer function (IEC 61966-2-1).
inline float linear_of(uint8_t value) {
   static const auto table = [] {
      std::array<float, 256> values;
      for (size_t i = 0; i < values.size(); ++i) {
         const double encoded = static_cast<double>(i) / 255;
         values[i] = static_cast<float>(encoded <= 0.04045 ? encoded / 12.92
                                                           : std::pow((encoded + 0.055) / 1.055, 2.4));
      }
      return values;
   }();
   return table[value];
}

// A picture as the host passes it: RGBA8, RGB8 and LUMA8 over white, LINEAR_F32 and, where it is opaque and has
// at most 256 colours, INDEX8. `spare` more 64-byte blocks stand after each row; whatever no sample fills holds
// `poison`. All of it counts as changed, nothing stands before it, and no other image shares its content, until
// follow() says otherwise.
class fake_image {
 public:
   fake_image(const picture &source, size_t spare, uint8_t poison)
       : fake_image(source, over_white(source), spare, poison) {}
   fake_image(const fake_image &) = delete;
   fake_image &operator=(const fake_image &) = delete;

   // `before` stands here in the pair before this one; a picture with the same content is one that is held.
   void follow(const fake_image &before, bool held = false) {
      image.previous = &before.image;
      if (!held)
         return;
      image.content = before.image.content;
      image.changed_width = image.changed_height = 0;
   }

   void hide(uint32_t representation) { views_[representation] = nullptr; }
   bool has(uint32_t representation) const { return views_[representation] != nullptr; }

   giflab_image image = {};

 private:
   fake_image(const picture &source, const picture &opaque, size_t spare, uint8_t poison) {
      static std::atomic<uint64_t> contents = 0;
      image.width = image.changed_width = source.width;
      image.height = image.changed_height = source.height;
      image.content = ++contents;
      image.views = views_.data();
      const auto rgb = [&](int32_t x, int32_t y) { return opaque.rgb.data() + opaque.at(x, y); };
      fill(GIFLAB_RGB8, 3, spare, poison,
           [&](int32_t x, int32_t y, uint8_t *to) { std::memcpy(to, rgb(x, y), 3); });
      fill(GIFLAB_RGBA8, 4, spare, poison, [&](int32_t x, int32_t y, uint8_t *to) {
         std::memcpy(to, source.rgb.data() + source.at(x, y), 3);
         to[3] = alpha_at(source, x, y);
      });
      fill(GIFLAB_LUMA8, 1, spare, poison,
           [&](int32_t x, int32_t y, uint8_t *to) { *to = luma_at(opaque, x, y); });
      for (uint32_t channel = 0; channel < 3; ++channel)
         fill(
             GIFLAB_LINEAR_F32, 4, spare, poison,
             [&](int32_t x, int32_t y, uint8_t *to) {
                const float value = linear_of(rgb(x, y)[channel]);
                std::memcpy(to, &value, sizeof value);
             },
             channel);
      if (source.alpha.empty())
         index(source, spare, poison);
   }

   // One plane after the other of a representation.
   template <class Sample>
   void fill(uint32_t representation, uint32_t bytes, size_t spare, uint8_t poison, Sample &&sample,
             uint32_t plane = 0) {
      const size_t stride = (static_cast<size_t>(image.width) * bytes + 63) / 64 * 64 + 64 * spare;
      auto &memory = memory_.emplace_back(aligned(stride * static_cast<size_t>(image.height), poison));
      auto *rows = static_cast<uint8_t *>(memory.get());
      for (int32_t y = 0; y < image.height; ++y)
         for (int32_t x = 0; x < image.width; ++x)
            sample(x, y, rows + static_cast<size_t>(y) * stride + static_cast<size_t>(x) * bytes);
      giflab_view &view = view_[representation];
      view.representation = representation;
      view.memory = GIFLAB_MEMORY_HOST;
      view.plane_count = plane + 1;
      view.bytes_per_pixel = bytes;
      view.planes[plane] = {rows, stride};
      views_[representation] = &view;
   }

   // Every second entry is left transparent, as the palette of a GIF with transparency is: its colour then
   // counts only as it was composited.
   void index(const picture &source, size_t spare, uint8_t poison) {
      std::map<uint32_t, uint8_t> known;
      memory_.push_back(aligned(1024, 0));
      auto *palette = static_cast<uint8_t *>(memory_.back().get());
      memory_.push_back(aligned(1024, 0));
      auto *shown = static_cast<uint8_t *>(memory_.back().get());
      for (size_t i = 0; i < source.rgb.size(); i += 3) {
         const uint8_t *rgb = source.rgb.data() + i;
         const auto [found, fresh] =
             known.emplace(rgb[0] | rgb[1] << 8 | rgb[2] << 16, static_cast<uint8_t>(known.size()));
         if (known.size() > 256)
            return;
         const uint8_t entry = found->second;
         std::memcpy(shown + 4 * entry, rgb, 3);
         if (fresh && entry % 2 == 0)
            std::memcpy(palette + 4 * entry, rgb, 3), palette[4 * entry + 3] = 255;
      }
      fill(GIFLAB_INDEX8, 1, spare, poison, [&](int32_t x, int32_t y, uint8_t *to) {
         const uint8_t *rgb = source.rgb.data() + source.at(x, y);
         *to = known.at(static_cast<uint32_t>(rgb[0] | rgb[1] << 8 | rgb[2] << 16));
      });
      view_[GIFLAB_INDEX8].plane_count = 3;
      view_[GIFLAB_INDEX8].planes[1] = {palette, 1024};
      view_[GIFLAB_INDEX8].planes[2] = {shown, 1024};
   }

   std::vector<aligned_memory> memory_;
   std::array<giflab_view, 9> view_ = {};
   std::array<const giflab_view *, 9> views_ = {};
};

using values = std::map<std::string, double>;

// What the host passes where nobody chose.
inline std::vector<giflab_value> default_values(const giflab_plugin &plugin) {
   std::vector<giflab_value> chosen;
   for (uint32_t i = 0; i < plugin.param_count; ++i)
      chosen.push_back({plugin.params[i].initial, plugin.params[i].initial_text});
   return chosen;
}

// What the host passes where all outputs have a column.
inline std::vector<uint8_t> wanted_outputs(const giflab_plugin &plugin, const giflab_image &picture) {
   std::vector<uint8_t> wanted;
   for (uint32_t i = 0; i < plugin.output_count; ++i)
      wanted.push_back(static_cast<uint32_t>(std::min(picture.width, picture.height)) >=
                       plugin.outputs[i].least_side);
   return wanted;
}

// Measures pairs of one size in one call; the result is one map a pair.
inline std::vector<values> measure(const giflab_plugin &plugin, uint32_t level,
                                   const std::vector<giflab_pair> &pairs,
                                   const std::vector<giflab_value> &chosen) {
   fake_call call;
   giflab_setup setup = {};
   setup.clip.width = pairs[0].distorted->width;
   setup.clip.height = pairs[0].distorted->height;
   setup.level = level;
   setup.values = chosen.data();
   const std::vector<uint8_t> wanted = wanted_outputs(plugin, *pairs[0].distorted);
   const auto scores = static_cast<size_t>(std::count(wanted.begin(), wanted.end(), 1));
   setup.wanted = wanted.data();
   void *instance = nullptr;
   if (plugin.create(&call.c, &setup, &instance) != GIFLAB_OK)
      throw std::runtime_error("create failed");
   const giflab_status status =
       plugin.metric->measure(instance, &call.c, pairs.data(), static_cast<uint32_t>(pairs.size()));
   plugin.destroy(instance);
   if (status != GIFLAB_OK || call.twice || call.scores.size() != pairs.size() * scores)
      throw std::runtime_error("not one score for each wanted output of each pair");
   std::vector<values> results(pairs.size());
   for (const auto &[key, value] : call.scores)
      results.at(key.first)[plugin.outputs[key.second].id] = value;
   return results;
}

inline std::vector<values> measure(const giflab_plugin &plugin, uint32_t level,
                                   const std::vector<giflab_pair> &pairs) {
   return measure(plugin, level, pairs, default_values(plugin));
}

} // namespace giflab::test
