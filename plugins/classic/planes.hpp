#pragma once
// Filters and measures of whole planes, to the bit as OpenCV and scikit-image compute them where a threshold
// follows.

#include "clip.hpp"
#include "rows.hpp"
#include "work.hpp"

#include <span>
#include <vector>

namespace giflab::classic {

// What stands beyond the edge: dcb|abcd|cba, aaa|abcd|ddd, 000|abcd|000.
enum class border { reflected, repeated, zero };

// Three neighbouring rows of a plane with one more sample on either side, from top to bottom.
class row_window {
 public:
   row_window(byte_plane plane, border beyond);
   // Rows y - 1, y and y + 1; y is 0, then one more than the last time.
   byte_rows at(int32_t y);

 private:
   uint8_t *slot(int32_t y) { return memory_.data() + static_cast<size_t>((y + 3) % 3) * pitch_ + 1; }
   void load(int32_t y);

   byte_plane plane_;
   border beyond_;
   size_t pitch_;
   std::vector<uint8_t> memory_;
};

// Canny's edges with an aperture of 3 and |x| + |y| for the gradient's length: 1 on an edge, else 0, into
// `edges` of plane.size.
void canny(byte_plane plane, int32_t low, int32_t high, uint8_t *edges, pulse &beat);
size_t count_edges(const uint8_t *edges, size_t count);
// The same into bits: each row begins a word, and bits behind its last pixel are 0.
void canny(byte_plane plane, int32_t low, int32_t high, std::span<uint64_t> edges, pulse &beat);

// Area-weighted means as INTER_AREA computes them; neither side grows.
void shrink(const uint8_t *source, extent from, uint8_t *target, extent to, pulse &beat);
void shrink(const uint8_t *source, extent from, float *target, extent to, pulse &beat);
void shrink(const float *source, extent from, float *target, extent to, pulse &beat);

// The mean of SSIM over all windows of 7x7, sample covariance, before any clipping; NaN where a side is
// below 7.
double mean_ssim(byte_plane a, byte_plane b, double range, pulse &beat);
double mean_ssim(const float *a, const float *b, extent size, double range, pulse &beat);

} // namespace giflab::classic
