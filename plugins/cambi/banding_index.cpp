#include "banding_index.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <span>

namespace giflab::plugins {

namespace {

using kernels::plane;
using sample = int16_t; // luma in 10 bits

constexpr int scale_count = 5;
constexpr double scale_weights[scale_count] = {16, 8, 4, 2, 1};
constexpr double all_weights = 31;
constexpr int32_t strip = 512;     // columns whose counts are kept at a time
constexpr int32_t most_reach = 63; // of a window to either side
constexpr int32_t chunk = 8;       // columns that are computed together, needed or not

int32_t whole_chunks(int32_t columns) { return (columns + chunk - 1) / chunk * chunk; }
int32_t half(int32_t length) { return length / 2 + length % 2; }

// Asks whether to go on, every few rows or some hundred thousand elements.
struct pauses {
   const std::function<void()> &ask;
   void at_row(int32_t y) const {
      if (y % 16 == 0)
         ask();
   }
   void at_element(size_t i) const {
      if (i % (1 << 18) == 0)
         ask();
   }
};

// ---- The window

// 65 pixels for 3840x2160, about a degree of what people see of it. Below 216 pixels a side, where libvmaf
// refuses, the 5 of its least size; no longer than what the shorter side can fill.
int32_t reach_of(int32_t width, int32_t height) {
   const int64_t sides = static_cast<int64_t>(width) + height;
   const auto reach = static_cast<int32_t>(std::min<int64_t>(most_reach, (65 * sides / 375 / 16 | 1) / 2));
   const bool small = width < 216 && height < 216;
   return std::min(small ? std::max(reach, 2) : reach, std::min(width, height) - 1);
}

// ---- Memory

class portions {
 public:
   explicit portions(std::byte *block) : block_(block) {}
   template <class T> T *take(size_t count) {
      const size_t at = used_;
      used_ += (count * sizeof(T) + 63) / 64 * 64;
      return block_ ? reinterpret_cast<T *>(block_ + at) : nullptr;
   }
   size_t used() const { return used_; }

 private:
   std::byte *block_;
   size_t used_ = 0;
};

// Pixels of one value beside each other, columns [begin, end) of a strip, in which `begin` may be negative.
struct run {
   int16_t begin, end;
   sample value;
};

struct workspace {
   sample *luma;          // width x height, and smaller scales in the same place
   uint8_t *mask;         // the same, 1 where banding could be
   uint8_t *flat;         // width x height: no step to the right or below
   uint8_t *flat_columns; // of a row, how many of seven
   sample *filtered;      // three rows
   uint16_t *counts;      // of each value in the window around each column of a strip
   uint16_t *no_counts;   // a row of zeros
   run *runs;             // of the rows of a window and the one above
   int32_t *run_counts;
   float *contrasts; // of all pixels of a scale that have any

