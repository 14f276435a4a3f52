// The judge: whole planes of doubles, one step after the other, as the metric is defined.

#include "difference_scalar.hpp"

#include "gaussian.hpp"
#include "picture.hpp"

#include <array>
#include <limits>
#include <vector>

namespace giflab::butteraugli::scalar {

namespace {

using pause_function = std::function<void()>;

class map {
 public:
   map() = default;
   map(int32_t w, int32_t h) : width(w), height(h), values_(static_cast<size_t>(w) * static_cast<size_t>(h)) {}
   double *row(int32_t y) { return values_.data() + static_cast<size_t>(y) * static_cast<size_t>(width); }
   const double *row(int32_t y) const {
      return values_.data() + static_cast<size_t>(y) * static_cast<size_t>(width);
   }
   double at(int32_t x, int32_t y) const { return row(y)[x]; }
   bool holds(int32_t x, int32_t y) const { return x >= 0 && x < width && y >= 0 && y < height; }

   int32_t width = 0, height = 0;

 private:
   std::vector<double> values_;
};

using colour_map = std::array<map, 3>; // R, G, B or X, Y, B

// A map whose pixel (x, y) is value(x, y).
template <class Value> map map_of(int32_t width, int32_t height, const pause_function &pause, Value &&value) {
   map made(width, height);
   for (int32_t y = 0; y < height; ++y) {
      pause();
      for (int32_t x = 0; x < width; ++x)
         made.row(y)[x] = value(x, y);
   }
   return made;
}

// Each pixel of `target` becomes value(x, y).
template <class Value> void set_all(map &target, const pause_function &pause, Value &&value) {
   for (int32_t y = 0; y < target.height; ++y) {
      pause();
      for (int32_t x = 0; x < target.width; ++x)
         target.row(y)[x] = value(x, y);
   }
}

double squared(double x) { return x * x; }

// ---- Pictures

colour_map picture(const kernels::plane<float> (&light)[3], int32_t width, int32_t height,
                   const pause_function &pause) {
   const extension whole(width, height);
   colour_map made;
   for (size_t c = 0; c < 3; ++c)
      made[c] = map_of(whole.width, whole.height, pause, [&](int32_t x, int32_t y) {
         const int32_t from_y = std::clamp(y - whole.top, 0, height - 1);
         return static_cast<double>(light[c].row(from_y)[std::clamp(x - whole.left, 0, width - 1)]);
      });
   return made;
}

// Means of 2x2; an odd edge counts twice.
colour_map halved(const colour_map &source, const pause_function &pause) {
   colour_map made;
   for (size_t c = 0; c < 3; ++c) {
      const map &from = source[c];
      made[c] = map_of((from.width + 1) / 2, (from.height + 1) / 2, pause, [&](int32_t x, int32_t y) {
         const int32_t right = std::min(2 * x + 1, from.width - 1),
                       below = std::min(2 * y + 1, from.height - 1);
         return (from.at(2 * x, 2 * y) + from.at(right, 2 * y) + from.at(2 * x, below) +
                 from.at(right, below)) /
                4;
      });
   }
   return made;
}

// ---- Blurs

// Edges are mirrors.
map blurred_in_mirrors(const map &source, const gaussian &blur, const pause_function &pause) {
   const int32_t width = source.width, height = source.height;
   const map across = map_of(width, height, pause, [&](int32_t x, int32_t y) {
      double sum = blur.taps[0] * source.at(x, y);
      for (int32_t i = 1; i <= blur.reach; ++i)
         sum += blur.taps[i] * (source.at(mirrored(x - i, width), y) + source.at(mirrored(x + i, width), y));
      return sum;
   });
   return map_of(width, height, pause, [&](int32_t x, int32_t y) {
      double sum = blur.taps[0] * across.at(x, y);
      for (int32_t i = 1; i <= blur.reach; ++i)
         sum += blur.taps[i] * (across.at(x, mirrored(y - i, height)) + across.at(x, mirrored(y + i, height)));
      return sum;
   });
}

// What is beyond an edge has no part.
map blurred(const map &source, const gaussian &blur, const pause_function &pause) {
   const int32_t width = source.width, height = source.height;
   const map across = map_of(width, height, pause, [&](int32_t x, int32_t y) {
      double sum = 0;
      for (int32_t i = std::max(0, x - blur.reach); i <= std::min(width - 1, x + blur.reach); ++i)
         sum += blur.taps[std::abs(i - x)] * source.at(i, y);
      return sum / blur.met(x, width);
   });
   return map_of(width, height, pause, [&](int32_t x, int32_t y) {
      double sum = 0;
      for (int32_t i = std::max(0, y - blur.reach); i <= std::min(height - 1, y + blur.reach); ++i)
         sum += blur.taps[std::abs(i - y)] * across.at(x, i);
      return sum / blur.met(y, height);
   });
}

// ---- XYB

double absorbed(const cone &of, const colour_map &light, int32_t x, int32_t y, double nits) {
   return (of.red * light[0].at(x, y) + of.green * light[1].at(x, y) + of.blue * light[2].at(x, y)) * nits +
          of.floor;
}

// How much a cone answers to light where the surroundings absorb so much.
double sensitivity(const cone &of, double surroundings) {
   const double adapted = std::max(surroundings, of.floor);
   const double response = response_scale * std::log(adapted + response_bias) + response_offset;
   return std::max(response / adapted, least_sensitivity);
}

colour_map xyb_of(const colour_map &light, double nits, const pause_function &pause) {
   const gaussian blur(surroundings_sigma);
   colour_map around;
   for (size_t c = 0; c < 3; ++c)
      around[c] = blurred_in_mirrors(light[c], blur, pause);
   colour_map made;
   made.fill(map(light[0].width, light[0].height));
   for (int32_t y = 0; y < light[0].height; ++y) {
      pause();
      for (int32_t x = 0; x < light[0].width; ++x) {
         double seen[3];
         for (size_t i = 0; i < 3; ++i)
            seen[i] = std::max(absorbed(cones[i], light, x, y, nits) *
                                   sensitivity(cones[i], absorbed(cones[i], around, x, y, nits)),
                               cones[i].floor);
         made[0].row(y)[x] = seen[0] - seen[1];
         made[1].row(y)[x] = seen[0] + seen[1];
         made[2].row(y)[x] = seen[2];
      }
   }
   return made;
}

// ---- Bands

double without_range(double value, double range) {
   return value > range ? value - range : value < -range ? value + range : 0;
}
double with_doubled_range(double value, double range) {
   return value > range ? value + range : value < -range ? value - range : 2 * value;
}
double limited(double value, double limit) {
   if (value > limit)
      return limit + limited_share * (value - limit);
   return value < -limit ? -limit + limited_share * (value + limit) : value;
}

struct bands {
   colour_map low, middle;
   std::array<map, 2> high, ultra; // X, Y
};

// What is finer than the blur stays in `source`; the rest is returned.
map take_blurred(map &source, double sigma, const pause_function &pause) {
   map coarse = blurred(source, gaussian(sigma), pause);
   set_all(source, pause, [&](int32_t x, int32_t y) { return source.at(x, y) - coarse.at(x, y); });
   return coarse;
}

void split_low(colour_map &&xyb, bands &to, const pause_function &pause) {
   for (size_t c = 0; c < 3; ++c)
      to.low[c] = take_blurred(xyb[c], low_sigma, pause);
   to.middle = std::move(xyb);
   map &low_x_map = to.low[0], &low_y_map = to.low[1], &low_b_map = to.low[2];
   set_all(low_b_map, pause, [&](int32_t x, int32_t y) {
      return low_b * (low_b_map.at(x, y) + low_b_from_y * low_y_map.at(x, y));
   });
   set_all(low_x_map, pause, [&](int32_t x, int32_t y) { return low_x * low_x_map.at(x, y); });
   set_all(low_y_map, pause, [&](int32_t x, int32_t y) { return low_y * low_y_map.at(x, y); });
}

void split_middle(bands &to, const pause_function &pause) {
   for (size_t c = 0; c < 2; ++c) {
      to.high[c] = std::move(to.middle[c]);
      to.middle[c] = take_blurred(to.high[c], middle_sigma, pause);
   }
   to.middle[2] = blurred(to.middle[2], gaussian(middle_sigma), pause);
   map &x_map = to.middle[0], &y_map = to.middle[1], &high_x = to.high[0], &high_y = to.high[1];
   set_all(x_map, pause, [&](int32_t x, int32_t y) { return without_range(x_map.at(x, y), middle_x_removed); });
   set_all(y_map, pause,
           [&](int32_t x, int32_t y) { return with_doubled_range(y_map.at(x, y), middle_y_doubled); });
   set_all(high_x, pause, [&](int32_t x, int32_t y) {
      const double share = suppression / (suppression + squared(high_y.at(x, y)));
      return high_x.at(x, y) * (suppression_floor + (1 - suppression_floor) * share);
   });
}

void split_high(bands &to, const pause_function &pause) {
   for (size_t c = 0; c < 2; ++c)
      to.ultra[c] = std::move(to.high[c]);
   map &high_x = to.high[0], &high_y = to.high[1], &ultra_x = to.ultra[0], &ultra_y = to.ultra[1];
   high_x = take_blurred(ultra_x, high_sigma, pause);
   set_all(high_x, pause, [&](int32_t x, int32_t y) { return without_range(high_x.at(x, y), high_x_removed); });
   set_all(ultra_x, pause,
           [&](int32_t x, int32_t y) { return without_range(ultra_x.at(x, y), ultra_x_removed); });
   // What the limit takes from the high band of Y is left to the finest.
   high_y = blurred(ultra_y, gaussian(high_sigma), pause);
   set_all(high_y, pause, [&](int32_t x, int32_t y) { return limited(high_y.at(x, y), high_y_limit); });
   set_all(ultra_y, pause, [&](int32_t x, int32_t y) {
      return ultra_y_gain * limited(ultra_y.at(x, y) - high_y.at(x, y), ultra_y_limit);
   });
   set_all(high_y, pause, [&](int32_t x, int32_t y) {
      return with_doubled_range(high_y_gain * high_y.at(x, y), high_y_doubled);
   });
}

bands bands_of(const colour_map &light, double nits, const pause_function &pause) {
   bands made;
   split_low(xyb_of(light, nits, pause), made, pause);
   split_middle(made, pause);
   split_high(made, pause);
   return made;
}

// ---- Differences

// How far `b` is from `a` as seen by the line filters: relative to their strength, and once more where b lost
// much of a or went beyond it.
double line_difference(double a, double b, double both_ways, double one_way, double norm) {
   const double strength = norm + 0.5 * (std::fabs(a) + std::fabs(b));
   const double sign = a < 0 ? -1 : 1;
   const double along = b * sign, least = too_small * std::fabs(a), most = too_big * std::fabs(a);
   double beyond = 0;
   if (along < least)
      beyond = least - along;
   else if (along > most)
      beyond = most - along;
   return (both_ways * (a - b) + one_way * sign * beyond) / strength;
}

double on_line(const map &of, const line &along, int32_t x, int32_t y) {
   double sum = of.at(x, y);
   for (int i = 0; i < along.count; ++i) {
      const offset step = along.steps[static_cast<size_t>(i)];
      if (of.holds(x + step.right, y + step.down))
         sum += of.at(x + step.right, y + step.down);
      if (of.holds(x - step.right, y - step.down))
         sum += of.at(x - step.right, y - step.down);
   }
   return sum;
}

// Adds to `total` the squared sums along the lines through each pixel.
template <size_t N>
void add_lines(const map &a, const map &b, const line_term &term, const line (&lines)[N], double gain,
               double asymmetry, map &total, const pause_function &pause) {
   const double scale = gain / line_length * term.norm;
   const double both_ways = scale * std::sqrt(both_ways_share * term.weight * asymmetry);
   const double one_way = scale * std::sqrt(one_way_share * term.weight / asymmetry);
   const map difference = map_of(a.width, a.height, pause, [&](int32_t x, int32_t y) {
      return line_difference(a.at(x, y), b.at(x, y), both_ways, one_way, term.norm);
   });
   set_all(total, pause, [&](int32_t x, int32_t y) {
      double sum = total.at(x, y);
      for (const line &along : lines)
         sum += along.times * squared(on_line(difference, along, x, y));
      return sum;
   });
}

void add_squares(const map &a, const map &b, double weight, map &total, const pause_function &pause) {
   set_all(total, pause,
           [&](int32_t x, int32_t y) { return total.at(x, y) + weight * squared(a.at(x, y) - b.at(x, y)); });
}

void add_high_squares(const map &a, const map &b, double weight, double asymmetry, map &total,
                      const pause_function &pause) {
   set_all(total, pause, [&](int32_t x, int32_t y) {
      const double p = a.at(x, y), q = b.at(x, y);
      const double along = p < 0 ? -q : q, most = std::fabs(p), least = high_too_small * most;
      const double beyond = along < least ? least - along : along > most ? along - most : 0;
      return total.at(x, y) + high_share * weight * (asymmetry * squared(p - q) + squared(beyond) / asymmetry);
   });
}

map low_difference(const bands &a, const bands &b, const pause_function &pause) {
   map total(a.low[0].width, a.low[0].height);
   add_squares(a.low[0], b.low[0], low_x_weight, total, pause);
   add_squares(a.low[1], b.low[1], low_y_weight, total, pause);
   add_squares(a.low[2], b.low[2], low_b_weight, total, pause);
   return total;
}

map detail_difference(const bands &a, const bands &b, double asymmetry, const pause_function &pause) {
   map total(a.low[0].width, a.low[0].height);
   const double root = std::sqrt(asymmetry);
   add_lines(a.ultra[1], b.ultra[1], ultra_y_lines, dense_lines, dense_gain, asymmetry, total, pause);
   add_lines(a.ultra[0], b.ultra[0], ultra_x_lines, dense_lines, dense_gain, asymmetry, total, pause);
   add_lines(a.high[1], b.high[1], high_y_lines, sparse_lines, sparse_gain, root, total, pause);
   add_lines(a.high[0], b.high[0], high_x_lines, sparse_lines, sparse_gain, root, total, pause);
   add_lines(a.middle[1], b.middle[1], middle_y_lines, sparse_lines, sparse_gain, 1, total, pause);
   add_lines(a.middle[0], b.middle[0], middle_x_lines, sparse_lines, sparse_gain, 1, total, pause);
   add_high_squares(a.high[0], b.high[0], high_x_weight, asymmetry, total, pause);
   add_high_squares(a.high[1], b.high[1], high_y_weight, asymmetry, total, pause);
   add_squares(a.middle[0], b.middle[0], middle_x_weight, total, pause);
   add_squares(a.middle[1], b.middle[1], middle_y_weight, total, pause);
   add_squares(a.middle[2], b.middle[2], middle_b_weight, total, pause);
   return total;
}

// ---- Masking

map activity_of(const bands &of, const pause_function &pause) {
   const double bias = activity_scale * activity_bias;
   const map activity = map_of(of.low[0].width, of.low[0].height, pause, [&](int32_t x, int32_t y) {
      const double red_green = activity_x * (of.ultra[0].at(x, y) + of.high[0].at(x, y));
      const double light = activity_ultra_y * of.ultra[1].at(x, y) + activity_high_y * of.high[1].at(x, y);
      return std::sqrt(activity_scale * std::sqrt(squared(red_green) + squared(light)) + bias) -
             std::sqrt(bias);
   });
   return blurred(activity, gaussian(mask_sigma), pause);
}

// The three smallest of nine samples in weights, the outer two at most twice the middle one.
double eroded(const map &activity, int32_t x, int32_t y) {
   const double here = activity.at(x, y);
   double smallest[3] = {here, 2 * here, 2 * here};
   for (int32_t down = -erosion_step; down <= erosion_step; down += erosion_step)
      for (int32_t right = -erosion_step; right <= erosion_step; right += erosion_step)
         if ((down != 0 || right != 0) && activity.holds(x + right, y + down)) {
            double value = activity.at(x + right, y + down);
            for (double &smaller : smallest)
               if (value < smaller)
                  std::swap(value, smaller);
         }
   return erosion[0] * smallest[0] + erosion[1] * smallest[1] + erosion[2] * smallest[2];
}

double weight_behind(const visibility &of, double mask) {
   return squared(overall * (1 + of.gain / (of.slope * mask + of.offset)));
}

// ---- The map

map scale_map(const colour_map &reference, const colour_map &distorted, const viewing &conditions,
              const pause_function &pause) {
   const bands a = bands_of(reference, conditions.intensity_target, pause);
   const bands b = bands_of(distorted, conditions.intensity_target, pause);
   const map low = low_difference(a, b, pause);
   map detail = detail_difference(a, b, conditions.hf_asymmetry, pause);
   const map activity = activity_of(a, pause);
   add_squares(activity, activity_of(b, pause), activity_difference_weight, detail, pause);
   return map_of(low.width, low.height, pause, [&](int32_t x, int32_t y) {
      const double mask = eroded(activity, x, y);
      return std::sqrt(low.at(x, y) * weight_behind(low_visibility, mask) +
                       detail.at(x, y) * weight_behind(detail_visibility, mask));
   });
}

map difference_map(const colour_map &reference, const colour_map &distorted, const viewing &conditions,
                   const pause_function &pause) {
   map full = scale_map(reference, distorted, conditions, pause);
   if (!extension(full.width, full.height).has_halves())
      return full;
   const map half = scale_map(halved(reference, pause), halved(distorted, pause), conditions, pause);
   set_all(full, pause, [&](int32_t x, int32_t y) {
      return kept_weight * full.at(x, y) + halved_weight * half.at(x / 2, y / 2);
   });
   return full;
}

} // namespace

map_sums measure(const light_pair &pair, const viewing &conditions, const std::function<void()> &pause) {
   const map differences =
       difference_map(picture(pair.reference, pair.width, pair.height, pause),
                      picture(pair.distorted, pair.width, pair.height, pause), conditions, pause);
   const extension whole(pair.width, pair.height);
   map_sums sums;
   for (int32_t y = 0; y < pair.height; ++y)
      for (int32_t x = 0; x < pair.width; ++x) {
         const double value = differences.at(x + whole.left, y + whole.top);
         const double cube = value * value * value;
         sums.maximum = std::max(sums.maximum, value);
         sums.cubes += cube;
         sums.sixths += squared(cube);
         sums.twelfths += squared(squared(cube));
      }
   return sums;
}

} // namespace giflab::butteraugli::scalar
