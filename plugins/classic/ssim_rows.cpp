#include "ssim_rows.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ssim_rows.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#include "vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace giflab::classic::HWY_NAMESPACE {

// ---- Columns

template <class Sample, class Sum, class Product>
HWY_INLINE void add_one(row_pair<Sample> row, const ssim_columns<Sum, Product> &columns, size_t x,
                        Product sign) {
   const auto p = static_cast<Product>(row.a[x]), q = static_cast<Product>(row.b[x]);
   columns.a[x] = static_cast<Sum>(columns.a[x] + sign * p);
   columns.b[x] = static_cast<Sum>(columns.b[x] + sign * q);
   columns.squared[x] += sign * (p * p + q * q);
   columns.crossed[x] += sign * (2 * p * q);
}

template <class Sample, class Sum, class Product>
HWY_INLINE void move_one(row_pair<Sample> added, row_pair<Sample> removed,
                         const ssim_columns<Sum, Product> &columns, size_t x) {
   if (removed.a)
      add_one(removed, columns, x, Product{-1});
   add_one(added, columns, x, Product{1});
}

#if HWY_TARGET != HWY_SCALAR
// a^2 + b^2 and 2 a b of a register of bytes, in two halves that follow each other.
struct byte_products {
   vector32 squared[2], crossed[2];
};

HWY_INLINE byte_products products_of(hn::Vec<half8> a, hn::Vec<half8> b) {
   const half8 d8;
   const whole16 d16;
   const auto set = [&](size_t half, auto ab, auto ba, byte_products &into) HWY_ATTR {
      const vector16 straight = hn::PromoteTo(d16, ab), crossed = hn::PromoteTo(d16, ba);
      into.squared[half] = sums_of_products(straight, straight);
      into.crossed[half] = sums_of_products(straight, crossed);
   };
   byte_products products;
   set(0, hn::InterleaveLower(d8, a, b), hn::InterleaveLower(d8, b, a), products);
   set(1, hn::InterleaveUpper(d8, a, b), hn::InterleaveUpper(d8, b, a), products);
   return products;
}

// In the order of the plain twin, as sums of floats may round.
template <class D> HWY_INLINE void change(D d, hn::TFromD<D> *sums, hn::Vec<D> added, hn::Vec<D> removed) {
   hn::StoreU(hn::Add(hn::Sub(hn::LoadU(d, sums), removed), added), d, sums);
}

HWY_INLINE void move_several(row_pair<uint8_t> added, row_pair<uint8_t> removed,
                             const ssim_byte_columns &columns, size_t x) {
   const half8 d8;
   const hn::RebindToUnsigned<whole16> d16;
   const whole32 d32;
   const auto load = [&](const uint8_t *row) HWY_ATTR { return row ? hn::LoadU(d8, row + x) : hn::Zero(d8); };
   const auto a = load(added.a), b = load(added.b), old_a = load(removed.a), old_b = load(removed.b);
   change(d16, columns.a + x, hn::PromoteTo(d16, a), hn::PromoteTo(d16, old_a));
   change(d16, columns.b + x, hn::PromoteTo(d16, b), hn::PromoteTo(d16, old_b));
   const byte_products products = products_of(a, b), old = products_of(old_a, old_b);
   for (size_t half = 0; half < 2; ++half) {
      const size_t at = x + half * hn::Lanes(d32);
      change(d32, columns.squared + at, products.squared[half], old.squared[half]);
      change(d32, columns.crossed + at, products.crossed[half], old.crossed[half]);
   }
}

using doubles = hn::CappedTag<double, 4>;
using double_vector = hn::Vec<doubles>;

HWY_INLINE void move_several(row_pair<float> added, row_pair<float> removed, const ssim_float_columns &columns,
                             size_t x) {
   const doubles d;
   const auto load = [&](const float *row) HWY_ATTR {
      return row ? hn::PromoteTo(d, hn::LoadU(hn::Rebind<float, doubles>(), row + x)) : hn::Zero(d);
   };
   const auto squared = [](double_vector p, double_vector q)
                            HWY_ATTR { return hn::Add(hn::Mul(p, p), hn::Mul(q, q)); };
   const auto crossed = [](double_vector p, double_vector q) HWY_ATTR {
      const auto product = hn::Mul(p, q);
      return hn::Add(product, product);
   };
   const auto a = load(added.a), b = load(added.b), old_a = load(removed.a), old_b = load(removed.b);
   change(d, columns.a + x, a, old_a);
   change(d, columns.b + x, b, old_b);
   change(d, columns.squared + x, squared(a, b), squared(old_a, old_b));
   change(d, columns.crossed + x, crossed(a, b), crossed(old_a, old_b));
}

