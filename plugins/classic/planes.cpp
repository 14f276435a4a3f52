#include "planes.hpp"

#include "bytes.hpp"
#include "ssim_rows.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <type_traits>

namespace giflab::classic {

// ---- Rows with their neighbours

row_window::row_window(byte_plane plane, border beyond)
    : plane_(plane), beyond_(beyond), pitch_(static_cast<size_t>(plane.size.width) + 2), memory_(3 * pitch_) {}

void row_window::load(int32_t y) {
   const int32_t height = plane_.size.height, width = plane_.size.width;
   uint8_t *row = slot(y);
   if (beyond_ == border::zero && (y < 0 || y >= height)) {
      std::fill_n(row - 1, pitch_, uint8_t{0});
      return;
   }
   const int32_t mirrored = height == 1 ? 0 : y < 0 ? 1 : y >= height ? height - 2 : y;
   const int32_t from = beyond_ == border::reflected ? mirrored : std::clamp(y, 0, height - 1);
   std::memcpy(row, plane_.row(from), static_cast<size_t>(width));
   const int32_t step = beyond_ == border::reflected && width > 1 ? 1 : 0;
   row[-1] = beyond_ == border::zero ? 0 : row[step];
   row[width] = beyond_ == border::zero ? 0 : row[width - 1 - step];
}

byte_rows row_window::at(int32_t y) {
   if (y == 0) {
      load(-1);
      load(0);
   }
   load(y + 1);
   return {slot(y - 1), slot(y), slot(y + 1)};
}

// ---- Canny

namespace {

// Gradients of three rows. Beyond the plane they have no length.
class gradient_window {
 public:
   gradient_window(byte_plane plane)
       : rows_(plane, border::repeated), size_(plane.size), width_(static_cast<size_t>(plane.size.width)),
         magnitudes_(3 * (width_ + 2)), across_(2 * width_), down_(2 * width_) {}

   void move_to(int32_t y) {
      if (y == 0)
         compute(0);
      if (y + 1 < size_.height)
         compute(y + 1);
      else
         std::fill_n(magnitude(y + 1), width_, int16_t{0});
   }
   int16_t *magnitude(int32_t y) {
      return magnitudes_.data() + static_cast<size_t>((y + 3) % 3) * (width_ + 2) + 1;
   }
   const int16_t *across(int32_t y) const { return across_.data() + static_cast<size_t>(y % 2) * width_; }
   const int16_t *down(int32_t y) const { return down_.data() + static_cast<size_t>(y % 2) * width_; }

 private:
   void compute(int32_t y) {
      const size_t half = static_cast<size_t>(y % 2) * width_;
      sobel_row(rows_.at(y), across_.data() + half, down_.data() + half, magnitude(y), width_);
   }

