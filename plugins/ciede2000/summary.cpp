#include "summary.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <giflab_kernels/radix_select.hpp>

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

// A value by its rank, and how many pixels have a smaller or the same one.
struct order_statistic {
   float value;
   uint64_t up_to;
};

// The value of rank `rank` (from 0) among the groups, of which one pixel at least must have that rank.
order_statistic select(const giflab_call &call, const weighted_differences &differences, uint32_t rank) {
   radix_progress found;
   uint32_t here = 0;
   for (const radix_digit digit : radix_digits) {
      std::array<uint32_t, 1 << 11> pixels = {};
      for_each_run(call, differences.values.size(), [&](size_t first, size_t end) {
         for (size_t i = first; i < end; ++i) {
            const auto key = std::bit_cast<uint32_t>(differences.values[i]);
            if (digit.prefix_of(key) == found.prefix)
               pixels[digit.of(key)] += differences.counts[i];
         }
      });
      found = next_digit(pixels.data(), 0, found.prefix, found.below, rank, digit);
      here = pixels[found.prefix & (digit.bins() - 1)];
   }
   return {std::bit_cast<float>(found.prefix), found.below + uint64_t{here}};
}

float least_above(const giflab_call &call, const weighted_differences &differences, float bound) {
   float least = INFINITY;
   for_each_run(call, differences.values.size(), [&](size_t first, size_t end) {
      for (const float value : differences.values.subspan(first, end - first))
         least = value > bound && value < least ? value : least;
   });
   return least;
}

percentile_values p95_of(const giflab_call &call, const weighted_differences &differences) {
   const percentile_place place = place_of_percentile(p95, differences.pixels);
   const uint64_t zeros = differences.pixels - differences.totals.pixels;
   const order_statistic below = place.below < zeros ? order_statistic{0, zeros} : [&] {
      order_statistic found = select(call, differences, static_cast<uint32_t>(place.below - zeros));
      found.up_to += zeros;
      return found;
   }();
   const bool repeats = place.above < below.up_to;
   return {below.value, repeats ? below.value : least_above(call, differences, below.value)};
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

summary summary_of(const giflab_call &call, const weighted_differences &differences) {
   return summary_of(differences.totals, differences.pixels, p95_of(call, differences));
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

} // namespace giflab::ciede2000
