#pragma once
// Pictures into an encoder of pictures, and files out of the host's reader.

#include "fake_host.hpp"
#include "media/reader.hpp"
#include "media/representations.hpp"

#include <doctest/doctest.h>

namespace giflab::test {

inline services::block_pool &pixel_memory() {
   static services::block_pool pool(std::size_t{64} << 20);
   return pool;
}

// All pictures of a file, with delays as they are stored.
struct decoded {
   std::vector<media::picture_pointer> pictures;
   media::file_facts facts;

   int64_t duration_us() const {
      int64_t sum = 0;
      for (const auto &one : pictures)
         sum += one->duration_us;
      return sum;
   }
};

inline decoded decode(const std::string &path) {
   media::reading_options options;
   options.browser_delays = false;
   auto reader = media::open(path, options, pixel_memory());
   if (!reader)
      throw std::runtime_error(reader.error().text);
   decoded made;
   for (;;) {
      auto picture = (*reader)->next();
      if (!picture)
         throw std::runtime_error(picture.error().text);
      if (!*picture)
         break;
      made.pictures.push_back(*picture);
   }
   made.facts = (*reader)->facts();
   return made;
}

// A decoded picture as plugins see it: RGBA8 alone.
class shown_image {
 public:
   explicit shown_image(const media::picture &source) {
      view_ = {GIFLAB_RGBA8, GIFLAB_MEMORY_HOST, 1, 4, {{source.rgba().row<uint8_t>(0), source.rgba().stride}}};
      views_[GIFLAB_RGBA8] = &view_;
      image = media::image_of(source, source.changed.area, nullptr, nullptr, views_.data());
   }
   shown_image(const shown_image &) = delete;
   shown_image &operator=(const shown_image &) = delete;

   giflab_image image = {};

 private:
   giflab_view view_ = {};
   std::array<const giflab_view *, 9> views_ = {};
};

// A picture of pixels R, G, B, A by a formula of (x, y).
template <class Painter>
media::picture_pointer painted(int32_t width, int32_t height, int64_t start_us, int64_t duration_us,
                               Painter &&paint) {
   auto made = std::make_shared<media::picture>();
   made->width = width;
   made->height = height;
   made->start_us = start_us;
   made->duration_us = duration_us;
   made->give(media::make_plane(pixel_memory(), static_cast<std::size_t>(width) * 4, height));
   for (int32_t y = 0; y < height; ++y)
      for (int32_t x = 0; x < width; ++x) {
         const std::array<uint8_t, 4> pixel = paint(x, y);
         std::memcpy(made->rgba().row<uint8_t>(y) + 4 * x, pixel.data(), 4);
      }
   made->content = media::content_id(*made);
   made->changed = {{0, 0, width, height}, {}};
   return made;
}

inline giflab_status encode(const giflab_plugin &plugin, const std::vector<media::picture_pointer> &pictures,
                            int32_t loop_count, const std::string &target) {
   fake_call call;
   giflab_setup setup = {};
   setup.clip = {
       pictures[0]->width, pictures[0]->height, static_cast<int64_t>(pictures.size()), -1, loop_count, 0};
   setup.level = 2;
   const std::vector<giflab_value> chosen = default_values(plugin);
   setup.values = chosen.data();
   void *instance = nullptr;
   if (plugin.create(&call.c, &setup, &instance) != GIFLAB_OK)
      throw std::runtime_error("create failed");
   giflab_status status = plugin.encoder->begin(instance, &call.c, &setup.clip);
   for (const auto &picture : pictures) {
      const shown_image shown(*picture);
      if (status == GIFLAB_OK)
         status = plugin.encoder->add(instance, &call.c, &shown.image);
   }
   if (status == GIFLAB_OK)
      status = plugin.encoder->finish(instance, &call.c, target.c_str());
   plugin.destroy(instance);
   return status;
}

inline bool same_pixels(const media::picture &a, const media::picture &b) {
   return a.width == b.width && a.height == b.height && a.content == b.content;
}

} // namespace giflab::test
