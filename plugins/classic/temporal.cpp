#include "temporal.hpp"

#include "bytes.hpp"
#include "lab8.hpp"
#include "planes.hpp"
#include "regions.hpp"
#include "statistics.hpp"

#include <array>
#include <bit>
#include <cmath>

namespace giflab::classic {

namespace {

double mean_change(const clip &pictures, uint32_t i, pulse &beat) {
   const auto a = pictures.colours(i), b = pictures.colours(i + 1);
   uint64_t sum = 0;
   constexpr size_t piece = 1 << 19; // between two looks for cancellation
   for (size_t first = 0; first < a.size(); first += piece) {
      const size_t count = std::min(piece, a.size() - first);
      beat(static_cast<int64_t>(count / 4));
      sum += absolute_differences(a.data() + first, b.data() + first, count);
   }
   return static_cast<double>(sum) / static_cast<double>(a.size());
}

// value(pictures, i, beat) of each of `count`.
template <class Value>
void plan_values(jobs &work, const clip &pictures, uint32_t count, std::vector<double> &values, Value value) {
   values.resize(count);
   for (uint32_t i = 0; i < count; ++i)
      work.add([&pictures, &values, value, i](pulse &beat) { values[i] = value(pictures, i, beat); });
}

} // namespace

void plan_mean_changes(jobs &work, const clip &pictures, std::vector<double> &changes) {
   plan_values(work, pictures, pictures.count() - 1, changes, mean_change);
}

double consistency(const std::vector<double> &changes) {
   const double m = mean(changes), v = variance(changes);
   return v == 0 || m == 0 ? 1 : clip01(std::exp(-2 * v / (m * m)));
}

// ---- Flat windows over time

constexpr int32_t block_side = 8; // half a window

// Of each 8x8 block of the windows: the variance of its samples over time, summed over samples and channels;
// and its sum in each picture and channel.
class block_history {
 public:
   block_history(const clip &pictures)
       : pictures_(pictures), across_(pictures.size().width / block_side),
         down_(pictures.size().height / block_side), wanted_(blocks()), spreads_(blocks()),
         sums_(blocks() * 3 * pictures.count()) {}

   int32_t down() const { return down_; }

   void want(const std::vector<rectangle> &windows) {
      for (const rectangle &window : windows)
         each_block(window, [&](int32_t x, int32_t y) { wanted_[place(x, y)] = true; });
   }

   // One row of blocks.
   void look_at(int32_t block_y, pulse &beat) {
      for (int32_t x = 0; x < across_; ++x) {
         const int32_t first = x;
         while (x < across_ && wanted_[place(x, block_y)])
            ++x;
         if (x > first)
            look_at(first, x, block_y, beat);
      }
   }

   // Mean over the samples of a window of their variance over time.
   double variance_over_time(const rectangle &window) const {
      uint64_t sum = 0;
      each_block(window, [&](int32_t x, int32_t y) { sum += spreads_[place(x, y)]; });
      const double n = pictures_.count();
      return static_cast<double>(sum) / (n * n) / (3.0 * window.width * window.height);
   }

