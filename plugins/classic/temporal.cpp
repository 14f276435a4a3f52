#include "temporal.hpp"

#include "lab8.hpp"
#include "planes.hpp"
#include "regions.hpp"
#include "rows.hpp"
#include "statistics.hpp"

#include <array>
#include <cmath>

namespace giflab::classic {

std::vector<double> mean_changes(const giflab_call &call, const clip &pictures) {
   if (pictures.count() < 2)
      return {};
   std::vector<double> changes(pictures.count() - 1);
   for_each_part(call, pictures.count() - 1, [&](uint32_t i) {
      pulse beat(call);
      const auto a = pictures.colours(i), b = pictures.colours(i + 1);
      uint64_t sum = 0;
      constexpr size_t piece = 1 << 19; // between two looks for cancellation
      for (size_t first = 0; first < a.size(); first += piece) {
         const size_t count = std::min(piece, a.size() - first);
         beat(static_cast<int64_t>(count / 4));
         sum += absolute_differences(a.data() + first, b.data() + first, count);
      }
      changes[i] = static_cast<double>(sum) / static_cast<double>(a.size());
   });
   return changes;
}

double consistency(const std::vector<double> &changes) {
   const double m = mean(changes), v = variance(changes);
   return v == 0 || m == 0 ? 1 : clip01(std::exp(-2 * v / (m * m)));
}

// ---- Flat windows over time

namespace {

constexpr int32_t block_side = 8; // half a window

// Of each 8x8 block: the variance of its samples over time, summed over samples and channels; and its sum in
// each picture and channel.
class block_history {
 public:
   block_history(const clip &pictures)
       : pictures_(pictures), across_(pictures.size().width / block_side),
         down_(pictures.size().height / block_side), variances_(blocks()),
         sums_(blocks() * 3 * pictures.count()) {}

   int32_t down() const { return down_; }

   // One row of blocks.
   void look_at(int32_t block_y, pulse &beat) {
      const auto width = static_cast<size_t>(across_) * block_side;
      std::vector<uint32_t> plain(width), squared(width);
      for (const plane_kind kind : {RED, GREEN, BLUE})
         for (int32_t y = block_y * block_side; y < (block_y + 1) * block_side; ++y) {
            std::fill(plain.begin(), plain.end(), 0);
            std::fill(squared.begin(), squared.end(), 0);
            for (uint32_t i = 0; i < pictures_.count(); ++i) {
               beat(static_cast<int64_t>(width / 2));
               const uint8_t *row = pictures_.view(i, kind).row(y);
               add(row, plain.data(), squared.data(), width);
               add_to_blocks(row, sums_.data() + index(block_y, i, kind));
            }
            add_variances(plain, squared, block_y);
         }
   }

   // Mean over the samples of a window of their variance over time.
   double variance_over_time(const rectangle &window) const {
      double sum = 0;
      each_block(window, [&](int32_t x, int32_t y) {
         sum += variances_[static_cast<size_t>(y) * static_cast<size_t>(across_) + static_cast<size_t>(x)];
      });
      return sum / (3.0 * window.width * window.height);
   }

   // Of the window's mean colour, mean over the channels.
   double variance_of_colour(const rectangle &window) const {
      double sum = 0;
      std::vector<double> means(pictures_.count());
      for (const plane_kind kind : {RED, GREEN, BLUE}) {
         for (uint32_t i = 0; i < pictures_.count(); ++i) {
            int64_t total = 0;
            each_block(window, [&](int32_t x, int32_t y) {
               total += sums_[index(y, i, kind) + static_cast<size_t>(x)];
            });
            means[i] = static_cast<double>(total) / (static_cast<double>(window.width) * window.height);
         }
         sum += variance(means);
      }
      return sum / 3;
   }