   workspace(portions &from, int32_t width, int32_t height, int32_t values) {
      const auto pixels = static_cast<size_t>(width) * static_cast<size_t>(height);
      const int32_t columns = std::min(strip, width), rows = 2 * reach_of(width, height) + 2;
      luma = from.take<sample>(pixels);
      mask = from.take<uint8_t>(pixels);
      flat = from.take<uint8_t>(pixels);
      flat_columns = from.take<uint8_t>(static_cast<size_t>(width) + 6);
      filtered = from.take<sample>(3 * static_cast<size_t>(width));
      const auto counted = static_cast<size_t>(whole_chunks(columns) + chunk);
      counts = from.take<uint16_t>(static_cast<size_t>(values) * counted);
      no_counts = from.take<uint16_t>(counted);
      runs = from.take<run>(static_cast<size_t>(rows) * static_cast<size_t>(columns + rows));
      run_counts = from.take<int32_t>(static_cast<size_t>(rows));
      contrasts = from.take<float>(pixels);
   }
};

// Values that some pixel's contrast asks for.
int32_t value_count(const cambi_thresholds &visible) { return visible.back() + cambi_steps + 1; }

// ---- Before the scales

sample ten_bits(uint8_t value) { return static_cast<sample>(4 * value); }

// The mean of each pixel, its right, its lower and the one between, so that dithered steps are steps again.
void take_luma(plane<uint8_t> luma, int32_t width, int32_t height, sample *result, const pauses &pause) {
   const int32_t last = width - 1;
   for (int32_t y = 0; y < height; ++y, result += width) {
      pause.at_row(y);
      const uint8_t *upper = luma.row(y), *lower = luma.row(std::min(y + 1, height - 1));
      for (int32_t x = 0; x < last; ++x) // a row below the last would count the same twice
         result[x] = static_cast<sample>(upper[x] + upper[x + 1] + lower[x] + lower[x + 1]);
      result[last] = static_cast<sample>((ten_bits(upper[last]) + ten_bits(lower[last])) >> 1);
   }
}

void find_flat(const sample *luma, int32_t width, int32_t height, uint8_t *flat, const pauses &pause) {
   for (int32_t y = 0; y < height; ++y, luma += width, flat += width) {
      pause.at_row(y);
      const sample *lower = y + 1 < height ? luma + width : luma;
      for (int32_t x = 0; x + 1 < width; ++x)
         flat[x] = static_cast<uint8_t>((luma[x] == luma[x + 1]) & (luma[x] == lower[x]));
      flat[width - 1] = static_cast<uint8_t>(luma[width - 1] == lower[width - 1]);
   }
}

int ceil_log2(int64_t number) {
   int log = 0;
   while (int64_t{1} << log < number)
      ++log;
   return log;
}

// How many of the 49 pixels around one are flat where it may be in a band; more in larger pictures.
int least_flat(int32_t width, int32_t height) {
   const int64_t blocks = static_cast<int64_t>(width / 64) * (height / 64);
   return ((49 + 3 * (ceil_log2(blocks) - 11) - 1) >> 1) + 1;
}

void find_mask(const workspace &space, int32_t width, int32_t height, const pauses &pause) {
   const auto least = static_cast<uint8_t>(least_flat(width, height));
   uint8_t *columns = space.flat_columns + 3; // with three of zeros at either end
   std::fill_n(space.flat_columns, width + 6, uint8_t{0});
   const auto row = [&](uint8_t *first, int32_t y) { return first + static_cast<ptrdiff_t>(y) * width; };
   for (int32_t y = -3; y < height; ++y) {
      pause.at_row(y);
      if (y + 3 < height)
         for (int32_t x = 0; x < width; ++x)
            columns[x] = static_cast<uint8_t>(columns[x] + row(space.flat, y + 3)[x]);
      if (y >= 4)
         for (int32_t x = 0; x < width; ++x)
            columns[x] = static_cast<uint8_t>(columns[x] - row(space.flat, y - 4)[x]);
      if (y >= 0)
         for (int32_t x = 0; x < width; ++x) {
            const auto sum =
                static_cast<uint8_t>(columns[x - 3] + columns[x - 2] + columns[x - 1] + columns[x] +
                                     columns[x + 1] + columns[x + 2] + columns[x + 3]);
            row(space.mask, y)[x] = sum >= least;
         }
   }
}

// ---- A scale

// Every second pixel of every second row, in place.
template <class T> void thin_out(T *pixels, int32_t width, int32_t height, const pauses &pause) {
   T *result = pixels;
   for (int32_t y = 0; y < height; y += 2) {
      pause.at_row(y);
      const T *row = pixels + static_cast<ptrdiff_t>(y) * width;
      for (int32_t x = 0; x < width; x += 2)
         *result++ = row[x];
   }
}

// The value that two of the three have, or else the least.
sample mode_of(sample a, sample b, sample c) {
   const sample least = std::min(a, std::min(b, c));
   const sample otherwise = b == c ? b : least;
   return (a == b) | (a == c) ? a : otherwise;
}

// Modes of three across and then of three down, in place; the edges of a picture stay as they are.
void filter_modes(sample *luma, int32_t width, int32_t height, sample *filtered, const pauses &pause) {
   const auto row = [&](int32_t y) { return luma + static_cast<ptrdiff_t>(y) * width; };
   const auto across = [&](int32_t y) { return filtered + static_cast<ptrdiff_t>(y % 3) * width; };
   for (int32_t y = 0; y < height; ++y) {
      pause.at_row(y);
      const sample *in = row(y);
      sample *out = across(y);
      out[0] = in[0];
      for (int32_t x = 1; x < width - 1; ++x)
         out[x] = mode_of(in[x - 1], in[x], in[x + 1]);
      out[width - 1] = in[width - 1];
      if (y < 2)
         continue;
      const sample *upper = across(y - 2), *middle = across(y - 1);
      sample *result = row(y - 1);
      for (int32_t x = 0; x < width; ++x)
         result[x] = mode_of(upper[x], middle[x], out[x]);
   }
}

// ---- Contrasts

// Goes down a strip of columns with a window, and knows at each row how often each value is in the window
// around each column. A run of one value changes these counts by a slope up, a level and a slope down.
class window_walk {
 public:
   window_walk(const workspace &space, const cambi_thresholds &visible, int32_t width, int32_t height,
               int32_t reach)
       : space_(space), visible_(visible), width_(width), height_(height), reach_(reach) {}

   // Writes the contrasts above 0 and says how many there are.
   size_t contrasts(const pauses &pause) {
      for (left_ = 0; left_ < width_; left_ += strip) {
         columns_ = std::min(strip, width_ - left_);
         pitch_ = whole_chunks(columns_) + chunk;
         std::fill_n(space_.counts, pitch_ * value_count(visible_), uint16_t{0});
         std::fill_n(space_.no_counts, pitch_, uint16_t{0});
         for (int32_t y = -reach_; y < height_; ++y) {
            pause.at_row(y);
            take_row(y);
         }
      }
      return found_;
   }

