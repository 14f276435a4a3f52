#include "gradient_colour.hpp"

#include "bytes.hpp"
#include "colour_difference.hpp"
#include "contours.hpp"
#include "planes.hpp"
#include "regions.hpp"
#include "rows.hpp"
#include "statistics.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <numeric>
#include <optional>
#include <span>

namespace giflab::classic {

namespace {

constexpr int32_t patch_side = 64;

std::vector<double> joined_lists(const std::vector<std::vector<double>> &lists) {
   std::vector<double> all;
   for (const auto &list : lists)
      all.insert(all.end(), list.begin(), list.end());
   return all;
}

// ---- Banding

// The Sobel gradients of a patch, row by row.
struct gradient_row {
   std::span<const int16_t> across, down, sums; // of their absolute values
};
template <class Use> void for_each_row(byte_plane patch, pulse &beat, Use &&use) {
   const auto width = static_cast<size_t>(patch.size.width);
   row_window rows(patch, border::reflected);
   std::vector<int16_t> across(width), down(width), sums(width);
   for (int32_t y = 0; y < patch.size.height; ++y) {
      beat(patch.size.width);
      sobel_row(rows.at(y), across.data(), down.data(), sums.data(), width);
      use(gradient_row{across, down, sums});
   }
}

std::vector<double> sobel_magnitudes(byte_plane patch, pulse &beat) {
   std::vector<double> magnitudes;
   magnitudes.reserve(patch.size.pixels());
   for_each_row(patch, beat, [&](const gradient_row &row) {
      beat(3 * static_cast<int64_t>(row.sums.size()));
      for (size_t x = 0; x < row.sums.size(); ++x)
         magnitudes.push_back(
             std::sqrt(static_cast<double>(row.across[x] * row.across[x] + row.down[x] * row.down[x])));
   });
   return magnitudes;
}

// No more than 1 in the mean, as gradients are no longer than the sums of their sides: so is most level ground.
bool is_nearly_level(byte_plane patch, pulse &beat) {
   int64_t sum = 0;
   for_each_row(patch, beat,
                [&](const gradient_row &row) { sum += std::accumulate(row.sums.begin(), row.sums.end(), 0); });
   return sum <= static_cast<int64_t>(patch.size.pixels());
}

// What is asked of the gradients of a patch.
struct steepness {
   double mean, relative_deviation;

