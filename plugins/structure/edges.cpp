#include "edges.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace giflab::structure {

using namespace kernels;

namespace {

// Blurred samples have 4 fractional bits. A step of one level then has a Sobel gradient of
// 16 * 4 * (10 / 16): the blur lets 10 / 16 of it through between a pixel's two neighbours.
constexpr double gradient_of_step = 40;
constexpr int32_t square(double value) { return static_cast<int32_t>(value * value); }
constexpr int32_t weak_square = square(weak_step * gradient_of_step);
constexpr int32_t strong_square = square(strong_step * gradient_of_step);

// Samples before and behind each row, for neighbours beyond the picture.
constexpr size_t margin = 2;

// Whether a gradient is larger than both its neighbours along its own direction; of two equal ones the first
// counts.
bool is_crest(const gradient_row (&rows)[3], int32_t x) {
   const auto &[above, here, below] = rows;
   const int across = std::abs(here.across[x]), down = std::abs(here.down[x]);
   const int32_t middle = here.squared[x];
   constexpr int eighth = 13573, unit = 1 << 15; // the tangent of 22.5 degrees
   if (down * unit < across * eighth)
      return middle > here.squared[x - 1] && middle >= here.squared[x + 1];
   if (across * unit < down * eighth)
      return middle > above.squared[x] && middle >= below.squared[x];
   const int32_t lean = (here.across[x] < 0) == (here.down[x] < 0) ? 1 : -1;
   return middle > above.squared[x - lean] && middle >= below.squared[x + lean];
}

uint8_t strength(const gradient_row (&rows)[3], int32_t x) {
   const int32_t squared = rows[1].squared[x];
   if (squared < weak_square || !is_crest(rows, x))
      return no_edge;
   return squared < strong_square ? weak_edge : strong_edge;
}

} // namespace

edge_finder::edge_finder(const giflab_call &call, int32_t width, int32_t height)
    : width_(width), height_(height) {
   const size_t bytes = edge_map::bytes_for(width, height), pitch = static_cast<size_t>(width) + 2 * margin;
   if (bytes > UINT32_MAX)
      throw failure(GIFLAB_UNSUPPORTED, "edges of a picture with more than 2^32 pixels");
   sums_ = scratch<uint16_t>(call, pitch).data() + margin;
   for (auto &row : blurred_)
      row = scratch<int16_t>(call, pitch).data() + margin;
   for (gradient_row &row : rows_)
      row = {scratch<int16_t>(call, pitch).data(), scratch<int16_t>(call, pitch).data(),
             scratch<int32_t>(call, pitch).data() + margin};
   waiting_ = scratch<uint32_t>(call, static_cast<size_t>(width) * static_cast<size_t>(height)).data();
}

void edge_finder::clear(const gradient_row &row) const {
   std::fill_n(row.squared - margin, static_cast<size_t>(width_) + 2 * margin, 0);
}

template <class T> void edge_finder::repeat_border(T *row, int32_t count) const {
   for (int32_t i = 1; i <= count; ++i) {
      row[-i] = row[0];
      row[width_ - 1 + i] = row[width_ - 1];
   }
}

// Row `y`, or the border's for one beyond it, becomes the last of three.
void edge_finder::blur_next(const luma_picture &picture, int32_t y) {
   std::rotate(blurred_, blurred_ + 1, blurred_ + 3);
   const auto inside = [&](int32_t line) { return std::clamp(line, 0, height_ - 1); };
   const uint8_t *rows[5];
   for (int32_t i = 0; i < 5; ++i)
      rows[i] = picture.row(inside(inside(y) + i - 2));
   for (int32_t x = 0; x < width_; ++x)
      sums_[x] =
          static_cast<uint16_t>(rows[0][x] + rows[4][x] + 4 * (rows[1][x] + rows[3][x]) + 6 * rows[2][x]);
   repeat_border(sums_, 2);
   int16_t *to = blurred_[2];
   for (int32_t x = 0; x < width_; ++x)
      to[x] = static_cast<int16_t>(
          (sums_[x - 2] + sums_[x + 2] + 4 * (sums_[x - 1] + sums_[x + 1]) + 6 * sums_[x] + 8) >> 4);
   repeat_border(to, 1);
}

void edge_finder::derive(const gradient_row &to) const {
   const auto &[above, here, below] = blurred_;
   for (int32_t x = 0; x < width_; ++x) {
      const int left = above[x - 1] + 2 * here[x - 1] + below[x - 1];
      const int right = above[x + 1] + 2 * here[x + 1] + below[x + 1];
      const int upper = above[x - 1] + 2 * above[x] + above[x + 1];
      const int lower = below[x - 1] + 2 * below[x] + below[x + 1];
      const int across = right - left, down = lower - upper;
      to.across[x] = static_cast<int16_t>(across);
      to.down[x] = static_cast<int16_t>(down);
      to.squared[x] = across * across + down * down;
   }
   to.squared[-1] = to.squared[width_] = 0;
}

// The first row of the picture becomes `below`; nothing stands above it.
void edge_finder::start(const luma_picture &picture) {
   made_ = 0;
   for (const gradient_row &row : rows_)
      clear(row);
   blur_next(picture, -1);
   blur_next(picture, 0);
   next_row(picture);
}

void edge_finder::next_row(const luma_picture &picture) {
   std::rotate(rows_, rows_ + 1, rows_ + 3);
   if (made_ == height_) {
      clear(rows_[2]);
      return;
   }
   blur_next(picture, ++made_);
   derive(rows_[2]);
}

// Weak pixels that strong ones reach from neighbour to neighbour become strong.
void edge_finder::follow(const giflab_call &call, const edge_map &edges) {
   size_t count = 0, done = 0; // each pixel waits at most once
   const auto look_around = [&](uint8_t *pixel) {
      for (uint8_t *line : {pixel - edges.pitch(), pixel, pixel + edges.pitch()})
         for (uint8_t *near = line - 1; near <= line + 1; ++near)
            if (*near == weak_edge) {
               *near = strong_edge;
               waiting_[count++] = static_cast<uint32_t>(near - edges.border());
            }
   };
   for_each_row(call, width_, 0, height_, [&](int32_t y) {
      for (int32_t x = 0; x < width_; ++x)
         if (edges.row(y)[x] == strong_edge)
            look_around(edges.row(y) + x);
      while (count > 0) {
         if (++done % 65536 == 0)
            stop_if_cancelled(call);
         look_around(edges.border() + waiting_[--count]);
      }
   });
}

void edge_finder::find(const giflab_call &call, const luma_picture &picture, const edge_map &edges) {
   std::memset(edges.border(), no_edge, edge_map::bytes_for(width_, height_));
   start(picture);
   for_each_row(call, width_, 0, height_, [&](int32_t y) {
      next_row(picture);
      uint8_t *row = edges.row(y);
      for (int32_t x = 0; x < width_; ++x)
         row[x] = strength(rows_, x);
   });
   follow(call, edges);
}

} // namespace giflab::structure
