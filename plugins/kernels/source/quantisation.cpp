#include "giflab_kernels/quantisation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace giflab::kernels {

namespace {

constexpr std::size_t first_capacity = 64;

std::size_t place_of(uint32_t key, std::size_t capacity) { return (key * 2654435761u >> 7) & (capacity - 1); }

uint32_t without_low_bits(uint32_t key, uint32_t bits) {
   const uint32_t kept = 0xFFu << bits & 0xFFu;
   return key & (kept | kept << 8 | kept << 16);
}

} // namespace

// ---- The histogram

colour_histogram::colour_histogram(std::size_t most) : most_(most), slots_(first_capacity) {}

colour_histogram::slot &colour_histogram::slot_of(uint32_t key) {
   std::size_t at = place_of(key, slots_.size());
   while (slots_[at].count != 0 && slots_[at].key != key)
      at = (at + 1) & (slots_.size() - 1);
   return slots_[at];
}

void colour_histogram::add(uint32_t key, const slot &sums) {
   slot &found = slot_of(key);
   used_ += found.count == 0;
   found.key = key;
   found.count += sums.count;
   found.red += sums.red;
   found.green += sums.green;
   found.blue += sums.blue;
}

void colour_histogram::rebuild(std::size_t capacity) {
   std::vector<slot> before(capacity);
   before.swap(slots_);
   used_ = 0;
   for (const slot &one : before)
      if (one.count != 0)
         add(without_low_bits(one.key, dropped_bits_), one);
}

void colour_histogram::add(rgb colour, uint32_t count) {
   add(without_low_bits(packed(colour), dropped_bits_),
       {0, count, uint64_t{colour.red} * count, uint64_t{colour.green} * count, uint64_t{colour.blue} * count});
   while (used_ > most_) {
      ++dropped_bits_;
      rebuild(slots_.size());
   }
   if (used_ * 2 > slots_.size())
      rebuild(slots_.size() * 2);
}

std::vector<colour_histogram::entry> colour_histogram::entries() const {
   std::vector<slot> sorted;
   sorted.reserve(used_);
   for (const slot &one : slots_)
      if (one.count != 0)
         sorted.push_back(one);
   std::sort(sorted.begin(), sorted.end(), [](const slot &a, const slot &b) { return a.key < b.key; });
   std::vector<entry> all;
   all.reserve(sorted.size());
   for (const slot &one : sorted) {
      const auto count = static_cast<double>(one.count);
      all.push_back({static_cast<double>(one.red) / count, static_cast<double>(one.green) / count,
                     static_cast<double>(one.blue) / count, count});
   }
   return all;
}

// ---- The palette

namespace {

// Channels are scaled so that plain squared distances are the weighted ones of squared_distance().
constexpr std::array<double, 3> channel_scale = {1.4142135623730951, 2.0, 1.7320508075688772};

struct point {
   std::array<float, 3> at;
   float weight;
};

// A run of points, and what is known of it.
struct box {
   std::size_t first = 0, end = 0;
   double error = 0; // sum of weighted squared distances from the mean
   std::size_t axis = 0;
};

struct moments {
   double weight = 0;
   std::array<double, 3> sum{}, squares{};