   row_window rows_;
   extent size_;
   size_t width_;
   std::vector<int16_t> magnitudes_, across_, down_;
};

uint64_t eight_at(const uint8_t *at) {
   uint64_t eight;
   std::memcpy(&eight, at, sizeof eight);
   return eight;
}

// Of eight places in a row, a byte each: is `perhaps` next to it, or there itself?
uint64_t near_perhaps(const uint8_t *at, std::ptrdiff_t pitch) {
   static_assert(edge == 1 && perhaps == 2);
   uint64_t all = 0;
   for (const std::ptrdiff_t row : {-pitch, std::ptrdiff_t{0}, pitch})
      all |= eight_at(at + row - 1) | eight_at(at + row) | eight_at(at + row + 1);
   return all >> 1 & 0x0101010101010101u;
}

// The sure edges that lead to others. `marks` has a free place on all sides of the picture, and eight behind;
// `in_rows` holds what marks there are in each row.
std::vector<uint32_t> leading_edges(const uint8_t *marks, size_t pitch, size_t width,
                                    const std::vector<uint8_t> &in_rows, pulse &beat) {
   std::vector<uint32_t> found;
   for (size_t y = 1; y + 1 < in_rows.size(); ++y) {
      if (!(in_rows[y] & edge) || !((in_rows[y - 1] | in_rows[y] | in_rows[y + 1]) & perhaps))
         continue;
      beat(static_cast<int64_t>(width));
      for (size_t x = 0; x < width; x += 8) {
         const size_t at = y * pitch + 1 + x;
         const uint64_t sure = eight_at(marks + at) & 0x0101010101010101u;
         if (sure == 0)
            continue; // so it is in most places
         for (uint64_t left = sure & near_perhaps(marks + at, static_cast<std::ptrdiff_t>(pitch)); left != 0;
              left &= left - 1)
            found.push_back(static_cast<uint32_t>(at + static_cast<size_t>(std::countr_zero(left)) / 8));
      }
   }
   return found;
}

// Marks what the sure edges lead to.
void grow_edges(uint8_t *marks, std::ptrdiff_t pitch, std::vector<uint32_t> sure, pulse &beat) {
   const std::ptrdiff_t neighbours[] = {-pitch - 1, -pitch, -pitch + 1, -1, 1, pitch - 1, pitch, pitch + 1};
   while (!sure.empty()) {
      const std::ptrdiff_t at = sure.back();
      sure.pop_back();
      beat(2);
      for (const std::ptrdiff_t step : neighbours)
         if (marks[at + step] == perhaps) {
            marks[at + step] = edge;
            sure.push_back(static_cast<uint32_t>(at + step));
         }
   }
}

// The marks of a picture once edges have grown, with a free place on all sides.
class grown_marks {
 public:
   grown_marks(byte_plane plane, int32_t low, int32_t high, pulse &beat)
       : pitch_(static_cast<size_t>(plane.size.width) + 2) {
      const auto width = static_cast<size_t>(plane.size.width), height = static_cast<size_t>(plane.size.height);
      gradient_window gradients(plane);
      beat(static_cast<int64_t>(pitch_ * height)); // new memory takes time
      marks_.resize(pitch_ * (height + 2) + 8);
      std::vector<uint8_t> in_rows(height + 2);
      for (int32_t y = 0; y < plane.size.height; ++y) {
         beat(plane.size.width);
         gradients.move_to(y);
         in_rows[static_cast<size_t>(y) + 1] = mark_ridges(
             {gradients.across(y), gradients.down(y), gradients.magnitude(y - 1), gradients.magnitude(y),
              gradients.magnitude(y + 1)},
             static_cast<int16_t>(low), static_cast<int16_t>(high), row(static_cast<size_t>(y)), width);
      }
      grow_edges(marks_.data(), static_cast<std::ptrdiff_t>(pitch_),
                 leading_edges(marks_.data(), pitch_, width, in_rows, beat), beat);
   }
   uint8_t *row(size_t y) { return marks_.data() + (y + 1) * pitch_ + 1; }

