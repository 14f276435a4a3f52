#include "text.hpp"

#include "contours.hpp"
#include "planes.hpp"
#include "statistics.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>

namespace giflab::classic {

namespace {

constexpr double absent = std::numeric_limits<double>::quiet_NaN();

// ---- Edges of the blurred picture

std::vector<uint8_t> blurred(byte_plane gray, pulse &beat) {
   std::vector<uint8_t> result(gray.size.pixels());
   row_window window(gray, border::reflected);
   uint8_t *to = result.data();
   for (int32_t y = 0; y < gray.size.height; ++y) {
      beat(gray.size.width);
      const byte_rows rows = window.at(y);
      const auto across = [](const uint8_t *row, int32_t x) { return row[x - 1] + 2 * row[x] + row[x + 1]; };
      for (int32_t x = 0; x < gray.size.width; ++x)
         *to++ = static_cast<uint8_t>(
             (across(rows.above, x) + 2 * across(rows.middle, x) + across(rows.below, x) + 8) >> 4);
   }
   return result;
}

struct soft_edges {
   std::vector<uint8_t> marks;
   double density;
};

soft_edges find_soft_edges(byte_plane gray, pulse &beat) {
   const auto smooth = blurred(gray, beat);
   soft_edges edges{std::vector<uint8_t>(smooth.size()), 0};
   canny({smooth.data(), gray.size}, 30, 60, edges.marks.data(), beat);
   edges.density = static_cast<double>(count_edges(edges.marks.data(), edges.marks.size())) /
                   static_cast<double>(edges.marks.size());
   return edges;
}

// The largest (growing) or smallest value of each 3x3 neighbourhood inside the picture; marks are 0 or 1.
std::vector<uint8_t> filtered(const std::vector<uint8_t> &marks, extent size, bool growing, pulse &beat) {
   const auto width = static_cast<size_t>(size.width), height = static_cast<size_t>(size.height);
   const auto flip =
       static_cast<uint8_t>(growing ? 0 : 1); // the smallest is what the largest of opposites leaves
   std::vector<uint8_t> result(marks.size()), column(width + 2);
   for (size_t y = 0; y < height; ++y) {
      beat(size.width);
      const uint8_t *here = marks.data() + y * width, *above = y ? here - width : here,
                    *below = y + 1 < height ? here + width : here;
      for (size_t x = 0; x < width; ++x)
         column[x + 1] = static_cast<uint8_t>((above[x] ^ flip) | (here[x] ^ flip) | (below[x] ^ flip));
      uint8_t *to = result.data() + y * width;
      for (size_t x = 0; x < width; ++x)
         to[x] = static_cast<uint8_t>((column[x] | column[x + 1] | column[x + 2]) ^ flip);
   }
   return result;
}

// ---- Regions of text

double aspect(const shape &s) { return static_cast<double>(s.width) / s.height; }
double solidity(const shape &s) {
   return static_cast<double>(s.area) / (static_cast<double>(s.width) * s.height);
}

bool is_letter_like(const shape &s, int64_t least_area, int64_t most_area) {
   return s.area >= least_area && s.area <= most_area && aspect(s) >= 0.1 && aspect(s) <= 10 && s.width >= 3 &&
          s.height >= 3 && solidity(s) >= 0.1;
}

double variance_of(const std::vector<shape> &line, int32_t shape::*member) {
   std::vector<double> values;
   for (const shape &s : line)
      values.push_back(s.*member);
   return variance(values);
}

std::vector<shape> plausible_of_line(const std::vector<shape> &line) {
   const bool single = line.size() == 1;
   if (!single && variance_of(line, &shape::top) < 25 && variance_of(line, &shape::height) < 100)
      return line;
   std::vector<shape> kept;
   for (const shape &s : line) {
      const bool fits = single ? s.area > 50 && aspect(s) >= 0.3 && aspect(s) <= 3 && solidity(s) > 0.3
                               : s.area > 30 && aspect(s) >= 0.2 && aspect(s) <= 5 && solidity(s) > 0.2;
      if (fits)
         kept.push_back(s);
   }
   return kept;
}

int32_t line_of(const shape &s) { return static_cast<int32_t>(std::nearbyint(s.top / 10.0)) * 10; }

shape padded(const shape &s, extent size) {
   const int32_t left = std::max(0, s.left - 2), top = std::max(0, s.top - 2);
   return {left, top, std::min(size.width - left, s.width + 4), std::min(size.height - top, s.height + 4),
           s.area};
}

bool within_ten(const shape &a, const shape &b) {
   return a.left <= b.left + b.width + 10 && b.left <= a.left + a.width + 10 &&
          a.top <= b.top + b.height + 10 && b.top <= a.top + a.height + 10;
}

// One pass: each box takes in every later one that is near it as it grows.
std::vector<shape> merged(const std::vector<shape> &boxes, pulse &beat) {
   std::vector<shape> result;
   std::vector<bool> used(boxes.size());
   for (size_t i = 0; i < boxes.size(); ++i) {
      if (used[i])
         continue;
      shape box = boxes[i];
      beat(static_cast<int64_t>(boxes.size() - i));
      for (size_t j = i + 1; j < boxes.size(); ++j) {
         const shape &other = boxes[j];
         if (used[j] || !within_ten(box, other))
            continue;
         used[j] = true;
         const int32_t right = std::max(box.left + box.width, other.left + other.width);
         const int32_t bottom = std::max(box.top + box.height, other.top + other.height);
         box.left = std::min(box.left, other.left);
         box.top = std::min(box.top, other.top);
         box.width = right - box.left;
         box.height = bottom - box.top;
      }
      result.push_back(box);
   }
   return result;
}

std::vector<shape> text_regions(const soft_edges &edges, extent size, int64_t least_area, int64_t most_area,
                                pulse &beat) {
   if (edges.density < 0.03)
      return {};
   const auto closed = filtered(filtered(edges.marks, size, true, beat), size, false, beat);
   std::map<int32_t, std::vector<shape>> lines;
   for (const shape &s : connected_shapes(closed.data(), size, beat))
      if (is_letter_like(s, least_area, most_area))
         lines[line_of(s)].push_back(s);
   std::vector<shape> kept;
   for (const auto &[y, line] : lines)
      for (const shape &s : plausible_of_line(line))
         kept.push_back(s);
   std::stable_sort(kept.begin(), kept.end(), [](const shape &a, const shape &b) {
      return std::pair(a.top, a.left) < std::pair(b.top, b.left);
   });
   for (shape &s : kept)
      s = padded(s, size);
   return merged(kept, beat);
}

bool looks_like_text(double density, size_t regions) {
   return density < 0.15 &&
          ((density >= 0.015 && density <= 0.035) || (density >= 0.03 && density <= 0.12) || regions >= 2);
}

// ---- Where the spectrum of an edge falls to a half

constexpr int32_t reach = 8, profile_length = 2 * reach + 1;
using profile = std::array<double, profile_length>;

struct profile_tables {
   std::array<double, profile_length> window;
   std::array<double, 64> cosines, sines;

