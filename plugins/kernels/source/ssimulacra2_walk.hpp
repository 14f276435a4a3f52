#pragma once
// How both twins go through a pair of pictures: scale by scale, in strips of columns, from top to bottom. A
// strip keeps what it needs again in a ring of rows, so that nothing but the smaller scales is ever stored
// whole.
//
// A twin is a struct of static functions over rows; see ssimulacra2_scalar.cpp.

#include <giflab_kernels/portions.hpp>
#include <giflab_kernels/ssimulacra2.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace giflab::kernels::ssimulacra2 {

inline constexpr int reach = 4;      // of the nine taps to either side
inline constexpr int ring_rows = 16; // the recursion looks back 10 rows and 4 come at a time; nine taps 8 and 8
inline constexpr int margin = 16;    // samples around a strip, enough for what either blur reads
inline constexpr int channel_count = 3; // R, G, B or X, Y, B
inline constexpr int quantity_count = 5;
enum quantity { mean_a, mean_b, square_a, square_b, product };

inline constexpr double contrast_constant = 0.0009;

// h[|i|] of the symmetric nine taps.
inline constexpr double taps[reach + 1] = {0.26462110548819834, 0.21292859201042208, 0.10933537277746025,
                                           0.036011114658364346, 0.009414367809653712};

// ---- The recursion: three resonators whose outputs are added.

inline constexpr int resonators = 3;
inline constexpr double input_gain[resonators] = {0.05529523572608662, -0.05883668702694999,
                                                  0.012955819110517082};
inline constexpr double feedback[resonators] = {-1.902113032590307, -1.1755705045849463,
                                                -1.2246467991473532e-16};

// Four outputs at once from the state before them, as the tool has it: the weight of the input `i` columns
// back, and of the two outputs before the four.
struct block_weights {
   float input[resonators][4];
   float last[resonators][4];
   float before_last[resonators][4];
};

constexpr block_weights make_block_weights() {
   block_weights made = {};
   for (int k = 0; k < resonators; ++k) {
      const double d = feedback[k], n = input_gain[k], d2 = d * d;
      const double input[4] = {n, -d * n, d2 * n - n, -d2 * d * n + 2.0 * d * n};
      const double last[4] = {-d, d2 - 1.0, -d2 * d + 2.0 * d, d2 * d2 - 3.0 * d2 + 1.0};
      const double before_last[4] = {-1.0, d, -d2 + 1.0, d2 * d - 2.0 * d};
      for (int i = 0; i < 4; ++i) {
         made.input[k][i] = static_cast<float>(input[i]);
         made.last[k][i] = static_cast<float>(last[i]);
         made.before_last[k][i] = static_cast<float>(before_last[i]);
      }
   }
   return made;
}
inline constexpr block_weights in_blocks = make_block_weights();

// The last two outputs of each resonator of one row and quantity.
struct row_state {
   float last[resonators] = {};
   float before_last[resonators] = {};
};

inline constexpr int first_block = 8; // columns left of it go one by one
inline bool block_fits(int32_t column, int32_t width) { return column + 7 < width; }

// ---- Colour

// sRGB to linear light: the tool's rational polynomial.
inline constexpr float linear_threshold = 0.04045F, linear_slope = 12.92F;
inline constexpr float light_above[5] = {2.200248328e-4F, 1.043637593e-2F, 1.624820318e-1F, 7.961564959e-1F,
                                         8.210152774e-1F};
inline constexpr float light_below[5] = {2.631846970e-1F, 1.076976492F, 4.987528350e-1F, -5.512498495e-2F,
                                         6.521209011e-3F};

inline constexpr float absorbance[3][3] = {
    {0.30F, 1.0F - 0.078F - 0.30F, 0.078F},
    {0.23F, 1.0F - 0.078F - 0.23F, 0.078F},
    {0.24342268924547819F, 0.20476744424496821F, 1.0F - 0.24342268924547819F - 0.20476744424496821F}};
inline constexpr double absorbance_bias = 0.0037930732554754493;

// ---- Memory

inline int32_t half(int32_t length) { return length / 2 + length % 2; }
inline size_t whole_vectors(int32_t samples) { return (static_cast<size_t>(samples) + 15) / 16 * 16; }

template <class T> using channel_rows = std::array<T *, channel_count>;

