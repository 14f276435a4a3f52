#include "media/resize.hpp"

#include "media/difference.hpp"

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <new>

namespace giflab::media {

namespace {

int opencv_filter(resize_filter filter) {
   switch (filter) {
   case resize_filter::nearest:
      return cv::INTER_NEAREST;
   case resize_filter::bilinear:
      return cv::INTER_LINEAR;
   case resize_filter::bicubic:
      return cv::INTER_CUBIC;
   case resize_filter::area:
      return cv::INTER_AREA;
   case resize_filter::lanczos:
      break;
   }
   return cv::INTER_LANCZOS4;
}

uint8_t to_byte(float value) { return static_cast<uint8_t>(std::lround(std::clamp(value, 0.0f, 255.0f))); }

class resizing_reader final : public reader {
 public:
   resizing_reader(std::unique_ptr<reader> source, int32_t width, int32_t height, resize_filter filter,
                   services::block_pool &pool)
       : source_(std::move(source)), filter_(opencv_filter(filter)), pool_(&pool), facts_(source_->facts()) {
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
   int filter_;
   services::block_pool *pool_;
   file_facts facts_;
   picture_pointer before_;
   cv::Mat weighted_, resized_; // premultiplied floats, kept from picture to picture
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
} catch (const cv::Exception &thrown) {
   return failed(problem::input, fmt::format("{}: cannot be resized to {}x{}: {}; choose another size",
                                             facts_.path, facts_.width, facts_.height, thrown.err));
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
   cv::resize(weighted_, resized_, {facts_.width, facts_.height}, 0, 0, filter_);
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
   weighted_.create(from.height, from.width, CV_32FC4);
   for (int32_t y = 0; y < from.height; ++y) {
      const auto *pixels = from.rgba().row<uint8_t>(y);
      auto *to = weighted_.ptr<float>(y);
      for (int32_t x = 0; x < from.width; ++x, pixels += 4, to += 4) {
         const float alpha = pixels[3];
         for (int channel = 0; channel < 3; ++channel)
            to[channel] = static_cast<float>(pixels[channel]) * alpha;
         to[3] = alpha;
      }
   }
}

void resizing_reader::store(const pixel_plane &to) const {
   for (int32_t y = 0; y < resized_.rows; ++y) {
      const auto *from = resized_.ptr<float>(y);
      auto *pixels = to.row<uint8_t>(y);
      for (int32_t x = 0; x < resized_.cols; ++x, from += 4, pixels += 4) {
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
   cv::setNumThreads(1); // the threads of a run are the task pool's
   return std::make_unique<resizing_reader>(std::move(source), width, height, filter, pool);
}

} // namespace giflab::media