 private:
   struct row_of_runs {
      run *first;
      int32_t &count;
   };
   row_of_runs row(int32_t y) const {
      const int32_t rows = 2 * reach_ + 2, at = y % rows;
      return {space_.runs + static_cast<ptrdiff_t>(at) * (columns_ + rows), space_.run_counts[at]};
   }

   void take_row(int32_t y) {
      if (y > reach_) {
         const row_of_runs leaving = row(y - reach_ - 1);
         for (int32_t i = 0; i < leaving.count; ++i)
            change<-1>(leaving.first[i]);
      }
      if (y + reach_ < height_) {
         find_runs(y + reach_);
         const row_of_runs entering = row(y + reach_);
         for (int32_t i = 0; i < entering.count; ++i)
            change<1>(entering.first[i]);
      }
      if (y >= 0) {
         const row_of_runs here = row(y);
         for (int32_t i = 0; i < here.count; ++i)
            add_contrasts(here.first[i]);
      }
   }

   void find_runs(int32_t y) {
      const ptrdiff_t at = static_cast<ptrdiff_t>(y) * width_ + left_;
      const sample *luma = space_.luma + at;
      const uint8_t *mask = space_.mask + at;
      const auto values = static_cast<sample>(value_count(visible_));
      const int32_t end = std::min(width_ - left_, columns_ + reach_);
      row_of_runs runs = row(y);
      runs.count = 0;
      for (int32_t x = std::max(-left_, -reach_); x < end;) {
         const sample value = luma[x];
         const int32_t begin = x;
         if (mask[x] == 0 || value >= values) {
            ++x;
            continue;
         }
         while (x < end && mask[x] != 0 && luma[x] == value)
            ++x;
         runs.first[runs.count++] = {static_cast<int16_t>(begin), static_cast<int16_t>(x), value};
      }
   }

   uint16_t *counts_of(int32_t value) const { return space_.counts + static_cast<ptrdiff_t>(value) * pitch_; }

   template <int sign> void change(const run &of) {
      const int32_t first = std::max(0, of.begin - reach_), end = std::min(columns_, of.end + reach_);
      const auto most = static_cast<int16_t>(std::min<int32_t>(of.end - of.begin, 2 * reach_ + 1));
      const auto up = static_cast<int16_t>(reach_ + 1 - of.begin), down = static_cast<int16_t>(of.end + reach_);
      uint16_t *counts = counts_of(of.value);
      for (int32_t x = first; x < end; x += chunk)
         for (int32_t i = x; i < x + chunk; ++i) {
            const auto slope = std::min(static_cast<int16_t>(up + i), static_cast<int16_t>(down - i));
            const auto change = std::max<int16_t>(0, std::min(slope, most));
            counts[i] = static_cast<uint16_t>(counts[i] + sign * change);
         }
   }

   void add_contrasts(const run &of) {
      const int32_t begin = std::max<int32_t>(0, of.begin), end = std::min<int32_t>(columns_, of.end);
      if (begin >= end || of.value > visible_.back())
         return;
      for (int32_t x = begin; x < end; x += chunk) {
         float strongest[chunk] = {};
         for (int step = 1; step <= cambi_steps; ++step)
            if (of.value <= visible_[static_cast<size_t>(step - 1)])
               raise_to(of.value, step, x, strongest);
         for (int32_t i = 0; i < std::min(chunk, end - x); ++i) {
            space_.contrasts[found_] = strongest[i];
            found_ += strongest[i] > 0;
         }
      }
   }

   // The contrast of a value to those a step away: greatest where the window has as much of either. Columns
   // that are none of the run's are computed in vain, some of them from no pixel at all.
   void raise_to(int32_t value, int step, int32_t x, float (&strongest)[chunk]) const {
      const uint16_t *same = counts_of(value) + x, *above = counts_of(value + step) + x;
      const uint16_t *below = (value < step ? space_.no_counts : counts_of(value - step)) + x;
      const auto weight = static_cast<float>(step);
      for (int32_t i = 0; i < chunk; ++i) {
         const auto here = static_cast<float>(same[i]);
         const auto there = static_cast<float>(std::max(above[i], below[i]));
         const float contrast = weight * here * there * (1.0F / std::max(1.0F, here + there));
         strongest[i] = std::max(strongest[i], contrast);
      }
   }

