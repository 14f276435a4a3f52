#pragma once
// Edges by J. Canny, "A Computational Approach to Edge Detection", IEEE Trans. PAMI 8(6), 1986.

#include <giflab_kernels/luma.hpp>

namespace giflab::structure {

// Heights of an ideal step, in levels: an edge begins where one is at least `strong`, and goes on while it is
// at least `weak`. They are what the customary 50 and 150 are for Sobel gradients of a picture that was not
// blurred.
inline constexpr double weak_step = 12.5;
inline constexpr double strong_step = 37.5;

// One byte for each pixel, with a border of 1 around the picture in which nothing is an edge.
class edge_map {
 public:
   edge_map(uint8_t *bytes, int32_t width, int32_t height)
       : bytes_(bytes), pitch_(static_cast<size_t>(width) + 2), width_(width), height_(height) {}
   static size_t bytes_for(int32_t width, int32_t height) {
      return (static_cast<size_t>(width) + 2) * (static_cast<size_t>(height) + 2);
   }

   uint8_t *row(int32_t y) const { return bytes_ + (static_cast<size_t>(y) + 1) * pitch_ + 1; }
   size_t pitch() const { return pitch_; }
   uint8_t *border() const { return bytes_; } // the first of all bytes
   int32_t width() const { return width_; }
   int32_t height() const { return height_; }

 private:
   uint8_t *bytes_;
   size_t pitch_;
   int32_t width_, height_;
};

enum : uint8_t { no_edge, weak_edge, strong_edge };

// A Sobel gradient at each pixel of a row.
struct gradient_row {
   int16_t *across, *down;
   int32_t *squared; // of the magnitude; 0 beyond the picture
};

// Finds edges in pictures of one size, one after the other. The picture is blurred by the binomial 1 4 6 4 1 (a
// Gaussian of variance 1) each way; gradients are Sobel's, their magnitude Euclidean, directions rounded to
// eighths of a turn; pixels beyond the picture repeat its border.
class edge_finder {
 public:
   // Takes scratch of 4 bytes a pixel and some rows. Throws failure(GIFLAB_NO_MEMORY), and
   // failure(GIFLAB_UNSUPPORTED) for pictures of more than 2^32 pixels.
   edge_finder(const giflab_call &call, int32_t width, int32_t height);

   // Marks the edges, thinned to one pixel, as `strong_edge`; other bytes are less. [any thread, one at a time]
   void find(const giflab_call &call, const kernels::luma_picture &picture, const edge_map &edges);

 private:
   void start(const kernels::luma_picture &picture);
   void next_row(const kernels::luma_picture &picture);
   void blur_next(const kernels::luma_picture &picture, int32_t y);
   void derive(const gradient_row &to) const;
   void clear(const gradient_row &row) const;
   template <class T> void repeat_border(T *row, int32_t count) const;
   void follow(const giflab_call &call, const edge_map &edges);

   int32_t width_, height_;
   int32_t made_ = 0; // rows of gradients of this picture
   uint16_t *sums_;
   int16_t *blurred_[3];  // the last three rows
   gradient_row rows_[3]; // above, here and below
   uint32_t *waiting_;    // bytes of the edge map
};

} // namespace giflab::structure
