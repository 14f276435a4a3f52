#include "synthetic/arithmetic.hpp"

#include <cmath>

namespace giflab::synthetic {

namespace {

// pi/2 in parts of 33 bits, so that a multiple of the first two by a small integer is exact.
constexpr double first_part = 0x1.921fb544p+0, second_part = 0x1.0b4611a6p-34,
                 third_part = 0x1.3198a2e037073p-69;

struct reduced_angle {
   int quarter;      // 0 to 3
   double high, low; // the angle in it is their sum, |high| at most pi/4
};

reduced_angle reduced(double x) {
   const double turns = std::floor(x / (pi / 2) + 0.5); // exact: no rounding mode comes in
   const double rough = x - turns * first_part;
   const double second = rough - turns * second_part;
   const double lost = (rough - second) - turns * second_part;
   const double tail = turns * third_part - lost;
   const double high = second - tail;
   return {static_cast<int>(turns - 4 * std::floor(turns / 4)), high, (second - high) - tail};
}

// Taylor's series, from the smallest term up.
double sine_near_zero(double x, double low) {
   const double square = x * x;
   double sum = 0;
   for (int n = 21; n >= 3; n -= 2)
      sum = (1 - sum) * square / (n * (n - 1));
   return x - (x * sum - low * (1 - square / 2));
}

double cosine_near_zero(double x, double low) {
   const double square = x * x;
   double sum = 0;
   for (int n = 20; n >= 4; n -= 2)
      sum = (1 - sum) * square / (n * (n - 1));
   // 1 - square / 2 loses the last bits of the square; what it lost is put back.
   const double half = square / 2, near = 1 - half;
   return near + (((1 - near) - half) + (half * sum - x * low));
}

// Of a ratio from 0 to 1.
double arctangent(double ratio) {
   // Twice halved: tan(a / 2) = t / (1 + sqrt(1 + t * t)).
   double t = ratio;
   for (int i = 0; i < 2; ++i)
      t = t / (1 + std::sqrt(1 + t * t));
   const double square = t * t;
   double sum = 0;
   for (int n = 41; n >= 3; n -= 2)
      sum = square * (1.0 / n - sum);
   return 4 * (t - t * sum);
}

} // namespace

double sine(double x) {
   const reduced_angle at = reduced(x);
   const double value =
       at.quarter % 2 == 0 ? sine_near_zero(at.high, at.low) : cosine_near_zero(at.high, at.low);
   return at.quarter < 2 ? value : -value;
}

double cosine(double x) {
   const reduced_angle at = reduced(x);
   const double value =
       at.quarter % 2 == 0 ? cosine_near_zero(at.high, at.low) : sine_near_zero(at.high, at.low);
   return at.quarter == 1 || at.quarter == 2 ? -value : value;
}

double angle_of(double y, double x) {
   const double across = x < 0 ? -x : x, up = y < 0 ? -y : y;
   if (across == 0 && up == 0)
      return 0;
   double angle = up <= across ? arctangent(up / across) : pi / 2 - arctangent(across / up);
   if (x < 0)
      angle = pi - angle;
   return y < 0 ? -angle : angle;
}

} // namespace giflab::synthetic