 private:
   size_t pitch_;
   std::vector<uint8_t> marks_;
};

} // namespace

void canny(byte_plane plane, int32_t low, int32_t high, uint8_t *edges, pulse &beat) {
   grown_marks marks(plane, low, high, beat);
   const auto width = static_cast<size_t>(plane.size.width), height = static_cast<size_t>(plane.size.height);
   for (size_t y = 0; y < height; ++y) {
      beat(static_cast<int64_t>(width / 4));
      const uint8_t *row = marks.row(y);
      for (size_t x = 0; x < width; ++x)
         edges[y * width + x] = row[x] & edge;
   }
}

void canny(byte_plane plane, int32_t low, int32_t high, std::span<uint64_t> edges, pulse &beat) {
   grown_marks marks(plane, low, high, beat);
   const auto height = static_cast<size_t>(plane.size.height), pitch = edges.size() / height;
   for (size_t y = 0; y < height; ++y) {
      beat(plane.size.width / 4);
      mark_ones(marks.row(y), static_cast<size_t>(plane.size.width), edges.data() + y * pitch);
   }
}

size_t count_edges(const uint8_t *edges, size_t count) { return sum_of_bytes(edges, count); }

// ---- Shrinking

namespace {

template <class Target> Target rounded(float value) {
   if constexpr (std::is_same_v<Target, uint8_t>)
      return static_cast<uint8_t>(std::clamp(std::nearbyint(value), 0.0f, 255.0f));
   else
      return value;
}

// Both sides by whole numbers: plain means of blocks.
template <class Sample, class Target>
void shrink_by_blocks(const Sample *source, extent from, Target *target, extent to, pulse &beat) {
   const int32_t across = from.width / to.width, down = from.height / to.height;
   const float share = 1.0f / static_cast<float>(across * down);
   for (int32_t y = 0; y < to.height; ++y) {
      beat(int64_t{from.width} * down);
      for (int32_t x = 0; x < to.width; ++x) {
         std::conditional_t<std::is_same_v<Sample, uint8_t>, int32_t, float> sum = 0;
         for (int32_t v = 0; v < down; ++v)
            for (int32_t u = 0; u < across; ++u)
               sum += source[static_cast<size_t>(y * down + v) * static_cast<size_t>(from.width) +
                             static_cast<size_t>(x * across + u)];
         if constexpr (std::is_same_v<Target, uint8_t>)
            if (across == 2 && down == 2) {
               *target++ = static_cast<uint8_t>((sum + 2) >> 2);
               continue;
            }
         *target++ = rounded<Target>(static_cast<float>(sum) * share);
      }
   }
}

// A source sample's share in a target sample.
struct area_share {
   int32_t target, source;
   float weight;
};

std::vector<area_share> area_shares(int32_t from, int32_t to) {
   const double scale = static_cast<double>(from) / to;
   std::vector<area_share> shares;
   for (int32_t target = 0; target < to; ++target) {
      const double first = target * scale, end = first + scale, width = std::min(scale, from - first);
      const int32_t last = std::min(static_cast<int32_t>(std::floor(end)), from - 1);
      const int32_t whole = std::min(static_cast<int32_t>(std::ceil(first)), last);
      if (whole - first > 1e-3)
         shares.push_back({target, whole - 1, static_cast<float>((whole - first) / width)});
      for (int32_t source = whole; source < last; ++source)
         shares.push_back({target, source, static_cast<float>(1 / width)});
      if (end - last > 1e-3)
         shares.push_back(
             {target, last, static_cast<float>(std::min(std::min(end - last, 1.0), width) / width)});
   }
   return shares;
}

template <class Sample, class Target>
void shrink_by_areas(const Sample *source, extent from, Target *target, extent to, pulse &beat) {
   const auto columns = area_shares(from.width, to.width), rows = area_shares(from.height, to.height);
   const auto width = static_cast<size_t>(to.width);
   std::vector<float> row(width), sum(width);
   for (size_t i = 0; i < rows.size(); ++i) {
      beat(2 * int64_t{from.width});
      const Sample *samples = source + static_cast<size_t>(rows[i].source) * static_cast<size_t>(from.width);
      std::fill(row.begin(), row.end(), 0.0f);
      for (const area_share &share : columns)
         row[static_cast<size_t>(share.target)] += static_cast<float>(samples[share.source]) * share.weight;
      for (size_t x = 0; x < width; ++x)
         sum[x] += row[x] * rows[i].weight;
      if (i + 1 < rows.size() && rows[i + 1].target == rows[i].target)
         continue;
      Target *line = target + static_cast<size_t>(rows[i].target) * width;
      for (size_t x = 0; x < width; ++x)
         line[x] = rounded<Target>(sum[x]);
      std::fill(sum.begin(), sum.end(), 0.0f);
   }
}

// Both sides by two.
template <class Sample>
void shrink_to_halves(const Sample *source, extent from, float *target, extent to, pulse &beat) {
   const auto pitch = static_cast<size_t>(from.width), width = static_cast<size_t>(to.width);
   for (int32_t y = 0; y < to.height; ++y) {
      beat(from.width);
      halve_row(source, source + pitch, target, width);
      source += 2 * pitch;
      target += width;
   }
}

// The weights of the samples 2x, 2x + 1 and 2x + 2 in each target.
class weights_of_halves {
 public:
   weights_of_halves(int32_t from, int32_t to) : width_(static_cast<size_t>(to)), weights_(3 * width_) {
      for (const area_share &share : area_shares(from, to))
         weights_[static_cast<size_t>(share.source - 2 * share.target) * width_ +
                  static_cast<size_t>(share.target)] = share.weight;
   }
   three_weights all() const {
      return {weights_.data(), weights_.data() + width_, weights_.data() + 2 * width_};
   }