// The planes of linear light of one picture at scales 1 to 5. Each scale overwrites the one before: its row y
// is written when row 2 y + 1 of that has been read for good.
template <class T> struct light_planes {
   size_t stride = 0;
   T *planes[channel_count] = {};

   void place(portions &from, int32_t width, int32_t height) {
      stride = whole_vectors(half(width)) + margin;
      for (T *&plane : planes)
         plane = from.take<T>(stride * static_cast<size_t>(half(height)));
   }
   channel_rows<T> row(int32_t y) const {
      const size_t at = stride * static_cast<size_t>(y);
      return {planes[0] + at, planes[1] + at, planes[2] + at};
   }
};

// Rows of a strip; a pointer points at the strip's first column, with `margin` samples to either side.
template <class T> struct strip_rows {
   T *first = nullptr;
   size_t pitch = 0;

   void place(portions &from, int32_t columns, int rows) {
      pitch = whole_vectors(columns) + 2 * margin;
      first = from.take<T>(pitch * static_cast<size_t>(rows));
      if (first)
         first += margin;
   }
   T *row(int y) const { return first + pitch * static_cast<size_t>(y); }
   // Zeros, for a strip of `columns`, which may be narrower than the one that the rows were made for.
   void clear(int rows, int32_t columns) const {
      for (int y = 0; y < rows; ++y)
         std::fill_n(row(y) - margin, whole_vectors(columns) + 2 * margin, T(0));
   }
};

// All that a walk keeps; 0 is the reference, 1 the distorted picture.
template <class Twin> struct workspace {
   using T = typename Twin::sample;

   light_planes<T> light[2];
   strip_rows<T> light_pair[2][channel_count];                // two rows of linear light
   strip_rows<T> ring[2][channel_count];                      // what a twin makes of positive XYB
   strip_rows<T> nothing;                                     // a row of zeros, and one to write and forget
   strip_rows<T> blurred;                                     // what a twin needs to blur
   strip_rows<T> smoothed[channel_count][quantity_count];     // rings of rows filtered across
   strip_rows<T> columns[channel_count][quantity_count];      // 2 * resonators rows of state
   row_state *row_states[channel_count][quantity_count] = {}; // one a row

   workspace(portions &from, int32_t width, int32_t height) {
      const int32_t strip = std::min(width, Twin::strip);
      for (int side = 0; side < 2; ++side) {
         light[side].place(from, width, height);
         for (int c = 0; c < channel_count; ++c) {
            light_pair[side][c].place(from, strip, 2);
            ring[side][c].place(from, strip, ring_rows);
         }
      }
      nothing.place(from, strip, 2);
      blurred.place(from, Twin::blurred_columns(strip), Twin::blurred_rows);
      if (Twin::recursive)
         place_recursion(from, strip, height);
   }

 private:
   void place_recursion(portions &from, int32_t strip, int32_t height) {
      for (int c = 0; c < channel_count; ++c)
         for (int q = 0; q < quantity_count; ++q) {
            smoothed[c][q].place(from, strip, ring_rows);
            columns[c][q].place(from, strip, 2 * resonators);
            row_states[c][q] = from.take<row_state>(static_cast<size_t>(height) + 4);
         }
   }
};

// Of the rows that a twin finishes at once, those that the picture has.
struct row_range {
   int begin, end;
};

// ---- The walk over one scale

