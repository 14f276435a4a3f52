// The fast twin: a picture is walked in strips of columns, a few rows at a time, and each step of the metric
// follows the one before at the distance that its blur needs. What a strip keeps stays in the cache; of whole
// pictures only the map of the halved ones is stored.

#include "difference_vector.hpp"

#include "gaussian.hpp"
#include "picture.hpp"
#include "strips.hpp"

#include <cstring>
#include <limits>

namespace giflab::butteraugli::vector {

namespace {

using kernels::plane;
using kernels::portions;

// ---- Numbers of a run

line_scale scale_of(const line_term &term, double gain, double asymmetry) {
   const double scale = gain / line_length * term.norm;
   return {static_cast<float>(scale * std::sqrt(both_ways_share * term.weight * asymmetry)),
           static_cast<float>(scale * std::sqrt(one_way_share * term.weight / asymmetry)),
           static_cast<float>(term.norm)};
}

square_scale scale_of(double weight, double asymmetry) {
   return {static_cast<float>(high_share * weight * asymmetry),
           static_cast<float>(high_share * weight / asymmetry)};
}

scales scales_of(double asymmetry) {
   const double root = std::sqrt(asymmetry);
   return {scale_of(middle_x_lines, sparse_gain, 1),
           scale_of(middle_y_lines, sparse_gain, 1),
           scale_of(high_x_lines, sparse_gain, root),
           scale_of(high_y_lines, sparse_gain, root),
           scale_of(ultra_x_lines, dense_gain, asymmetry),
           scale_of(ultra_y_lines, dense_gain, asymmetry),
           scale_of(high_x_weight, asymmetry),
           scale_of(high_y_weight, asymmetry)};
}

struct blurs {
   gaussian surroundings{surroundings_sigma}, low{low_sigma}, middle{middle_sigma}, high{high_sigma},
       mask{mask_sigma};
};

struct tools {
   const row_kernels &rows;
   blurs blur;
   scales scale;
   float nits;
};

// ---- What is looked at: a picture at full size or halved

struct source {
   const light_pair &pair;
   extension whole;
   bool halved;

   source(const light_pair &of, bool half) : pair(of), whole(of.width, of.height), halved(half) {}
   int32_t width() const { return halved ? (whole.width + 1) / 2 : whole.width; }
   int32_t height() const { return halved ? (whole.height + 1) / 2 : whole.height; }

   const plane<float> &channel(int side, int c) const {
      return (side == 0 ? pair.reference : pair.distorted)[c];
   }

   // Samples [from, to) of row y.
   void copy(const row_kernels &rows, int side, int c, int32_t y, int32_t from, int32_t to,
             float *result) const {
      const plane<float> &light = channel(side, c);
      if (halved)
         copy_halved(rows, light, y, from, to, result);
      else if (whole.width != pair.width || whole.height != pair.height)
         copy_extended(light, y, from, to, result);
      else
         std::memcpy(result, light.row(y) + from, static_cast<size_t>(to - from) * sizeof(float));
   }

 private:
   void copy_extended(const plane<float> &light, int32_t y, int32_t from, int32_t to, float *result) const {
      const float *row = light.row(std::clamp(y - whole.top, 0, pair.height - 1));
      for (int32_t x = from; x < to; ++x)
         result[x - from] = row[std::clamp(x - whole.left, 0, pair.width - 1)];
   }
   void copy_halved(const row_kernels &rows, const plane<float> &light, int32_t y, int32_t from, int32_t to,
                    float *result) const {
      const float *upper = light.row(2 * y), *lower = light.row(std::min(2 * y + 1, pair.height - 1));
      const int32_t pairs_to = std::min(to, pair.width / 2);
      rows.halve(upper + 2 * from, lower + 2 * from, pairs_to - from, result);
      if (pairs_to < to)
         result[pairs_to - from] = (upper[2 * pairs_to] + lower[2 * pairs_to]) * 0.5F;
   }
};

// ---- Maps that are stored

struct stored_map {
   float *data = nullptr;
   size_t pitch = 0;

   void place(portions &from, int32_t width, int32_t height) {
      pitch = static_cast<size_t>(width) + most_lanes; // read in whole vectors
      data = from.take<float>(pitch * static_cast<size_t>(height));
   }
   float *row(int32_t y) const { return data + pitch * static_cast<size_t>(y); }
};

// ---- One strip

struct columns {
   int32_t first, last;
   int32_t count() const { return last - first; }
};

class strip_walk {
 public:
   strip_walk(const source &picture, const tools &with, const strip_memory &memory, const stored_map &half,
              columns strip)
       : picture_(picture), with_(with), memory_(memory), half_(half), strip_(strip), width_(picture.width()),
         height_(picture.height()) {}