   void add(const point &one) {
      weight += one.weight;
      for (std::size_t c = 0; c < 3; ++c) {
         sum[c] += static_cast<double>(one.weight) * one.at[c];
         squares[c] += static_cast<double>(one.weight) * one.at[c] * one.at[c];
      }
   }
   double error(std::size_t c) const { return std::max(0.0, squares[c] - sum[c] * sum[c] / weight); }
};

box measured(const std::vector<point> &points, std::size_t first, std::size_t end) {
   moments of;
   for (std::size_t i = first; i < end; ++i)
      of.add(points[i]);
   box made{first, end, 0, 0};
   for (std::size_t c = 0; c < 3; ++c) {
      made.error += of.error(c);
      if (of.error(c) > of.error(made.axis))
         made.axis = c;
   }
   if (end - first < 2)
      made.error = 0;
   return made;
}

// Where a box, sorted along its axis, is split so that the squared error along it falls most.
std::size_t best_split(const std::vector<point> &points, const box &of) {
   double weight = 0, sum = 0, all_weight = 0, all_sum = 0, best = -1;
   for (std::size_t i = of.first; i < of.end; ++i) {
      all_weight += points[i].weight;
      all_sum += static_cast<double>(points[i].weight) * points[i].at[of.axis];
   }
   std::size_t place = of.first + 1;
   for (std::size_t i = of.first; i + 1 < of.end; ++i) {
      weight += points[i].weight;
      sum += static_cast<double>(points[i].weight) * points[i].at[of.axis];
      const double rest = all_sum - sum;
      const double gain = sum * sum / weight + rest * rest / (all_weight - weight);
      if (gain > best) {
         best = gain;
         place = i + 1;
      }
   }
   return place;
}

std::vector<box> boxes_of(std::vector<point> &points, std::size_t size, const interruption &poll) {
   std::vector<box> boxes = {measured(points, 0, points.size())};
   boxes.reserve(size + 1);
   while (boxes.size() < size) {
      poll();
      const auto worst = std::max_element(boxes.begin(), boxes.end(),
                                          [](const box &a, const box &b) { return a.error < b.error; });
      if (worst->error <= 0)
         break;
      const box whole = *worst;
      std::sort(points.begin() + static_cast<std::ptrdiff_t>(whole.first),
                points.begin() + static_cast<std::ptrdiff_t>(whole.end), [&](const point &a, const point &b) {
                   return a.at[whole.axis] != b.at[whole.axis] ? a.at[whole.axis] < b.at[whole.axis]
                                                               : a.at < b.at;
                });
      const std::size_t middle = best_split(points, whole);
      *worst = measured(points, whole.first, middle);
      boxes.push_back(measured(points, middle, whole.end));
   }
   return boxes;
}

using centres = std::vector<std::array<float, 3>>;

std::size_t nearest_centre(const centres &all, const std::array<float, 3> &to) {
   std::size_t best = 0;
   float least = std::numeric_limits<float>::infinity();
   for (std::size_t i = 0; i < all.size(); ++i) {
      const float x = all[i][0] - to[0], y = all[i][1] - to[1], z = all[i][2] - to[2];
      const float distance = x * x + y * y + z * z;
      if (distance < least) {
         least = distance;
         best = i;
      }
   }
   return best;
}

// One round of k-means; false once nothing moves. A centre that nothing is nearest to stays where it is.
bool refine(const std::vector<point> &points, centres &all, const interruption &poll) {
   std::vector<moments> of(all.size());
   for (std::size_t i = 0; i < points.size(); ++i) {
      if (i % 1024 == 0)
         poll();
      of[nearest_centre(all, points[i].at)].add(points[i]);
   }
   bool moved = false;
   for (std::size_t i = 0; i < all.size(); ++i)
      for (std::size_t c = 0; c < 3 && of[i].weight > 0; ++c) {
         const auto mean = static_cast<float>(of[i].sum[c] / of[i].weight);
         moved |= mean != all[i][c];
         all[i][c] = mean;
      }
   return moved;
}

constexpr int rounds = 4; // the error falls by less than a percent after these

std::vector<point> points_of(const colour_histogram &histogram) {
   std::vector<point> points;
   points.reserve(histogram.size());
   for (const colour_histogram::entry &one : histogram.entries())
      points.push_back(
          {{static_cast<float>(one.red * channel_scale[0]), static_cast<float>(one.green * channel_scale[1]),
            static_cast<float>(one.blue * channel_scale[2])},
           static_cast<float>(one.count)});
   return points;
}

uint8_t level_of(float scaled, std::size_t channel) {
   return static_cast<uint8_t>(std::lround(std::clamp(scaled / channel_scale[channel], 0.0, 255.0)));
}

} // namespace

std::vector<rgb> palette_for(const colour_histogram &histogram, std::size_t size, const interruption &poll) {
   if (histogram.size() == 0)
      return {};
   std::vector<point> points = points_of(histogram);
   centres all;
   for (const box &one : boxes_of(points, size, poll)) {
      moments of;
      for (std::size_t i = one.first; i < one.end; ++i)
         of.add(points[i]);
      all.push_back({static_cast<float>(of.sum[0] / of.weight), static_cast<float>(of.sum[1] / of.weight),
                     static_cast<float>(of.sum[2] / of.weight)});
   }
   for (int round = 0; all.size() < points.size() && round < rounds; ++round)
      if (!refine(points, all, poll))
         break;
   std::vector<rgb> palette;
   palette.reserve(all.size());
   for (const auto &centre : all)
      palette.push_back({level_of(centre[0], 0), level_of(centre[1], 1), level_of(centre[2], 2)});
   std::sort(palette.begin(), palette.end(), [](rgb a, rgb b) { return packed(a) < packed(b); });
   palette.erase(std::unique(palette.begin(), palette.end()), palette.end());
   return palette;
}

// ---- Places in a palette

palette_lookup::palette_lookup(std::span<const rgb> palette, std::size_t memory)
    : palette_(palette.begin(), palette.end()), answers_(memory), known_(memory) {}

uint8_t palette_lookup::search(rgb colour) const {
   std::size_t best = 0;
   int32_t least = std::numeric_limits<int32_t>::max();
   for (std::size_t i = 0; i < palette_.size(); ++i) {
      const int32_t distance = squared_distance(palette_[i], colour);
      if (distance < least) {
         least = distance;
         best = i;
      }
   }
   return static_cast<uint8_t>(best);
}

uint8_t palette_lookup::nearest(rgb colour) {
   const uint32_t key = packed(colour);
   const std::size_t at = place_of(key, answers_.size());
   if (known_[at] && (answers_[at] & 0xFFFFFF) == key)
      return static_cast<uint8_t>(answers_[at] >> 24);
   const uint8_t found = search(colour);
   answers_[at] = key | static_cast<uint32_t>(found) << 24;
   known_[at] = true;
   return found;
}

} // namespace giflab::kernels