template <class Twin> class scale_walk {
 public:
   using T = typename Twin::sample;

   scale_walk(const ssimulacra2_pair &pair, const workspace<Twin> &space, int scale, int32_t width,
              int32_t height, const std::array<ssimulacra2_maps, ssimulacra2_planes> &wanted)
       : pair_(pair), space_(space), scale_(scale), width_(width), height_(height), wanted_(wanted) {}

   void run(std::array<ssimulacra2_sums, ssimulacra2_planes> &sums, bool more_scales,
            const std::function<void()> &pause) {
      more_scales_ = more_scales;
      for (left_ = 0; left_ < width_; left_ += columns_) {
         columns_ = std::min(Twin::strip, width_ - left_);
         begin_strip();
         for (int32_t y = 0; y < height_ + reach; y += Twin::rows_at_once()) {
            pause();
            take_rows(y);
            finish_rows(y - reach, sums);
         }
      }
   }

 private:
   void begin_strip() {
      space_.nothing.clear(2, columns_);
      for (const auto &side : space_.ring)
         for (const auto &rows : side)
            rows.clear(ring_rows, columns_);
      if constexpr (Twin::recursive)
         for (int c = 0; c < channel_count; ++c)
            for (int q = 0; q < quantity_count; ++q) {
               space_.smoothed[c][q].clear(ring_rows, columns_);
               space_.columns[c][q].clear(2 * resonators, columns_);
               if (left_ == 0)
                  std::fill_n(space_.row_states[c][q], height_ + 4, row_state());
            }
   }

   // Rows [first, first + rows_at_once) into the rings.
   void take_rows(int32_t first) {
      const int32_t count = std::min(Twin::rows_at_once(), height_ - first);
      for (int32_t y = first; y < first + count; ++y)
         take_row(y);
      if constexpr (Twin::recursive)
         if (count > 0)
            for (int c = 0; c < channel_count; ++c)
               if (wanted_[c] != ssimulacra2_maps::none)
                  smooth_rows(c, first, count);
   }

   // Columns of the strip with what the blurs read around it, as far as the picture goes.
   int32_t from() const { return std::max(0, left_ - margin / 2); }
   int32_t to() const { return std::min(width_, left_ + columns_ + margin / 2); }

   void take_row(int32_t y) {
      const channel_rows<T> light[2] = {light_row(0, y), light_row(1, y)};
      channel_rows<T> xyb[2];
      for (int side = 0; side < 2; ++side)
         for (int c = 0; c < channel_count; ++c)
            xyb[side][c] = space_.ring[side][c].row(y % ring_rows) + (from() - left_);
      Twin::positive_xyb(light, xyb, to() - from());
      for (const channel_rows<T> &rows : xyb)
         for (T *row : rows) // vectors may have written more
            std::fill(row + (to() - from()), row + (left_ - from()) + columns_ + margin, T(0));
      if (more_scales_ && (y % 2 == 1 || y == height_ - 1)) {
         halve_rows(0, y);
         halve_rows(1, y);
      }
   }

   // Linear light from column from() on.
   channel_rows<T> light_row(int side, int32_t y) {
      if (scale_ > 0) {
         channel_rows<T> rows = space_.light[side].row(y);
         for (T *&row : rows)
            row += from();
         return rows;
      }
      channel_rows<T> rows;
      for (int c = 0; c < channel_count; ++c)
         rows[c] = space_.light_pair[side][c].row(y % 2) + (from() - left_);
      const plane<uint8_t> &picture = side == 0 ? pair_.reference : pair_.distorted;
      if (y + rows_ahead < height_)
         fetch(picture.row(y + rows_ahead));
      Twin::light(picture.row(y) + pair_.channels * static_cast<ptrdiff_t>(from()), pair_.channels,
                  to() - from(), pair_.background, rows);
      return rows;
   }

   // Strips leave a row after some hundred bytes, which no processor foresees.
   static constexpr int32_t rows_ahead = 8;
   void fetch(const uint8_t *row) const {
      for (ptrdiff_t at = pair_.channels * static_cast<ptrdiff_t>(from()); at < pair_.channels * to(); at += 64)
         __builtin_prefetch(row + at);
   }

   // The strip's part of row y / 2 of the next scale, from row `y` and the one above or, without one, twice y.
   void halve_rows(int side, int32_t y) {
      for (int c = 0; c < channel_count; ++c) {
         const T *lower =
             scale_ > 0 ? space_.light[side].row(y)[c] + left_ : space_.light_pair[side][c].row(y % 2);
         const T *upper = y % 2 == 0   ? lower
                          : scale_ > 0 ? space_.light[side].row(y - 1)[c] + left_
                                       : space_.light_pair[side][c].row(0);
         Twin::halve(upper, lower, columns_, space_.light[side].row(y / 2)[c] + left_ / 2);
      }
   }

   int quantities(int c) const { return wanted_[c] == ssimulacra2_maps::all ? quantity_count : 2; }

   void smooth_rows(int c, int32_t first, int32_t count) {
      typename Twin::row_group rows;
      for (int i = 0; i < Twin::rows_at_once(); ++i) {
         const int at = (first + i) % ring_rows;
         const bool real = i < count;
         rows.a[i] = real ? space_.ring[0][c].row(at) : space_.nothing.row(0);
         rows.b[i] = real ? space_.ring[1][c].row(at) : space_.nothing.row(0);
         for (int q = 0; q < quantity_count; ++q) {
            rows.result[q][i] = real ? space_.smoothed[c][q].row(at) : space_.nothing.row(1);
            rows.state[q][i] = space_.row_states[c][q] + (real ? first + i : height_ + i);
         }
      }
      Twin::smooth_across(rows, left_, columns_, width_, quantities(c));
   }

   // Row `y` of `rows`, or zeros beyond the picture.
   const T *row_of(const strip_rows<T> &rows, int32_t y) const {
      return y < 0 || y >= height_ ? space_.nothing.row(0) : rows.row(y % ring_rows);
   }

   // The maps of rows [first, first + rows_at_once), as far as the picture goes.
   void finish_rows(int32_t first, std::array<ssimulacra2_sums, ssimulacra2_planes> &sums) {
      for (int c = 0; c < channel_count; ++c)
         if (wanted_[c] != ssimulacra2_maps::none) {
            if constexpr (Twin::recursive)
               finish_recursion(c, first, sums[c]);
            else
               finish_taps(c, first, sums[c]);
         }
   }

   void finish_recursion(int c, int32_t first, ssimulacra2_sums &sums) {
      const int count = std::min(Twin::rows_at_once(), height_ - first);
      for (int q = 0; q < quantities(c); ++q)
         smooth_down(c, q, first, count);
      for (int i = std::max(0, -first); i < count; ++i) {
         const T *blurred[quantity_count];
         for (int q = 0; q < quantity_count; ++q)
            blurred[q] = blurred_row(q, i);
         const int at = (first + i) % ring_rows;
         Twin::add_maps(blurred, space_.ring[0][c].row(at), space_.ring[1][c].row(at), columns_,
                        wanted_[c] == ssimulacra2_maps::edges, sums);
      }
   }

   T *blurred_row(int q, int i) const { return space_.blurred.row(q * Twin::rows_at_once() + i); }

   void smooth_down(int c, int q, int32_t first, int count) {
      typename Twin::column_group rows = {};
      for (int i = 0; i < count; ++i) {
         rows.above[i] = row_of(space_.smoothed[c][q], first + i - reach - 2);
         rows.below[i] = row_of(space_.smoothed[c][q], first + i + reach);
         rows.result[i] = blurred_row(q, i);
      }
      Twin::smooth_down(rows, count, space_.columns[c][q], columns_);
   }

   void finish_taps(int c, int32_t first, ssimulacra2_sums &sums) {
      constexpr int count = Twin::rows_at_once();
      const T *a[count + 2 * reach], *b[count + 2 * reach];
      for (int i = 0; i < count + 2 * reach; ++i) {
         a[i] = row_of(space_.ring[0][c], first + i - reach);
         b[i] = row_of(space_.ring[1][c], first + i - reach);
      }
      const int begin = std::max(0, -first), end = std::min(count, height_ - first);
      if (begin < end)
         Twin::add_maps(a, b, {begin, end}, space_.blurred, columns_, wanted_[c] == ssimulacra2_maps::edges,
                        sums);
   }

   const ssimulacra2_pair &pair_;
   const workspace<Twin> &space_;
   const int scale_;
   const int32_t width_, height_;
   const std::array<ssimulacra2_maps, ssimulacra2_planes> wanted_;
   bool more_scales_ = false;
   int32_t left_ = 0, columns_ = 0;
};

template <class Twin> size_t scratch_of(int32_t width, int32_t height) {
   portions counted(nullptr);
   workspace<Twin>(counted, width, height);
   return counted.used();
}

template <class Twin>
ssimulacra2_result measure_with(const ssimulacra2_pair &pair, const ssimulacra2_wanted &wanted,
                                std::byte *scratch, const std::function<void()> &pause) {
   portions from(scratch);
   const workspace<Twin> space(from, pair.width, pair.height);
   ssimulacra2_result sums;
   const int scales = ssimulacra2_scale_count(pair.width, pair.height);
   int32_t width = pair.width, height = pair.height;
   for (int s = 0; s < scales; ++s) {
      scale_walk<Twin>(pair, space, s, width, height, wanted[s]).run(sums[s], s + 1 < scales, pause);
      width = half(width);
      height = half(height);
   }
   return sums;
}

} // namespace giflab::kernels::ssimulacra2