   void run(const std::function<void()> &pause, map_sums &sums) {
      fill_outside();
      for (int32_t y = 0; y - map_lag < height_; y += rows_at_once) {
         pause();
         for_rows(y, [&](int32_t row) { take_light(row); });
         for_rows(y - xyb_lag, [&](int32_t row) { see(row); });
         split_low(y - low_lag);
         split_middle(y - middle_lag);
         split_fine(y - fine_lag);
         add_lines(y - line_lag);
         compare_activity(y - activity_lag);
         for_rows(y - map_lag, [&](int32_t row) { finish(row, sums); });
      }
   }

 private:
   // The rows of a step that are in the picture.
   template <class Body> void for_rows(int32_t first, Body &&body) const {
      for (int32_t y = std::max(0, first); y < std::min(height_, first + rows_at_once); ++y)
         body(y);
   }

   // The strip with `halo` columns to either side as far as the picture goes, counted from the strip's first.
   columns with_halo(int32_t halo) const {
      return {std::max(0, strip_.first - halo) - strip_.first,
              std::min(width_, strip_.last + halo) - strip_.first};
   }

   void fill_outside() const {
      float *zeros = memory_.outside.row(0) - memory_.layout.margin;
      float *infinities = memory_.outside.row(1) - memory_.layout.margin;
      std::fill_n(zeros, memory_.layout.pitch, 0.0F);
      std::fill_n(infinities, memory_.layout.pitch, std::numeric_limits<float>::infinity());
   }

   // `value` around the picture.
   void close(float *row, const columns &made, float value) const {
      if (made.first + strip_.first == 0)
         std::fill(row + made.first - edge_margin, row + made.first, value);
      if (made.last + strip_.first == width_)
         std::fill(row + made.last, row + made.last + edge_margin, value);
   }

   const float *row_or(const rolling_rows &rows, int32_t y, const float *outside) const {
      return y >= 0 && y < height_ ? rows.row(y) : outside;
   }

   // ---- Blurs

   // Rows `first` and on of a plane, columns `made`, blurred into `results`.
   void blur(const rolling_rows &plane, const gaussian &by, int32_t first, const columns &made,
             const rolling_rows &results) const {
      const columns read = {std::max(made.first - by.reach, -strip_.first),
                            std::min(made.last + by.reach, width_ - strip_.first)};
      blur_down(plane, by, first, read);
      for_rows(first, [&](int32_t y) {
         close(memory_.down.row(y), read, 0);
         blur_across(by, made, memory_.down.row(y), results.row(y));
         even_edges(by, made, results.row(y));
      });
   }

   // A few columns of all rows before the next ones, so that the samples of one row are at hand for the others.
   void blur_down(const rolling_rows &plane, const gaussian &by, int32_t first, const columns &made) const {
      const float *taps[rows_at_once + 2 * low_reach];
      plane.list(first - by.reach, rows_at_once + 2 * by.reach, height_, memory_.outside.row(0), taps);
      float weights[rows_at_once][low_reach + 1];
      for_rows(first, [&](int32_t y) {
         for (int i = 0; i <= by.reach; ++i)
            weights[y - first][i] = static_cast<float>(by.taps[i] / by.met(y, height_));
      });
      constexpr int32_t step = 128;
      for (int32_t x = made.first; x < made.last; x += step)
         for_rows(first, [&](int32_t y) {
            with_.rows.blur(taps + (y - first), weights[y - first], by.reach, x, std::min(made.last, x + step),
                            memory_.down.row(y));
         });
   }

   // As if the picture went on with zeros.
   void blur_across(const gaussian &by, const columns &made, const float *row, float *result) const {
      const float *taps[2 * low_reach + 1];
      float weights[low_reach + 1];
      for (int i = -by.reach; i <= by.reach; ++i)
         taps[by.reach + i] = row + i;
      for (int i = 0; i <= by.reach; ++i)
         weights[i] = static_cast<float>(by.taps[i]);
      with_.rows.blur(taps, weights, by.reach, made.first, made.last, result);
   }

   // Makes up for what the taps missed beyond the left and the right edge.
   void even_edges(const gaussian &by, const columns &made, float *row) const {
      const auto even = [&](int32_t first, int32_t last) {
         for (int32_t x = std::max(first, made.first); x < std::min(last, made.last); ++x)
            row[x] = static_cast<float>(static_cast<double>(row[x]) / by.met(x + strip_.first, width_));
      };
      const int32_t left = by.reach - strip_.first, right = width_ - by.reach - strip_.first;
      even(made.first, left);
      even(std::max(left, right), made.last);
   }

   // ---- Light to XYB

