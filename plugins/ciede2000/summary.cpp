#include "summary.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <giflab_kernels/radix_select.hpp>
#include <limits>

namespace giflab::ciede2000 {
namespace {

using namespace kernels;

constexpr double p95 = 0.95;

double between(double below, double above, double share) { return below + (above - below) * share; }

// Runs of values, from one to behind another, asking before each whether to go on.
template <class Body> void for_each_run(const giflab_call &call, size_t count, Body &&body) {
   constexpr size_t longest = 1 << 16;
   for (size_t first = 0; first < count; first += longest) {
      stop_if_cancelled(call);
      body(first, std::min(first + longest, count));
   }
}

double percent(uint64_t part, uint64_t whole) {
   return 100 * static_cast<double>(part) / static_cast<double>(whole);
}

// ---- One value a pixel

// `<` that asks now and then whether to go on: a library function over all pixels takes its time.
class patient_less {
 public:
   patient_less(const giflab_call &call, uint32_t &asked) : call_(&call), asked_(&asked) {}
   bool operator()(double a, double b) const {
      if (++*asked_ % (1 << 16) == 0)
         stop_if_cancelled(*call_);
      return a < b;
   }

 private:
   const giflab_call *call_;
   uint32_t *asked_; // outside, for algorithms copy what they compare with
};

double p95_of(const giflab_call &call, std::span<double> values) {
   const percentile_place place = place_of_percentile(p95, values.size());
   const auto below = values.begin() + static_cast<std::ptrdiff_t>(place.below);
   uint32_t asked = 0;
   const patient_less less(call, asked);
   std::nth_element(values.begin(), below, values.end(), less);
   const bool last = below + 1 == values.end();
   const double above = last ? *below : *std::min_element(below + 1, values.end(), less);
   return between(*below, above, place.share);
}

// ---- Groups

uint32_t key_of(float value) { return std::bit_cast<uint32_t>(value); }

// Differences with their counts of pixels.
struct groups {
   std::span<float> values;
   std::span<uint32_t> counts;
};

// How many pixels have each digit; all the picture's fit one bin.
using pixels_of_digit = std::array<uint32_t, 1 << 11>;
pixels_of_digit histogram(const giflab_call &call, const groups &of, radix_digit digit) {
   pixels_of_digit pixels = {};
   for_each_run(call, of.values.size(), [&](size_t first, size_t end) {
      for (size_t i = first; i < end; ++i)
         pixels[digit.of(key_of(of.values[i]))] += of.counts[i];
   });
   return pixels;
}

// What a run of groups is reduced to.
struct kept_groups {
   size_t count = 0;
   float above = INFINITY; // the least value above those
};

// Moves the groups from `first` to `end` whose keys have `lowest` to `highest` before `shift` bits behind those
// that are kept. Every group is written into the slot that only one to be kept fills: there is no branch to
// mispredict.
kept_groups keep_run(const groups &of, size_t first, size_t end, uint32_t lowest, uint32_t highest, int shift,
                     kept_groups kept) {
   float *const values = of.values.data();
   uint32_t *const counts = of.counts.data();
   for (size_t i = first; i < end; ++i) {
      const float value = values[i];
      const uint32_t begin = key_of(value) >> shift;
      values[kept.count] = value;
      counts[kept.count] = counts[i];
      kept.count += begin - lowest <= highest - lowest;
      kept.above = begin > highest && value < kept.above ? value : kept.above;
   }
   return kept;
}

// Leaves only such groups. Returns the least value above them.
float keep(const giflab_call &call, groups &of, uint32_t lowest, uint32_t highest, int shift) {
   kept_groups kept;
   for_each_run(call, of.values.size(), [&](size_t first, size_t end) {
      kept = keep_run(of, first, end, lowest, highest, shift, kept);
   });
   of = {of.values.first(kept.count), of.counts.first(kept.count)};
   return kept.above;
}

// A value by its rank, how many pixels have a smaller or the same one, and the least of the larger ones.
struct order_statistic {
   float value;
   uint64_t up_to;
   float above;
};

// The value of rank `rank` (from 0) among the groups, of which one pixel at least must have that rank.
order_statistic select(const giflab_call &call, groups among, uint32_t rank) {
   radix_progress found;
   uint32_t here = 0;
   float above = INFINITY;
   for (const radix_digit digit : radix_digits) {
      const pixels_of_digit pixels = histogram(call, among, digit);
      found = next_digit(pixels.data(), 0, found.prefix, found.below, rank, digit);
      here = pixels[found.prefix & (digit.bins() - 1)];
      above = std::min(above, keep(call, among, found.prefix, found.prefix, digit.shift));
   }
   return {std::bit_cast<float>(found.prefix), found.below + uint64_t{here}, above};
}

} // namespace

summary summary_of(const giflab_call &call, std::span<double> differences) {
   summary result = {};
   std::array<uint64_t, thresholds.size()> over = {};
   for_each_run(call, differences.size(), [&](size_t first, size_t end) {
      for (const double value : differences.subspan(first, end - first)) {
         result.mean += value;
         result.max = std::max(result.max, value);
         for (size_t i = 0; i < thresholds.size(); ++i)
            over[i] += value > thresholds[i];
      }
   });
   result.mean /= static_cast<double>(differences.size());
   for (size_t i = 0; i < thresholds.size(); ++i)
      result.percent_over[i] = percent(over[i], differences.size());
   result.p95 = p95_of(call, differences);
   return result;
}

summary summary_of(const weighted_totals &totals, uint64_t pixels, const percentile_values &values) {
   summary result = {};
   result.mean = static_cast<double>(totals.sum) * total_unit / static_cast<double>(pixels);
   result.p95 = between(values.below, values.above, place_of_percentile(p95, pixels).share);
   result.max = totals.max;
   for (size_t i = 0; i < totals.over.size(); ++i)
      result.percent_over[i] = percent(totals.over[i], pixels);
   return result;
}

tally::tally(const giflab_call &call, uint64_t pixels, std::span<float> values, std::span<uint32_t> counts)
    : call_(call), pixels_(pixels), wanted_(pixels - place_of_percentile(ciede2000::p95, pixels).below),
      values_(values), counts_(counts), limit_(2 * wanted_),
      threshold_(std::numeric_limits<float>::denorm_min()) {}

void tally::add(std::span<const float> values, std::span<const uint32_t> counts) {
   kernels::add_weighted(values.data(), counts.data(), values.size(), totals_, kernels::arithmetic::vector);
   const float threshold = threshold_;
   size_t kept = kept_;
   for (size_t i = 0; i < values.size(); ++i) {
      values_[kept] = values[i];
      counts_[kept] = counts[i];
      kept += values[i] >= threshold;
   }
   kept_ = kept;
   if (kept_ >= limit_)
      tighten();
}

// Drops what is below the largest `wanted_`, to the first digit.
void tally::tighten() {
   groups kept = {values_.first(kept_), counts_.first(kept_)};
   const radix_digit digit = radix_digits[0];
   const pixels_of_digit pixels = histogram(call_, kept, digit);
   uint32_t lowest = digit.bins();
   for (uint64_t larger = 0; larger < wanted_ && lowest > 0;)
      larger += pixels[--lowest];
   keep(call_, kept, lowest, UINT32_MAX, digit.shift);
   threshold_ = std::max(threshold_, std::bit_cast<float>(lowest << digit.shift));
   kept_ = kept.values.size();
   limit_ = kept_ + 3 * wanted_;
}

percentile_values tally::p95() {
   const groups kept = {values_.first(kept_), counts_.first(kept_)};
   uint64_t known = 0; // pixels
   float least = INFINITY;
   for_each_run(call_, kept_, [&](size_t first, size_t end) {
      for (size_t i = first; i < end; ++i) {
         known += kept.counts[i];
         least = std::min(least, kept.values[i]);
      }
   });
   if (known + 1 < wanted_ || known == 0)
      return {0, 0};
   if (known < wanted_)
      return {0, least};
   const uint64_t rank = known - wanted_;
   const order_statistic below = select(call_, kept, static_cast<uint32_t>(rank));
   const bool repeats = rank + 1 < below.up_to || wanted_ == 1;
   return {below.value, repeats ? below.value : below.above};
}

summary tally::finish() { return summary_of(totals_, pixels_, p95()); }

} // namespace giflab::ciede2000