   // Of the window's mean colour, mean over the channels.
   double variance_of_colour(const rectangle &window) const {
      double sum = 0;
      std::vector<double> means(pictures_.count());
      for (const plane_kind kind : {RED, GREEN, BLUE}) {
         for (uint32_t i = 0; i < pictures_.count(); ++i) {
            uint64_t total = 0;
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
   size_t place(int32_t x, int32_t y) const {
      return static_cast<size_t>(y) * static_cast<size_t>(across_) + static_cast<size_t>(x);
   }
   size_t index(int32_t block_y, uint32_t picture, plane_kind kind) const {
      const size_t line = (static_cast<size_t>(block_y) * pictures_.count() + picture) * 3 + kind;
      return line * static_cast<size_t>(across_);
   }
   template <class Visit> static void each_block(const rectangle &window, Visit &&visit) {
      for (int32_t y = window.top / block_side; y < window.bottom() / block_side; ++y)
         for (int32_t x = window.left / block_side; x < window.right() / block_side; ++x)
            visit(x, y);
   }

   // Blocks [first, end) of a row of them.
   void look_at(int32_t first, int32_t end, int32_t block_y, pulse &beat) {
      const auto width = static_cast<size_t>(end - first) * block_side;
      const uint32_t count = pictures_.count();
      std::vector<const uint8_t *> rows(count);
      std::vector<int32_t> spread(width);
      for (const plane_kind kind : {RED, GREEN, BLUE})
         for (int32_t y = block_y * block_side; y < (block_y + 1) * block_side; ++y) {
            beat(static_cast<int64_t>(width * count / 4));
            for (uint32_t i = 0; i < count; ++i) {
               rows[i] = pictures_.view(i, kind).row(y) + first * block_side;
               add_sums_of_eight(rows[i], width,
                                 sums_.data() + index(block_y, i, kind) + static_cast<size_t>(first));
            }
            spread_over_time(rows.data(), count, width, spread.data());
            uint64_t *block = spreads_.data() + place(first, block_y);
            for (size_t x = 0; x < width; ++x)
               block[x / block_side] += static_cast<uint64_t>(spread[x]);
         }
   }

   const clip &pictures_;
   int32_t across_, down_;
   std::vector<bool> wanted_;
   std::vector<uint64_t> spreads_; // times the squared number of pictures: whole numbers
   std::vector<uint64_t> sums_;
};

// The old package joins windows that share more than half of their area. Neighbours share exactly half, so that
// none ever are.
flat_window_watch::flat_window_watch(const clip &pictures, int64_t flicker_limit, int64_t background_limit,
                                     pulse &beat)
    : pictures_(pictures),
      flickering_(flat_windows(pictures.view(0, GRAY), 2 * block_side, flicker_limit, beat)),
      background_(flat_windows(pictures.view(0, GRAY), 2 * block_side, background_limit, beat)) {
   if (pictures.count() < 2 || (flickering_.empty() && background_.empty()))
      return;
   history_ = std::make_unique<block_history>(pictures);
   history_->want(flickering_);
   history_->want(background_);
}

flat_window_watch::~flat_window_watch() = default;

void flat_window_watch::plan(jobs &work) {
   if (!history_)
      return;
   constexpr int32_t few = 8; // rows of blocks that are worth a part
   for (int32_t first = 0; first < history_->down(); first += few)
      work.add([this, first](pulse &beat) {
         for (int32_t y = first; y < std::min(first + few, history_->down()); ++y)
            history_->look_at(y, beat);
      });
}

flat_motion flat_window_watch::motion(pulse &beat) const {
   flat_motion motion;
   motion.flicker.windows = flickering_.size();
   motion.background.windows = background_.size();
   if (!history_)
      return motion;
   size_t above = 0;
   for (const rectangle &window : flickering_)
      above += history_->variance_over_time(window) > 20;
   if (!flickering_.empty())
      motion.flicker.flicker_ratio = static_cast<double>(above) / static_cast<double>(flickering_.size());
   double stable = 0;
   for (const rectangle &window : background_) {
      beat(pictures_.count() * 12);
      stable += std::max(0.0, 1 - history_->variance_of_colour(window) / 100);
   }
   if (!background_.empty())
      motion.background.background_stability = stable / static_cast<double>(background_.size());
   return motion;
}

// ---- In place of LPIPS

namespace {

// 0.7 dL^2 + 0.15 da^2 + 0.15 db^2 of values divided by 255, in twentieths of 1/255^2.
uint32_t lab_distance(lab8 p, lab8 q) {
   const int32_t l = p.l - q.l, u = p.a - q.a, v = p.b - q.b;
   return static_cast<uint32_t>(14 * l * l + 3 * (u * u + v * v));
}

// Half as much again on an edge; summed in fortieths.
uint64_t lab_difference(const clip &pictures, uint32_t i, pulse &beat) {
   const auto width = static_cast<size_t>(pictures.size().width);
   lab8_memory colours;
   std::vector<colour_change> changes(width);
   uint64_t sum = 0;
   for (int32_t y = 0; y < pictures.size().height; ++y) {
      beat(2 * pictures.size().width);
      const uint8_t *a[3], *b[3];
      for (const plane_kind kind : {RED, GREEN, BLUE}) {
         a[kind] = pictures.view(i, kind).row(y);
         b[kind] = pictures.view(i + 1, kind).row(y);
      }
      const uint64_t *edges = pictures.edges(i).data() + static_cast<size_t>(y) * pictures.edge_pitch();
      const size_t count = list_changes(a, b, edges, width, changes.data());
      for (size_t c = 0; c < count; ++c)
         sum +=
             uint64_t{lab_distance(colours.of(changes[c].from), colours.of(changes[c].to))} * changes[c].weight;
   }
   return sum;
}

double lab_change(const clip &pictures, uint32_t i, pulse &beat) {
   const double sum = static_cast<double>(lab_difference(pictures, i, beat)) / (40.0 * 255 * 255);
   return std::min(8 * sum / static_cast<double>(pictures.size().pixels()), 1.0);
}

} // namespace

void plan_lab_changes(jobs &work, const clip &pictures, std::vector<double> &changes) {
   plan_values(work, pictures, pictures.count() - 1, changes, lab_change);
}

// ---- Pumping

namespace {

// numpy's sum of floats of 32 bits: halves, and halves of these. Its rounding decides which way a quality that
// stays the same seems to turn. `sum` adds up a part that is small enough to need no look for cancellation.
template <class Sum> float numpy_sum(const uint8_t *samples, size_t count, const Sum &sum, pulse &beat) {
   constexpr size_t few = 1 << 14;
   if (count > few) {
      const size_t half = count / 2 - count / 2 % 8;
      return numpy_sum(samples, half, sum, beat) + numpy_sum(samples + half, count - half, sum, beat);
   }
   beat(static_cast<int64_t>(count));
   return sum(samples, count);
}

double gray_variance(const clip &pictures, uint32_t i, pulse &beat) {
   const uint8_t *gray = pictures.plane(i, GRAY);
   const size_t pixels = pictures.size().pixels();
   const auto count = static_cast<float>(pixels);
   const auto plain = [](const uint8_t *samples, size_t few) { // below 2^24, where floats are exact
      return static_cast<float>(sum_of_bytes(samples, few));
   };
   const float middle = numpy_sum(gray, pixels, plain, beat) / count;
   const auto squared = [&](const uint8_t *samples, size_t few) {
      return numpy_sum_of_squares(samples, few, middle);
   };
   return static_cast<double>(numpy_sum(gray, pixels, squared, beat) / count);
}

double quality(const clip &pictures, uint32_t i, pulse &beat) {
   size_t edges = 0;
   for (const uint64_t word : pictures.edges(i))
      edges += static_cast<size_t>(std::popcount(word));
   const double density = static_cast<double>(edges) / static_cast<double>(pictures.size().pixels());
   return 0.7 * density + 0.3 * gray_variance(pictures, i, beat) / 10000;
}

int sign(double value) { return (value > 0) - (value < 0); }

} // namespace

void plan_qualities(jobs &work, const clip &pictures, std::vector<double> &qualities) {
   plan_values(work, pictures, pictures.count(), qualities, quality);
}

pumping quality_pumping(const std::vector<double> &qualities) {
   if (qualities.size() < 3)
      return {};
   std::vector<double> steps(qualities.size() - 1);
   for (size_t i = 0; i < steps.size(); ++i)
      steps[i] = qualities[i + 1] - qualities[i];
   size_t turns = 0;
   for (size_t i = 0; i + 1 < steps.size(); ++i)
      turns += sign(steps[i]) != sign(steps[i + 1]);
   pumping found;
   found.oscillation = static_cast<double>(turns) / static_cast<double>(steps.size());
   found.score = found.oscillation * std::sqrt(variance(steps));
   return found;
}

} // namespace giflab::classic