   // Edges are mirrors here.
   void take_light(int32_t y) const {
      const columns made = with_halo(light_halo);
      for (int side = 0; side < 2; ++side)
         for (int c = 0; c < 3; ++c) {
            float *row = memory_.light[side][c].row(y);
            picture_.copy(with_.rows, side, c, y, made.first + strip_.first, made.last + strip_.first,
                          row + made.first);
            for (int32_t i = 0; i < surroundings_reach; ++i) {
               if (made.first + strip_.first == 0)
                  row[made.first - 1 - i] = row[made.first + i];
               if (made.last + strip_.first == width_)
                  row[made.last + i] = row[made.last - 1 - i];
            }
         }
   }

   void look_around(int side, int c, int32_t y, const columns &made) const {
      const gaussian &by = with_.blur.surroundings;
      const float *taps[2 * surroundings_reach + 1];
      float weights[surroundings_reach + 1];
      for (int i = -by.reach; i <= by.reach; ++i)
         taps[by.reach + i] = memory_.light[side][c].row(mirrored(y + i, height_));
      for (int i = 0; i <= by.reach; ++i)
         weights[i] = static_cast<float>(by.taps[i]);
      float *down = memory_.down.row(0);
      with_.rows.blur(taps, weights, by.reach, made.first - by.reach, made.last + by.reach, down);
      blur_across(by, made, down, memory_.around[side].row(c));
   }

   void see(int32_t y) const {
      const columns made = with_halo(xyb_halo);
      seeing_rows rows;
      for (int side = 0; side < 2; ++side)
         for (int c = 0; c < 3; ++c) {
            look_around(side, c, y, made);
            rows.light[side][c] = memory_.light[side][c].row(y) + made.first;
            rows.around[side][c] = memory_.around[side].row(c) + made.first;
         }
      for (size_t p = 0; p < carried_count; ++p)
         rows.xyb[p] = memory_.xyb[p].row(y) + made.first;
      with_.rows.see(rows, with_.nits, made.count());
   }

   // ---- Bands

   // The same of several planes, into memory_.blurred.
   void blur_planes(const rolling_rows *planes, size_t count, const gaussian &by, int32_t first,
                    const columns &made) const {
      for (size_t p = 0; p < count; ++p)
         blur(planes[p], by, first, made, memory_.blurred[p]);
   }

   void split_low(int32_t first) const {
      const columns made = with_halo(low_halo);
      blur_planes(memory_.xyb, carried_count, with_.blur.low, first, made);
      for_rows(first, [&](int32_t y) {
         low_rows rows;
         for (size_t p = 0; p < carried_count; ++p) {
            rows.xyb[p] = memory_.xyb[p].row(y) + made.first;
            rows.blurred[p] = memory_.blurred[p].row(y) + made.first;
            rows.rest[p] = memory_.below_low[p].row(y) + made.first;
         }
         rows.difference = memory_.low.row(y) + made.first;
         with_.rows.split_low(rows, made.count());
      });
   }

   void split_middle(int32_t first) const {
      const columns made = with_halo(middle_halo);
      blur_planes(memory_.below_low, carried_count, with_.blur.middle, first, made);
      for_rows(first, [&](int32_t y) {
         middle_rows rows;
         for (size_t p = 0; p < carried_count; ++p) {
            rows.rest[p] = memory_.below_low[p].row(y) + made.first;
            rows.blurred[p] = memory_.blurred[p].row(y) + made.first;
         }
         for (size_t p = 0; p < detailed_count; ++p)
            rows.finer[p] = memory_.below_middle[p].row(y) + made.first;
         rows.lines_x = memory_.middle_x.row(y) + made.first;
         rows.lines_y = memory_.middle_y.row(y) + made.first;
         rows.detail = memory_.detail.row(y) + made.first;
         with_.rows.split_middle(rows, with_.scale, made.count());
         for (const rolling_rows *lines : {&memory_.middle_x, &memory_.middle_y})
            close(lines->row(y), made, 0);
      });
   }

   void split_fine(int32_t first) const {
      const columns made = with_halo(fine_halo);
      blur_planes(memory_.below_middle, detailed_count, with_.blur.high, first, made);
      for_rows(first, [&](int32_t y) {
         high_rows rows;
         for (size_t p = 0; p < detailed_count; ++p) {
            rows.rest[p] = memory_.below_middle[p].row(y) + made.first;
            rows.blurred[p] = memory_.blurred[p].row(y) + made.first;
         }
         rows.high_x = memory_.high_x.row(y) + made.first;
         rows.high_y = memory_.high_y.row(y) + made.first;
         rows.ultra_x = memory_.ultra_x.row(y) + made.first;
         rows.ultra_y = memory_.ultra_y.row(y) + made.first;
         rows.activity[0] = memory_.activity[0].row(y) + made.first;
         rows.activity[1] = memory_.activity[1].row(y) + made.first;
         rows.detail = memory_.detail.row(y) + made.first;
         with_.rows.split_high(rows, with_.scale, made.count());
         for (const rolling_rows *lines :
              {&memory_.high_x, &memory_.high_y, &memory_.ultra_x, &memory_.ultra_y})
            close(lines->row(y), made, 0);
      });
   }

