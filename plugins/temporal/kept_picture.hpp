#pragma once
// A picture that outlives the call in which it was seen.

#include <giflab_kernels/images.hpp>
#include <vector>

namespace giflab::temporal {

// R,G,B bytes, rows without padding.
class kept_picture {
 public:
   void keep(const giflab_call &call, const giflab_image &image) {
      const auto source = kernels::plane_of<uint8_t>(image, GIFLAB_RGB8);
      row_bytes_ = static_cast<size_t>(image.width) * 3;
      bytes_.clear();
      bytes_.reserve(row_bytes_ * static_cast<size_t>(image.height));
      kernels::for_each_band(call, image.width, image.height, 1 << 18, [&](int32_t first, int32_t rows) {
         for (int32_t y = first; y < first + rows; ++y)
            bytes_.insert(bytes_.end(), source.row(y), source.row(y) + row_bytes_);
      });
   }
   kernels::plane<uint8_t> read() const { return {bytes_.data(), row_bytes_}; }

 private:
   std::vector<uint8_t> bytes_;
   size_t row_bytes_ = 0;
};

} // namespace giflab::temporal