HWY_INLINE size_t lanes_of(row_pair<uint8_t>) { return hn::Lanes(whole16()); }
HWY_INLINE size_t lanes_of(row_pair<float>) { return hn::Lanes(doubles()); }
#endif

template <class Sample, class Columns>
HWY_INLINE void move_all(row_pair<Sample> added, row_pair<Sample> removed, const Columns &columns,
                         size_t count) {
   size_t x = 0;
#if HWY_TARGET != HWY_SCALAR
   for (const size_t step = lanes_of(added); x + step <= count; x += step)
      move_several(added, removed, columns, x);
#endif
   for (; x < count; ++x)
      move_one(added, removed, columns, x);
}

void move_byte_columns(row_pair<uint8_t> added, row_pair<uint8_t> removed, const ssim_byte_columns &columns,
                       size_t count) {
   move_all(added, removed, columns, count);
}
void move_float_columns(row_pair<float> added, row_pair<float> removed, const ssim_float_columns &columns,
                        size_t count) {
   move_all(added, removed, columns, count);
}

// ---- Windows

constexpr double window = 49, degrees = window * (window - 1);

// With sums instead of means: both fractions of SSIM times 49^2 and times 49 * 48.
struct window_sums {
   double product, squares;      // 2 a b and a^2 + b^2 of the sums of samples
   double covariance, variances; // 49 times the sums of products without them
};

HWY_INLINE double ssim_of(const window_sums &sums, double c1, double c2) {
   return (sums.product + c1) * (sums.covariance + c2) / ((sums.squares + c1) * (sums.variances + c2));
}

template <class Sum> HWY_INLINE double seven(const Sum *column) {
   return static_cast<double>(column[0] + column[1] + column[2] + column[3] + column[4] + column[5] +
                              column[6]);
}

template <class Columns> HWY_INLINE double ssim_of_one(const Columns &columns, double c1, double c2, size_t x) {
   const double a = seven(columns.a + x), b = seven(columns.b + x);
   const double product = 2 * (a * b), squares = a * a + b * b;
   return ssim_of({product, squares, window * seven(columns.crossed + x) - product,
                   window * seven(columns.squared + x) - squares},
                  c1, c2);
}

#if HWY_TARGET != HWY_SCALAR
template <class D, class Sum> HWY_INLINE hn::Vec<D> sevens(D d, const Sum *column) {
   const auto at = [&](size_t place) HWY_ATTR { return hn::LoadU(d, column + place); };
   const auto first = hn::Add(hn::Add(at(0), at(1)), at(2));
   return hn::Add(hn::Add(hn::Add(hn::Add(first, at(3)), at(4)), at(5)), at(6));
}

HWY_INLINE double_vector ssim_of(double_vector product, double_vector squares, double_vector covariance,
                                 double_vector variances, double c1, double c2) {
   const doubles d;
   const auto first = hn::Set(d, c1), second = hn::Set(d, c2);
   return hn::Div(hn::Mul(hn::Add(product, first), hn::Add(covariance, second)),
                  hn::Mul(hn::Add(squares, first), hn::Add(variances, second)));
}

// Whole numbers of all windows of a register.
struct whole_sums {
   vector32 product, squares, covariance, variances;

   HWY_INLINE bool equal() const { // then SSIM is 1 to the bit
      const auto different = hn::Or(hn::Xor(product, squares), hn::Xor(covariance, variances));
      return hn::AllTrue(whole32(), hn::Eq(different, hn::Zero(whole32())));
   }
};

HWY_INLINE void store_ssim(const whole_sums &sums, double c1, double c2, double *to) {
   const doubles d;
   const hn::Rebind<int32_t, doubles> few;
   const size_t lanes = hn::Lanes(d);
   if (sums.equal()) {
      for (size_t i = 0; i < hn::Lanes(whole32()); i += lanes)
         hn::StoreU(hn::Set(d, 1), d, to + i);
      return;
   }
   const auto store = [&](size_t i, auto &&part) HWY_ATTR {
      const auto wide = [&](vector32 v) HWY_ATTR { return hn::PromoteTo(d, part(v)); };
      hn::StoreU(
          ssim_of(wide(sums.product), wide(sums.squares), wide(sums.covariance), wide(sums.variances), c1, c2),
          d, to + i);
   };
   store(0, [&](vector32 v) HWY_ATTR { return hn::LowerHalf(few, v); });
   store(lanes, [&](vector32 v) HWY_ATTR { return hn::UpperHalf(few, v); });
}

// In the order of windows, of what stands in that of InterleaveLower and InterleaveUpper.
struct ordered_halves {
   vector32 first, second;