 private:
   size_t width_;
   std::vector<float> weights_;
};

// One side by two, or both, and the other by a little more, so that each target has a share in three samples at
// most.
template <class Sample>
void shrink_to_near_halves(const Sample *source, extent from, float *target, extent to, pulse &beat) {
   const weights_of_halves columns(from.width, to.width);
   const auto rows = area_shares(from.height, to.height);
   const auto pitch = static_cast<size_t>(from.width), width = static_cast<size_t>(to.width);
   std::vector<float> row(width);
   std::fill_n(target, to.pixels(), 0.0f);
   for (const area_share &share : rows) {
      beat(from.width);
      halve_row_by_areas(source + static_cast<size_t>(share.source) * pitch, columns.all(), row.data(), width);
      float *line = target + static_cast<size_t>(share.target) * width;
      for (size_t x = 0; x < width; ++x)
         line[x] += row[x] * share.weight;
   }
}

bool is_near_half(int32_t from, int32_t to) { return from == 2 * to || from == 2 * to + 1; }

template <class Sample, class Target>
void shrink_samples(const Sample *source, extent from, Target *target, extent to, pulse &beat) {
   if (from == to) {
      beat(static_cast<int64_t>(from.pixels() / 8));
      std::copy_n(source, from.pixels(), target);
      return;
   }
   if constexpr (std::is_same_v<Target, float>) {
      if (from == extent{2 * to.width, 2 * to.height}) {
         shrink_to_halves(source, from, target, to, beat);
         return;
      }
      if (is_near_half(from.width, to.width) && is_near_half(from.height, to.height)) {
         shrink_to_near_halves(source, from, target, to, beat);
         return;
      }
   }
   if (from.width % to.width == 0 && from.height % to.height == 0)
      shrink_by_blocks(source, from, target, to, beat);
   else
      shrink_by_areas(source, from, target, to, beat);
}

} // namespace

void shrink(const uint8_t *source, extent from, uint8_t *target, extent to, pulse &beat) {
   shrink_samples(source, from, target, to, beat);
}
void shrink(const uint8_t *source, extent from, float *target, extent to, pulse &beat) {
   shrink_samples(source, from, target, to, beat);
}
void shrink(const float *source, extent from, float *target, extent to, pulse &beat) {
   shrink_samples(source, from, target, to, beat);
}

// ---- SSIM

namespace {

// `row(y)` gives the samples of both pictures.
template <class Sample, class Columns, class Row>
double mean_ssim_of_rows(extent size, const Columns &columns, double range, pulse &beat, Row &&row) {
   constexpr int32_t side = 7;
   const auto width = static_cast<size_t>(size.width);
   std::vector<double> work(width);
   const double c1 = 0.01 * range * (0.01 * range), c2 = 0.03 * range * (0.03 * range);
   double sum = 0;
   for (int32_t y = 0; y < size.height; ++y) {
      beat(size.width);
      move_columns(row(y), y < side ? row_pair<Sample>() : row(y - side), columns, width);
      if (y + 1 >= side)
         sum += ssim_row(columns, c1, c2, work.data(), width);
   }
   return sum / (static_cast<double>(size.width - side + 1) * (size.height - side + 1));
}

bool holds_window(extent size) { return size.width >= 7 && size.height >= 7; }

} // namespace

double mean_ssim(byte_plane a, byte_plane b, double range, pulse &beat) {
   if (!holds_window(a.size))
      return std::numeric_limits<double>::quiet_NaN();
   const auto width = static_cast<size_t>(a.size.width);
   std::vector<uint16_t> sums(2 * width);
   std::vector<int32_t> products(2 * width);
   const ssim_byte_columns columns{sums.data(), sums.data() + width, products.data(), products.data() + width};
   return mean_ssim_of_rows<uint8_t>(a.size, columns, range, beat, [&](int32_t y) {
      return row_pair<uint8_t>{a.row(y), b.row(y)};
   });
}

double mean_ssim(const float *a, const float *b, extent size, double range, pulse &beat) {
   if (!holds_window(size))
      return std::numeric_limits<double>::quiet_NaN();
   const auto width = static_cast<size_t>(size.width);
   std::vector<double> sums(4 * width);
   const ssim_float_columns columns{sums.data(), sums.data() + width, sums.data() + 2 * width,
                                    sums.data() + 3 * width};
   return mean_ssim_of_rows<float>(size, columns, range, beat, [&](int32_t y) {
      const size_t start = static_cast<size_t>(y) * width;
      return row_pair<float>{a + start, b + start};
   });
}

} // namespace giflab::classic