   const workspace &space_;
   const cambi_thresholds &visible_;
   const int32_t width_, height_, reach_;
   int32_t left_ = 0, columns_ = 0, pitch_ = 0;
   size_t found_ = 0;
};

// ---- Pooling

// Positive floats are in the order of their bits, of which the highest tell these classes apart.
constexpr size_t class_count = 1 << 13;
size_t class_of(float contrast) { return std::bit_cast<uint32_t>(contrast) >> 18; }

// The class that holds the last of the `counted` highest, and how many lie in higher ones.
struct last_class {
   size_t at, higher;
};
last_class find_last_class(std::span<const float> contrasts, size_t counted, const pauses &pause) {
   uint32_t sizes[class_count] = {};
   for (size_t i = 0; i < contrasts.size(); ++i) {
      pause.at_element(i);
      ++sizes[class_of(contrasts[i])];
   }
   last_class last = {class_count - 1, 0};
   while (last.higher + sizes[last.at] < counted)
      last.higher += sizes[last.at--];
   return last;
}

// The sum of the `counted` highest of more, in the order in which they stand but for the last class.
double sum_of_highest(std::span<float> contrasts, size_t counted, const pauses &pause) {
   const last_class last = find_last_class(contrasts, counted, pause);
   double sum = 0;
   size_t in_last = 0;
   for (size_t i = 0; i < contrasts.size(); ++i) {
      pause.at_element(i);
      const size_t of = class_of(contrasts[i]);
      if (of > last.at)
         sum += static_cast<double>(contrasts[i]);
      else if (of == last.at)
         contrasts[in_last++] = contrasts[i];
   }
   const auto rest = static_cast<ptrdiff_t>(counted - last.higher);
   std::nth_element(contrasts.begin(), contrasts.begin() + rest - 1,
                    contrasts.begin() + static_cast<ptrdiff_t>(in_last), std::greater<>());
   return std::accumulate(contrasts.begin(), contrasts.begin() + rest, sum);
}

// The mean of the highest 60 % of all pixels, of which those without contrast are 0.
double mean_of_highest(std::span<float> contrasts, int32_t width, int32_t height, const pauses &pause) {
   const double pixels = static_cast<double>(width) * height;
   const auto counted = static_cast<size_t>(std::max(1.0, std::floor(0.6 * pixels)));
   const double sum = contrasts.size() > counted ? sum_of_highest(contrasts, counted, pause)
                                                 : std::accumulate(contrasts.begin(), contrasts.end(), 0.0);
   return sum / static_cast<double>(counted);
}

// ---- Visibility

double luminance(int32_t level) {
   constexpr double gamma = 2.4, white = 300, black = 0.01, lowest = 64, highest = 940;
   const double root_of_white = std::pow(white, 1 / gamma), root_of_black = std::pow(black, 1 / gamma);
   const double lift = root_of_black / (root_of_white - root_of_black);
   return std::pow(root_of_white - root_of_black, gamma) *
          std::pow((level - lowest) / (highest - lowest) + lift, gamma);
}

// The last level from which a step is visible, or 0.
int32_t last_visible(int step) {
   constexpr int32_t lowest = 64, highest = 940;
   const auto visible = [&](int32_t level) {
      return luminance(level + step) - luminance(level) > 0.019 * luminance(level);
   };
   int32_t level = lowest;
   while (level + step <= highest && visible(level))
      ++level;
   return level == lowest ? 0 : level - 1;
}

} // namespace

cambi_thresholds visible_steps() {
   cambi_thresholds visible;
   for (int step = 1; step <= cambi_steps; ++step)
      visible[static_cast<size_t>(step - 1)] = last_visible(step);
   return visible;
}

size_t cambi_scratch(int32_t width, int32_t height, const cambi_thresholds &visible) {
   portions counted(nullptr);
   workspace(counted, width, height, value_count(visible));
   return counted.used();
}

double cambi(plane<uint8_t> luma, int32_t width, int32_t height, const cambi_thresholds &visible,
             std::byte *scratch, const std::function<void()> &ask) {
   const pauses pause = {ask};
   portions from(scratch);
   const workspace space(from, width, height, value_count(visible));
   const int32_t reach = reach_of(width, height);
   const double window = 2.0 * reach + 1;
   take_luma(luma, width, height, space.luma, pause);
   find_flat(space.luma, width, height, space.flat, pause);
   find_mask(space, width, height, pause);
   double sum = 0, weights = 0;
   for (int scale = 0; scale < scale_count; ++scale) {
      if (scale > 0) {
         thin_out(space.luma, width, height, pause);
         thin_out(space.mask, width, height, pause);
         width = half(width);
         height = half(height);
         if (std::min(width, height) <= reach) // the window would be beyond the picture on both sides
            break;
      }
      filter_modes(space.luma, width, height, space.filtered, pause);
      const size_t found = window_walk(space, visible, width, height, reach).contrasts(pause);
      sum += scale_weights[scale] * mean_of_highest({space.contrasts, found}, width, height, pause);
      weights += scale_weights[scale];
   }
   return sum / (window * window) * (all_weights / weights);
}

} // namespace giflab::plugins