   HWY_INLINE ordered_halves(vector32 lower, vector32 upper) : first(lower), second(upper) {
      const whole32 d;
      if constexpr (hn::MaxLanes(whole32()) == 8) {
         first = hn::ConcatLowerLower(d, upper, lower);
         second = hn::ConcatUpperUpper(d, upper, lower);
      }
   }
};

HWY_INLINE void store_windows(const ssim_byte_columns &columns, double c1, double c2, size_t x, double *to) {
   const hn::RebindToUnsigned<whole16> unsigned16;
   const whole16 d16;
   const whole32 d32;
   const vector16 a = hn::BitCast(d16, sevens(unsigned16, columns.a + x)), // at most 49 * 255
       b = hn::BitCast(d16, sevens(unsigned16, columns.b + x));
   const vector16 lower = hn::InterleaveLower(d16, a, b), upper = hn::InterleaveUpper(d16, a, b);
   const ordered_halves squares(sums_of_products(lower, lower), sums_of_products(upper, upper));
   const ordered_halves products(sums_of_products(lower, hn::InterleaveLower(d16, b, a)),
                                 sums_of_products(upper, hn::InterleaveUpper(d16, b, a)));
   const auto store = [&](size_t at, vector32 product, vector32 square) HWY_ATTR {
      const auto times = hn::Set(d32, static_cast<int32_t>(window)); // 49 * 2 * 49 * 255^2 < 2^31
      const auto crossed = hn::Mul(sevens(d32, columns.crossed + x + at), times);
      const auto squared = hn::Mul(sevens(d32, columns.squared + x + at), times);
      store_ssim({product, square, hn::Sub(crossed, product), hn::Sub(squared, square)}, c1, c2, to + at);
   };
   store(0, products.first, squares.first);
   store(hn::Lanes(d32), products.second, squares.second);
}

HWY_INLINE void store_windows(const ssim_float_columns &columns, double c1, double c2, size_t x, double *to) {
   const doubles d;
   const auto times = hn::Set(d, window);
   const auto a = sevens(d, columns.a + x), b = sevens(d, columns.b + x), ab = hn::Mul(a, b);
   const auto product = hn::Add(ab, ab), squares = hn::Add(hn::Mul(a, a), hn::Mul(b, b));
   const auto crossed = hn::Mul(times, sevens(d, columns.crossed + x));
   const auto squared = hn::Mul(times, sevens(d, columns.squared + x));
   hn::StoreU(ssim_of(product, squares, hn::Sub(crossed, product), hn::Sub(squared, squares), c1, c2), d, to);
}

HWY_INLINE size_t windows_at_once(const ssim_byte_columns &) { return hn::Lanes(whole16()); }
HWY_INLINE size_t windows_at_once(const ssim_float_columns &) { return hn::Lanes(doubles()); }
#endif

template <class Columns>
HWY_INLINE double sum_ssim(const Columns &columns, double c1, double c2, double *work, size_t windows) {
   const double first = c1 * window * window, second = c2 * degrees;
   size_t x = 0;
#if HWY_TARGET != HWY_SCALAR
   for (const size_t step = windows_at_once(columns); x + step <= windows; x += step)
      store_windows(columns, first, second, x, work + x);
#endif
   for (; x < windows; ++x)
      work[x] = ssim_of_one(columns, first, second, x);
   return sum_of(work, windows);
}

double ssim_of_bytes(const ssim_byte_columns &columns, double c1, double c2, double *work, size_t windows) {
   return sum_ssim(columns, c1, c2, work, windows);
}
double ssim_of_floats(const ssim_float_columns &columns, double c1, double c2, double *work, size_t windows) {
   return sum_ssim(columns, c1, c2, work, windows);
}

} // namespace giflab::classic::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::classic {

HWY_EXPORT(move_byte_columns);
HWY_EXPORT(move_float_columns);
HWY_EXPORT(ssim_of_bytes);
HWY_EXPORT(ssim_of_floats);

void move_columns(row_pair<uint8_t> added, row_pair<uint8_t> removed, const ssim_byte_columns &columns,
                  size_t count) {
   HWY_DYNAMIC_DISPATCH(move_byte_columns)(added, removed, columns, count);
}
void move_columns(row_pair<float> added, row_pair<float> removed, const ssim_float_columns &columns,
                  size_t count) {
   HWY_DYNAMIC_DISPATCH(move_float_columns)(added, removed, columns, count);
}
double ssim_row(const ssim_byte_columns &columns, double c1, double c2, double *work, size_t count) {
   return HWY_DYNAMIC_DISPATCH(ssim_of_bytes)(columns, c1, c2, work, count - 6);
}
double ssim_row(const ssim_float_columns &columns, double c1, double c2, double *work, size_t count) {
   return HWY_DYNAMIC_DISPATCH(ssim_of_floats)(columns, c1, c2, work, count - 6);
}

} // namespace giflab::classic
#endif