   profile_tables() {
      for (int i = 0; i < profile_length; ++i) // as numpy does, so that both halves are equal to the bit
         window[static_cast<size_t>(i)] =
             0.5 + 0.5 * std::cos(std::numbers::pi * (2 * i + 1 - profile_length) / (profile_length - 1));
      for (size_t i = 0; i < 64; ++i) {
         cosines[i] = std::cos(2 * std::numbers::pi * static_cast<double>(i) / 64);
         sines[i] = std::sin(2 * std::numbers::pi * static_cast<double>(i) / 64);
      }
   }
};

// The sum as a fast transform of 64 adds it, where the profile stands in the middle. Whether a symmetric
// profile gives exactly 0 here or a trace of rounding decides between "nothing can be said" and "perfectly
// sharp".
double constant_part(const profile &slope) {
   constexpr size_t before = (64 - profile_length) / 2;
   double sixteenths[16] = {}, quarters[4];
   for (size_t i = 0; i < slope.size(); ++i)
      sixteenths[(before + i) % 16] += slope[i];
   for (size_t k = 0; k < 4; ++k)
      quarters[k] = (sixteenths[k] + sixteenths[k + 8]) + (sixteenths[k + 4] + sixteenths[k + 12]);
   return std::fabs((quarters[0] + quarters[2]) + (quarters[1] + quarters[3]));
}

// 0 where nothing can be said, 1 where it never falls. Where only the last frequency is below a half, the old
// package takes that frequency itself, and interpolates everywhere else.
double half_contrast_frequency(const profile &edge) {
   static const profile_tables tables;
   profile slope; // where the window ends it is 0
   slope.front() = slope.back() = 0;
   for (size_t i = 1; i + 1 < edge.size(); ++i)
      slope[i] = (edge[i + 1] - edge[i - 1]) / 2 * tables.window[i];
   const double constant = constant_part(slope);
   if (constant == 0)
      return 0;
   constexpr size_t frequencies = 32;
   double before = 1;
   for (size_t frequency = 1; frequency < frequencies; ++frequency) {
      double real = 0, imaginary = 0;
      for (size_t i = 0; i < slope.size(); ++i) {
         real += slope[i] * tables.cosines[frequency * i % 64];
         imaginary += slope[i] * tables.sines[frequency * i % 64];
      }
      const double magnitude = std::sqrt(real * real + imaginary * imaginary) / constant;
      if (magnitude < 0.5) {
         const double share = frequency == frequencies - 1 ? 1 : (before - 0.5) / (before - magnitude);
         return (static_cast<double>(frequency - 1) + share) / frequencies;
      }
      before = magnitude;
   }
   return 1;
}

void add_profile(byte_plane region, point at, point step, std::vector<double> &frequencies) {
   profile samples;
   for (int32_t i = -reach; i <= reach; ++i)
      samples[static_cast<size_t>(i + reach)] = region.row(at.y + i * step.y)[at.x + i * step.x];
   if (const double frequency = half_contrast_frequency(samples); frequency > 0)
      frequencies.push_back(frequency);
}

void add_frequencies(byte_plane region, std::vector<double> &frequencies, pulse &beat) {
   constexpr size_t most_profiles = 20;
   const auto [width, height] = region.size;
   if (width < 16 || height < 16)
      return;
   std::vector<uint8_t> edges(region.size.pixels());
   canny(region, 50, 150, edges.data(), beat);
   size_t profiles = 0;
   for (const contour &border : outer_contours(edges.data(), region.size, beat)) {
      if (border.size() < 20)
         continue;
      for (size_t i = 0; i < border.size(); i += 5) {
         const point p = border[i];
         if (p.x < reach || p.x >= width - reach || p.y < reach || p.y >= height - reach)
            continue;
         for (const point step : {point{1, 0}, point{0, 1}}) {
            if (profiles++ == most_profiles)
               return;
            beat(1000);
            add_profile(region, p, step, frequencies);
         }
      }
   }
}

double mean_frequency(byte_plane gray, const std::vector<shape> &regions, pulse &beat) {
   std::vector<double> frequencies;
   for (const shape &r : regions)
      add_frequencies(gray.part(r.left, r.top, {r.width, r.height}), frequencies, beat);
   return frequencies.empty() ? 1 : mean(frequencies);
}

} // namespace

void text_look::plan_first(jobs &work) {
   if (comparable())
      work.add([this](pulse &beat) { look_at_first(beat); });
}

void text_look::look_at_first(pulse &beat) {
   const soft_edges first = find_soft_edges(a_.view(0, GRAY), beat);
   density_ = first.density;
   components_ = text_regions(first, a_.size(), 8, 1000, beat).size();
   has_text_ = looks_like_text(density_, components_);
}

void text_look::plan_regions(jobs &work) {
   if (!has_text_)
      return;
   const auto sampled = evenly_spaced(0, a_.count() - 1, std::min(5u, a_.count()));
   regions_.resize(sampled.size());
   for (size_t i = 0; i < sampled.size(); ++i)
      work.add([this, i, picture = sampled[i]](pulse &beat) { regions_[i] = look_at(picture, beat); });
}

text_look::region_values text_look::look_at(uint32_t picture, pulse &beat) const {
   const byte_plane before = a_.view(picture, GRAY), after = b_.view(picture, GRAY);
   const auto regions = text_regions(find_soft_edges(before, beat), a_.size(), 10, 500, beat);
   if (regions.empty())
      return {};
   return {static_cast<double>(regions.size()),
           mean_frequency(after, regions, beat) / mean_frequency(before, regions, beat)};
}

text_values text_look::values() const {
   if (!comparable())
      return {0, 0, 0, 0, 1, 1, 100};
   text_values values{0, density_, static_cast<double>(components_), absent, absent, absent, absent};
   if (!has_text_)
      return values;
   values.has_text = 1;
   std::vector<double> counts, ratios;
   for (const region_values &found : regions_) {
      counts.push_back(found.count);
      if (found.ratio != 0) // else a picture without regions
         ratios.push_back(found.ratio);
   }
   values.regions = mean(counts) * static_cast<double>(counts.size());
   if (ratios.empty())
      return values;
   values.ratio_mean = mean(ratios);
   values.ratio_least = least(ratios);
   values.sharpness = std::min(100.0, 100 * values.ratio_mean);
   return values;
}

} // namespace giflab::classic