   bool is_smooth() const { return mean > 1 && relative_deviation < 0.8; }
   // As long as numpy's rounding, or that of floats, cannot make the other of it.
   bool is_sure() const {
      constexpr double doubt = 1e-5;
      return std::fabs(mean - 1) > doubt && std::fabs(relative_deviation - 0.8) > doubt;
   }
};

steepness steepness_of(byte_plane patch, pulse &beat) {
   length_sums sums;
   std::vector<float> work(2 * static_cast<size_t>(patch.size.width));
   for_each_row(patch, beat, [&](const gradient_row &row) {
      add_lengths(row.across.data(), row.down.data(), work.data(), row.sums.size(), sums);
   });
   const auto count = static_cast<double>(patch.size.pixels());
   const double middle = sums.lengths / count;
   return {middle, std::sqrt(std::max(0.0, sums.squares / count - middle * middle)) / std::max(middle, 1.0)};
}

steepness numpys_steepness_of(byte_plane patch, pulse &beat) {
   const auto magnitudes = sobel_magnitudes(patch, beat);
   const double middle = mean(magnitudes);
   return {middle, std::sqrt(variance(magnitudes)) / std::max(middle, 1.0)};
}

// Smooth, but not level. Of `windows` with a variance below 100.
std::vector<rectangle> gradient_windows(byte_plane square, const std::vector<rectangle> &windows, pulse &beat) {
   std::vector<rectangle> found;
   for (const rectangle &window : windows) {
      const byte_plane patch = square.part(window.left, window.top, {patch_side, patch_side});
      if (is_nearly_level(patch, beat))
         continue;
      steepness slopes = steepness_of(patch, beat);
      if (!slopes.is_sure())
         slopes = numpys_steepness_of(patch, beat);
      if (slopes.is_smooth())
         found.push_back(window);
   }
   return joined(found, 0.3, beat);
}

// 32 bins from the least to the largest value, as numpy lays them; shares.
std::array<double, 32> histogram_of_own_range(const std::vector<double> &values) {
   double low = least(values), high = largest(values);
   if (low == high) {
      low -= 0.5;
      high += 0.5;
   }
   std::array<double, 32> histogram{};
   for (const double value : values) {
      const double position = (value - low) / (high - low) * 32;
      histogram[std::min<size_t>(31, static_cast<size_t>(position))] += 1;
   }
   for (double &share : histogram)
      share /= static_cast<double>(values.size());
   return histogram;
}

int32_t count_contours(byte_plane patch, pulse &beat) {
   std::vector<uint8_t> edges(patch.size.pixels());
   canny(patch, 30, 100, edges.data(), beat);
   int32_t count = 0;
   for (const contour &border : outer_contours(edges.data(), patch.size, beat))
      count += enclosed_area(border) > 10;
   return count;
}

double banding_severity(byte_plane a, byte_plane b, pulse &beat) {
   const auto before = histogram_of_own_range(sobel_magnitudes(a, beat));
   const auto after = histogram_of_own_range(sobel_magnitudes(b, beat));
   double chi = 0;
   for (size_t i = 0; i < before.size(); ++i)
      chi += (before[i] - after[i]) * (before[i] - after[i]) / (before[i] + after[i] + 1e-10);
   const int32_t added = count_contours(b, beat) - count_contours(a, beat);
   return std::clamp(30 * chi + 10.0 * std::max(0, added), 0.0, 100.0);
}

extent square_of(extent size) {
   const int32_t side = std::min(size.width, size.height);
   return {side, side};
}

std::vector<double> banding_severities(byte_plane a, byte_plane b, pulse &beat) {
   const extent side = square_of(a.size);
   const byte_plane square_a = a.part(0, 0, side), square_b = b.part(0, 0, side);
   std::vector<double> severities;
   const auto windows = flat_windows(square_a, patch_side, 100, beat);
   for (const rectangle &region : gradient_windows(square_a, windows, beat)) {
      const extent size{region.width, region.height};
      severities.push_back(banding_severity(square_a.part(region.left, region.top, size),
                                            square_b.part(region.left, region.top, size), beat));
   }
   return severities;
}

} // namespace

// ---- Colour

namespace {

std::vector<rectangle> colour_patches(extent square) {
   const int32_t across = std::max(1, square.width / patch_side),
                 down = std::max(1, square.height / patch_side);
   const int32_t most = std::min(16, across * down);
   const auto root = static_cast<int32_t>(std::sqrt(static_cast<double>(most)));
   const int32_t step_x = std::max(1, across / root), step_y = std::max(1, down / root);
   std::vector<rectangle> patches;
   int32_t count = 0;
   for (int32_t y = 0; y < down; y += step_y)
      for (int32_t x = 0; x < across && count < most; x += step_x) {
         const rectangle patch{x * patch_side, y * patch_side, patch_side, patch_side};
         if (patch.right() > square.width || patch.bottom() > square.height)
            continue;
         patches.push_back(patch);
         ++count;
      }
   return patches;
}

double mean_difference(const clip &a, const clip &b, uint32_t i, const rectangle &patch,
                       colour_differences &differences, pulse &beat) {
   double sum = 0;
   static_assert(patch_side == 64);
   for (int32_t y = patch.top; y < patch.bottom(); ++y) {
      beat(4 * int64_t{patch.width});
      const uint8_t *p[3], *q[3];
      for (const plane_kind kind : {RED, GREEN, BLUE}) {
         p[kind] = a.view(i, kind).row(y) + patch.left;
         q[kind] = b.view(i, kind).row(y) + patch.left;
      }
      uint64_t left = 0;
      mark_differences(p, q, patch_side, &left);
      for (; left != 0; left &= left - 1) {
         const auto x = static_cast<size_t>(std::countr_zero(left));
         sum += differences.between(rgb_key(p[RED][x], p[GREEN][x], p[BLUE][x]),
                                    rgb_key(q[RED][x], q[GREEN][x], q[BLUE][x]));
      }
   }
   return sum / (static_cast<double>(patch.width) * patch.height);
}

} // namespace

// ---- Dithering

namespace {

using square = double[patch_side][patch_side];

// Two patches at once, as the real and the imaginary part of one.
struct spectrum_room {
   square real, imaginary, turned_real, turned_imaginary;
};

// The frequency that stands in a place after transform_columns: its bits are reversed; 32 to 63 are negative.
constexpr std::array<uint8_t, 64> frequency_of_place = [] {
   std::array<uint8_t, 64> frequencies{};
   for (uint8_t place = 0; place < 64; ++place)
      for (uint8_t bit = 0; bit < 6; ++bit)
         if (place & 1 << bit)
            frequencies[place] = static_cast<uint8_t>(frequencies[place] | 32 >> bit);
   return frequencies;
}();

constexpr uint8_t place_of_opposite(uint8_t place) {
   return frequency_of_place[(64 - frequency_of_place[place]) % 64]; // reversing twice changes nothing
}

void turn(const square &from, square &to) {
   for (size_t y = 0; y < 64; ++y)
      for (size_t x = 0; x < 64; ++x)
         to[x][y] = from[y][x];
}

struct band_power {
   double middle = 0, high = 0;
};

// high / middle.
double dither_ratio(const band_power &power) {
   if (power.middle < 1e-10)
      return power.high > 1e-10 ? 10 : 0;
   return power.high / power.middle;
}

double dither_score(double ratio) {
   if (ratio < 0.8)
      return 80 * ratio / 0.8;
   return ratio <= 1.3 ? std::max(80.0, 100 - 40 * std::fabs(ratio - 1))
                       : std::max(0.0, 80 * (2 - std::min(ratio, 2.0)) / 0.7);
}

int squared_frequency(uint8_t place) {
   const int frequency =
       frequency_of_place[place] < 32 ? frequency_of_place[place] : frequency_of_place[place] - 64;
   return frequency * frequency;
}

// Power of both patches beyond a tenth and beyond half of the largest radius, sqrt(2) * 32.
void add_powers(const square &real, const square &imaginary, band_power &first, band_power &second) {
   for (uint8_t y = 0; y < 64; ++y)
      for (uint8_t x = 0; x < 64; ++x) {
         const int radius = squared_frequency(y) + squared_frequency(x);
         if (radius * 100 <= 2048)
            continue;
         const uint8_t v = place_of_opposite(y), u = place_of_opposite(x);
         const double r = real[y][x], i = imaginary[y][x], ro = real[v][u], io = imaginary[v][u];
         const double p = ((r + ro) * (r + ro) + (i - io) * (i - io)) / 4;
         const double q = ((r - ro) * (r - ro) + (i + io) * (i + io)) / 4;
         (radius <= 512 ? first.middle : first.high) += p;
         (radius <= 512 ? second.middle : second.high) += q;
      }
}

void load(byte_plane gray, const rectangle *window, square &into) {
   for (int32_t y = 0; y < patch_side; ++y)
      for (int32_t x = 0; x < patch_side; ++x)
         into[y][x] = window ? gray.row(window->top + y)[window->left + x] : 0;
}

bool same_samples(byte_plane a, byte_plane b, const rectangle &where) {
   for (int32_t y = where.top; y < where.bottom(); ++y)
      if (std::memcmp(a.row(y) + where.left, b.row(y) + where.left, static_cast<size_t>(where.width)) != 0)
         return false;
   return true;
}

// The pair of windows that begins with windows[first]; its second one may be missing.
std::span<const rectangle> pair_at(const std::vector<rectangle> &windows, size_t first) {
   return std::span(windows).subspan(first, std::min<size_t>(2, windows.size() - first));
}

// Where in the windows of the picture before, which are in order too, the same pair stands; else none.
std::optional<size_t> place_of_pair(std::span<const rectangle> pair, const std::vector<rectangle> &earlier) {
   const auto order = [](const rectangle &p, const rectangle &q) {
      return std::pair(p.top, p.left) < std::pair(q.top, q.left);
   };
   const auto place = static_cast<size_t>(
       std::lower_bound(earlier.begin(), earlier.end(), pair.front(), order) - earlier.begin());
   if (place == earlier.size() || place % 2 != 0)
      return {};
   const auto there = pair_at(earlier, place);
   return std::equal(pair.begin(), pair.end(), there.begin(), there.end()) ? std::optional(place)
                                                                           : std::nullopt;
}

void add_ratios(byte_plane gray, std::span<const rectangle> pair, spectrum_room &room,
                std::vector<value_or_before> &ratios) {
   load(gray, &pair[0], room.real);
   load(gray, pair.size() > 1 ? &pair[1] : nullptr, room.imaginary);
   transform_columns(room.real, room.imaginary);
   turn(room.real, room.turned_real);
   turn(room.imaginary, room.turned_imaginary);
   transform_columns(room.turned_real, room.turned_imaginary);
   band_power first, second;
   add_powers(room.turned_real, room.turned_imaginary, first, second);
   ratios.push_back({dither_ratio(first)});
   if (pair.size() > 1)
      ratios.push_back({dither_ratio(second)});
}

// Of the windows of a picture; those of the picture before are taken again where the same pair of windows shows
// the same.
std::vector<value_or_before> dither_ratios(byte_plane gray, const std::vector<rectangle> &windows,
                                           byte_plane gray_before, const std::vector<rectangle> &earlier,
                                           pulse &beat) {
   std::vector<value_or_before> ratios;
   const auto room = std::make_unique<spectrum_room>();
   for (size_t i = 0; i < windows.size(); i += 2) {
      const auto pair = pair_at(windows, i);
      const auto known = place_of_pair(pair, earlier);
      beat(patch_side * patch_side / 4);
      if (known && std::all_of(pair.begin(), pair.end(),
                               [&](const rectangle &r) { return same_samples(gray, gray_before, r); })) {
         for (size_t k = 0; k < pair.size(); ++k)
            ratios.push_back({0, *known + k});
         continue;
      }
      beat(8 * patch_side * patch_side);
      add_ratios(gray, pair, *room, ratios);
   }
   return ratios;
}

// In picture i and in the one before.
bool same_colours(const clip &pictures, uint32_t i, const rectangle &where) {
   const auto same = [&](plane_kind kind) {
      return same_samples(pictures.view(i, kind), pictures.view(i - 1, kind), where);
   };
   return same(RED) && same(GREEN) && same(BLUE);
}

// All values, one picture's behind those of the picture before.
std::vector<double> looked_up(const std::vector<std::vector<value_or_before>> &lists) {
   std::vector<double> all;
   size_t before = 0;
   for (const auto &list : lists) {
      const size_t start = all.size();
      for (const value_or_before &entry : list)
         all.push_back(entry.place_before ? all[before + *entry.place_before] : entry.value);
      before = start;
   }
   return all;
}

} // namespace

gradients_and_colours::gradients_and_colours(const clip &a, const clip &b, uint32_t count)
    : a_(a), b_(b), patches_(colour_patches(square_of(a.size()))), severities_(count), differences_(count),
      ratios_(count) {}

void gradients_and_colours::plan(jobs &work) {
   for (uint32_t i = 0; i < severities_.size(); ++i)
      work.add([this, i](pulse &beat) { look_at(i, beat); });
}

void gradients_and_colours::look_at(uint32_t i, pulse &beat) {
   const uint32_t before = i > 0 ? i - 1 : 0;
   const byte_plane a = a_.view(i, GRAY), b = b_.view(i, GRAY), a_before = a_.view(before, GRAY);
   severities_[i] = banding_severities(a, b, beat);
   const auto earlier = i > 0 ? flat_windows(a_before, patch_side, 50, beat) : std::vector<rectangle>();
   ratios_[i] = dither_ratios(b, flat_windows(a, patch_side, 50, beat), b_.view(before, GRAY), earlier, beat);
   const auto differences = std::make_unique<colour_differences>();
   for (size_t p = 0; p < patches_.size(); ++p) {
      const bool same = i > 0 && same_colours(a_, i, patches_[p]) && same_colours(b_, i, patches_[p]);
      differences_[i].push_back(
          same ? value_or_before{0, p}
               : value_or_before{mean_difference(a_, b_, i, patches_[p], *differences, beat)});
   }
}

banding_values gradients_and_colours::banding() const {
   const auto all = joined_lists(severities_);
   return {mean(all), percentile(all, 95), all.size()};
}

colour_values gradients_and_colours::colours() const {
   const auto all = looked_up(differences_);
   colour_values values{mean(all), percentile(all, 95), largest(all), {}, all.size()};
   constexpr double limits[] = {1, 2, 3, 5};
   for (size_t l = 0; l < 4 && !all.empty(); ++l)
      values.above[l] =
          100 *
          static_cast<double>(std::count_if(all.begin(), all.end(), [&](double v) { return v > limits[l]; })) /
          static_cast<double>(all.size());
   return values;
}

dither_values gradients_and_colours::dither() const {
   const auto all = looked_up(ratios_);
   std::vector<double> scores;
   for (const double ratio : all)
      scores.push_back(dither_score(ratio));
   return {mean(all), percentile(all, 95), mean(scores), all.size()};
}

} // namespace giflab::classic
