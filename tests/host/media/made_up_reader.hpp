#pragma once
// A clip out of nothing: flat pictures of given shades and durations.

#include "media/alignment.hpp"

#include "reading.hpp"

namespace giflab::tests {

struct moment {
   uint8_t shade = 0;
   int64_t duration_ms = 0;
};

class made_up_reader final : public media::reader {
 public:
   made_up_reader(const std::string &name, std::vector<moment> moments,
                  services::block_pool &pool = test_pool())
       : moments_(std::move(moments)), pool_(&pool) {
      facts_.path = name;
      facts_.width = width;
      facts_.height = height;
   }

   static constexpr int width = 32, height = 32;

   result<media::picture_pointer> next() override {
      if (at_ == moments_.size())
         return media::picture_pointer{};
      const moment now = moments_[at_];
      auto made = std::make_shared<media::picture>();
      made->width = width;
      made->height = height;
      made->index = static_cast<int64_t>(at_++);
      made->start_us = start_us_;
      made->duration_us = now.duration_ms * 1000;
      start_us_ += made->duration_us;
      made->give(media::make_plane(*pool_, width * 4, height));
      for (int y = 0; y < height; ++y)
         for (int x = 0; x < width; ++x) {
            uint8_t *to = made->rgba().row<uint8_t>(y) + 4 * x;
            to[0] = to[1] = to[2] = now.shade;
            to[3] = 255;
         }
      made->content = now.shade + 1u;
      made->changed = {{0, 0, width, height}, {}};
      if (facts_.showings.size() < at_) {
         facts_.frames.emplace_back();
         facts_.showings.push_back({made->start_us, made->duration_us, made->content});
      }
      return made;
   }
   result<void> rewind() override {
      at_ = 0;
      start_us_ = 0;
      return {};
   }
   const media::file_facts &facts() const override { return facts_; }

 private:
   std::vector<moment> moments_;
   services::block_pool *pool_;
   media::file_facts facts_;
   std::size_t at_ = 0;
   int64_t start_us_ = 0;
};

} // namespace giflab::tests
