#include "media/resize.hpp"

#include "media/difference.hpp"
#include "media/resizing_library.hpp"
#include "services/companion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <stdexcept>
#include <vector>

namespace giflab::media {

namespace {

uint8_t to_byte(float value) { return static_cast<uint8_t>(std::lround(std::clamp(value, 0.0f, 255.0f))); }

class resizing_reader final : public reader {
 public:
   resizing_reader(std::unique_ptr<reader> source, int32_t width, int32_t height, resize_filter filter,
                   services::block_pool &pool)
       : source_(std::move(source)), filter_(filter), pool_(&pool), facts_(source_->facts()) {
      facts_.width = width;
      facts_.height = height;
      facts_.frames.clear(); // they come again with their pictures
      facts_.showings.clear();
   }

   result<picture_pointer> next() override;
   result<void> rewind() override {
      before_.reset();
      return source_->rewind();
   }
   const file_facts &facts() const override { return facts_; }

 private:
   void premultiply(const picture &from);
   void store(const pixel_plane &to) const;
   picture_pointer resized_copy(const picture &from);
   void follow_facts(const picture *made);

   std::unique_ptr<reader> source_;
   resize_filter filter_;
   services::block_pool *pool_;
   file_facts facts_;
   picture_pointer before_;
   std::vector<float> weighted_, resized_; // premultiplied floats, kept from picture to picture
};

result<picture_pointer> resizing_reader::next() try {
   auto from = source_->next();
   if (!from)
      return from;
   if (!*from) {
      follow_facts(nullptr);
      return from;
   }
   before_ = resized_copy(**from);
   follow_facts(before_.get());
   return before_;
} catch (const std::bad_alloc &) {
   return failed(problem::internal, fmt::format("{}: no memory to resize it to {}x{}; free some", facts_.path,
                                                facts_.width, facts_.height));
} catch (const std::runtime_error &thrown) {
   return failed(problem::input, fmt::format("{}: cannot be resized to {}x{}: {}; choose another size",
                                             facts_.path, facts_.width, facts_.height, thrown.what()));
}

void resize_pixels(const float_pixels<const float> &from, const float_pixels<float> &to, resize_filter filter) {
   static auto *const resize = services::companion_function<resize_function>("resizing", "giflab_resize");
   if (const std::string reason = resize(from, to, filter); !reason.empty())
      throw std::runtime_error(reason);
}

std::size_t float_count(int32_t width, int32_t height) {
   return static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 4;
}

picture_pointer resizing_reader::resized_copy(const picture &from) {
   auto made = std::make_shared<picture>();
   made->width = facts_.width;
   made->height = facts_.height;
   made->index = from.index;
   made->start_us = from.start_us;
   made->duration_us = from.duration_us;
   pixel_plane rgba = make_plane(*pool_, static_cast<std::size_t>(facts_.width) * 4, facts_.height);
   premultiply(from);
   resized_.resize(float_count(facts_.width, facts_.height));
   resize_pixels({weighted_.data(), from.width, from.height}, {resized_.data(), facts_.width, facts_.height},
                 filter_);
   store(rgba);
   made->give(std::move(rgba));
   made->content = content_id(*made);
   made->changed = {{0, 0, made->width, made->height}, {}};
   if (before_)
      made->changed = changes_between(*before_, *made);
   return made;
}

// In floats, so that opaque pictures and those with alpha are rounded once and alike.
void resizing_reader::premultiply(const picture &from) {
   weighted_.resize(float_count(from.width, from.height));
   float *to = weighted_.data();
   for (int32_t y = 0; y < from.height; ++y) {
      const auto *pixels = from.rgba().row<uint8_t>(y);
      for (int32_t x = 0; x < from.width; ++x, pixels += 4, to += 4) {
         const float alpha = pixels[3];
         for (int channel = 0; channel < 3; ++channel)
            to[channel] = static_cast<float>(pixels[channel]) * alpha;
         to[3] = alpha;
      }
   }
}

void resizing_reader::store(const pixel_plane &to) const {
   const float *from = resized_.data();
   for (int32_t y = 0; y < facts_.height; ++y) {
      auto *pixels = to.row<uint8_t>(y);
      for (int32_t x = 0; x < facts_.width; ++x, from += 4, pixels += 4) {
         pixels[3] = to_byte(from[3]);
         for (int channel = 0; channel < 3; ++channel)
            pixels[channel] = pixels[3] == 0 ? uint8_t{0} : to_byte(from[channel] / from[3]);
      }
   }
}

// The source's facts, but with the content of what was made of its pictures.
void resizing_reader::follow_facts(const picture *made) {
   const file_facts &from = source_->facts();
   facts_.loop_count = from.loop_count;
   facts_.transparency = from.transparency;
   facts_.warnings.insert(facts_.warnings.end(),
                          from.warnings.begin() + static_cast<std::ptrdiff_t>(facts_.warnings.size()),
                          from.warnings.end());
   if (!made || static_cast<std::size_t>(made->index) < facts_.showings.size())
      return;
   facts_.frames.push_back(from.frames[static_cast<std::size_t>(made->index)]);
   facts_.showings.push_back({made->start_us, made->duration_us, made->content});
}

} // namespace

std::unique_ptr<reader> resized(std::unique_ptr<reader> source, int32_t width, int32_t height,
                                resize_filter filter, services::block_pool &pool) {
   return std::make_unique<resizing_reader>(std::move(source), width, height, filter, pool);
}

} // namespace giflab::media