 private:
   size_t blocks() const { return static_cast<size_t>(across_) * static_cast<size_t>(down_); }
   size_t index(int32_t block_y, uint32_t picture, plane_kind kind) const {
      const size_t line = (static_cast<size_t>(block_y) * pictures_.count() + picture) * 3 + kind;
      return line * static_cast<size_t>(across_);
   }
   template <class Visit> static void each_block(const rectangle &window, Visit &&visit) {
      for (int32_t y = window.top / block_side; y < window.bottom() / block_side; ++y)
         for (int32_t x = window.left / block_side; x < window.right() / block_side; ++x)
            visit(x, y);
   }

   static void add(const uint8_t *__restrict row, uint32_t *__restrict plain, uint32_t *__restrict squared,
                   size_t width) {
      for (size_t x = 0; x < width; ++x) {
         plain[x] += row[x];
         squared[x] += static_cast<uint32_t>(row[x] * row[x]);
      }
   }
   void add_to_blocks(const uint8_t *row, int32_t *blocks) const {
      for (int32_t i = 0; i < across_; ++i, row += block_side)
         blocks[i] += row[0] + row[1] + row[2] + row[3] + row[4] + row[5] + row[6] + row[7];
   }
   void add_variances(const std::vector<uint32_t> &plain, const std::vector<uint32_t> &squared,
                      int32_t block_y) {
      const double n = pictures_.count();
      double *block = variances_.data() + static_cast<size_t>(block_y) * static_cast<size_t>(across_);
      for (size_t x = 0; x < plain.size(); ++x)
         block[x / block_side] += (n * squared[x] - static_cast<double>(plain[x]) * plain[x]) / (n * n);
   }