   // ---- The map

   void add_lines(int32_t first) const {
      const auto add = [&](const rolling_rows &of, void (*lines)(const float *const *, int32_t, float *)) {
         for_rows(first, [&](int32_t y) {
            const float *rows[2 * line_reach + 1];
            of.list(y - line_reach, 2 * line_reach + 1, height_, memory_.outside.row(0), rows);
            lines(rows, strip_.count(), memory_.detail.row(y));
         });
      };
      for (const rolling_rows *rows : {&memory_.ultra_y, &memory_.ultra_x})
         add(*rows, with_.rows.add_dense_lines);
      for (const rolling_rows *rows : {&memory_.high_y, &memory_.high_x, &memory_.middle_y, &memory_.middle_x})
         add(*rows, with_.rows.add_sparse_lines);
   }

   void compare_activity(int32_t first) const {
      const columns made = with_halo(activity_halo);
      blur(memory_.activity[0], with_.blur.mask, first, made, memory_.blurred_activity);
      blur(memory_.activity[1], with_.blur.mask, first, made, memory_.blurred[0]);
      for_rows(first, [&](int32_t y) {
         float *reference = memory_.blurred_activity.row(y);
         with_.rows.add_activity(reference, memory_.blurred[0].row(y), strip_.count(), memory_.detail.row(y));
         close(reference, made, std::numeric_limits<float>::infinity());
      });
   }

   void finish(int32_t y, map_sums &sums) const {
      map_rows rows;
      for (int i = 0; i < 3; ++i)
         rows.activity[i] =
             row_or(memory_.blurred_activity, y + (i - 1) * erosion_step, memory_.outside.row(1));
      rows.low = memory_.low.row(y);
      rows.detail = memory_.detail.row(y);
      rows.map = memory_.line.row(0);
      with_.rows.make_map(rows, strip_.count());
      if (picture_.halved) {
         std::copy_n(rows.map, strip_.count(), half_.row(y) + strip_.first);
         return;
      }
      if (half_.data)
         with_.rows.merge(half_.row(y / 2) + strip_.first / 2, strip_.count(), rows.map);
      sum_up(y, rows.map, sums);
   }

   // What is in the picture as it was given.
   void sum_up(int32_t y, const float *map, map_sums &sums) const {
      const extension &whole = picture_.whole;
      if (y < whole.top || y >= whole.top + picture_.pair.height)
         return;
      const int32_t first = std::max(whole.left - strip_.first, 0);
      const int32_t last = std::min(whole.left + picture_.pair.width - strip_.first, strip_.count());
      with_.rows.sum_up(map + first, last - first, sums);
   }

   const source &picture_;
   const tools &with_;
   const strip_memory &memory_;
   const stored_map &half_;
   const columns strip_;
   const int32_t width_, height_;
};

// ---- A pair

struct workspace {
   strip_memory memory;
   stored_map half;

   workspace(portions &from, const extension &whole) : memory(from, whole.width, whole.height) {
      if (whole.has_halves())
         half.place(from, (whole.width + 1) / 2, (whole.height + 1) / 2);
   }
};

void walk(const source &picture, const tools &with, const workspace &space, const std::function<void()> &pause,
          map_sums &sums) {
   const int32_t width = picture.width(), step = strip_columns(width);
   for (int32_t x = 0; x < width; x += step)
      strip_walk(picture, with, space.memory, space.half, {x, std::min(width, x + step)}).run(pause, sums);
}

} // namespace

size_t scratch_bytes(int32_t width, int32_t height) {
   portions counted(nullptr);
   workspace(counted, extension(width, height));
   return counted.used();
}

map_sums measure(const light_pair &pair, const viewing &conditions, std::byte *scratch,
                 const std::function<void()> &pause) {
   const extension whole(pair.width, pair.height);
   portions from(scratch);
   const workspace space(from, whole);
   const tools with = {*best_row_kernels(),
                       {},
                       scales_of(conditions.hf_asymmetry),
                       static_cast<float>(conditions.intensity_target)};
   map_sums sums;
   if (whole.has_halves())
      walk(source(pair, true), with, space, pause, sums);
   walk(source(pair, false), with, space, pause, sums);
   return sums;
}

} // namespace giflab::butteraugli::vector