   const clip &pictures_;
   int32_t across_, down_;
   std::vector<double> variances_;
   std::vector<int32_t> sums_;
};

} // namespace

flat_motion motion_of_flat_windows(const giflab_call &call, const clip &pictures, int64_t flicker_limit,
                                   int64_t background_limit) {
   pulse beat(call);
   const byte_plane first = pictures.view(0, GRAY);
   // The old package joins windows that share more than half of their area. Neighbours share exactly half, so
   // that none ever are.
   const auto flickering = flat_windows(first, 2 * block_side, flicker_limit, beat);
   const auto background = flat_windows(first, 2 * block_side, background_limit, beat);
   flat_motion motion;
   motion.flicker.windows = flickering.size();
   motion.background.windows = background.size();
   if (pictures.count() < 2 || (flickering.empty() && background.empty()))
      return motion;
   block_history history(pictures);
   for_each_part(call, static_cast<uint32_t>(history.down()), [&](uint32_t y) {
      pulse own(call);
      history.look_at(static_cast<int32_t>(y), own);
   });
   size_t above = 0;
   for (const rectangle &window : flickering)
      above += history.variance_over_time(window) > 20;
   if (!flickering.empty())
      motion.flicker.flicker_ratio = static_cast<double>(above) / static_cast<double>(flickering.size());
   double stable = 0;
   for (const rectangle &window : background) {
      beat(pictures.count() * 12);
      stable += std::max(0.0, 1 - history.variance_of_colour(window) / 100);
   }
   if (!background.empty())
      motion.background.background_stability = stable / static_cast<double>(background.size());
   return motion;
}

// ---- In place of LPIPS

namespace {

// 0.7 dL^2 + 0.15 da^2 + 0.15 db^2 of values divided by 255, and half as much again on an edge; summed in
// fortieths of a unit of 1/255^2.
uint64_t lab_difference(const clip &pictures, uint32_t i, pulse &beat) {
   const size_t pixels = pictures.size().pixels();
   const uint8_t *red = pictures.plane(i, RED), *green = pictures.plane(i, GREEN),
                 *blue = pictures.plane(i, BLUE), *edges = pictures.plane(i, EDGES);
   const uint8_t *next_red = pictures.plane(i + 1, RED), *next_green = pictures.plane(i + 1, GREEN),
                 *next_blue = pictures.plane(i + 1, BLUE);
   lab8_memory colours;
   uint64_t sum = 0;
   constexpr size_t few = 1 << 14;
   for (size_t first = 0; first < pixels; first += few) {
      const size_t end = std::min(first + few, pixels);
      beat(static_cast<int64_t>(2 * (end - first)));
      for (size_t x = first; x < end; ++x) {
         if (red[x] == next_red[x] && green[x] == next_green[x] && blue[x] == next_blue[x])
            continue;
         const lab8 a = colours.of(red[x], green[x], blue[x]),
                    b = colours.of(next_red[x], next_green[x], next_blue[x]);
         const int32_t l = a.l - b.l, u = a.a - b.a, v = a.b - b.b;
         sum += static_cast<uint64_t>((14 * l * l + 3 * (u * u + v * v)) * (2 + edges[x]));
      }
   }
   return sum;
}

} // namespace

std::vector<double> lab_changes(const giflab_call &call, const clip &pictures) {
   if (pictures.count() < 2)
      return {};
   std::vector<double> changes(pictures.count() - 1);
   for_each_part(call, pictures.count() - 1, [&](uint32_t i) {
      pulse beat(call);
      const double sum = static_cast<double>(lab_difference(pictures, i, beat)) / (40.0 * 255 * 255);
      changes[i] = std::min(8 * sum / static_cast<double>(pictures.size().pixels()), 1.0);
   });
   return changes;
}

// ---- Pumping

namespace {

// numpy's sum of floats of 32 bits. Its rounding decides which way a quality that stays the same seems to turn.
template <class Sample> float numpy_sum(const Sample &sample, size_t first, size_t count, pulse &beat) {
   if (count > 128) {
      const size_t half = count / 2 - count / 2 % 8;
      return numpy_sum(sample, first, half, beat) + numpy_sum(sample, first + half, count - half, beat);
   }
   beat(static_cast<int64_t>(count));
   float sum = 0;
   size_t i = 0;
   if (count >= 8) {
      float lanes[8] = {};
      for (; i + 8 <= count; i += 8)
         for (size_t lane = 0; lane < 8; ++lane)
            lanes[lane] += sample(first + i + lane);
      sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
   }
   for (; i < count; ++i)
      sum += sample(first + i);
   return sum;
}

double gray_variance(const clip &pictures, uint32_t i, pulse &beat) {
   const uint8_t *gray = pictures.plane(i, GRAY);
   const size_t pixels = pictures.size().pixels();
   const auto count = static_cast<float>(pixels);
   const float middle =
       numpy_sum([&](size_t x) { return static_cast<float>(gray[x]); }, 0, pixels, beat) / count;
   const auto squared = [&](size_t x) {
      const float difference = static_cast<float>(gray[x]) - middle;
      return difference * difference;
   };
   return static_cast<double>(numpy_sum(squared, 0, pixels, beat) / count);
}

int sign(double value) { return (value > 0) - (value < 0); }

} // namespace

pumping quality_pumping(const giflab_call &call, const clip &pictures, uint32_t count) {
   if (count < 3)
      return {};
   std::vector<double> quality(count);
   for_each_part(call, count, [&](uint32_t i) {
      pulse beat(call);
      const size_t pixels = pictures.size().pixels();
      beat(static_cast<int64_t>(pixels));
      const double density =
          static_cast<double>(count_edges(pictures.plane(i, EDGES), pixels)) / static_cast<double>(pixels);
      quality[i] = 0.7 * density + 0.3 * gray_variance(pictures, i, beat) / 10000;
   });
   std::vector<double> steps(count - 1);
   for (size_t i = 0; i < steps.size(); ++i)
      steps[i] = quality[i + 1] - quality[i];
   size_t turns = 0;
   for (size_t i = 0; i + 1 < steps.size(); ++i)
      turns += sign(steps[i]) != sign(steps[i + 1]);
   pumping found;
   found.oscillation = static_cast<double>(turns) / static_cast<double>(steps.size());
   found.score = found.oscillation * std::sqrt(variance(steps));
   return found;
}

} // namespace giflab::classic
