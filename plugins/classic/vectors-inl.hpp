// What several kernels do with vectors. Included once for each set of instructions, hence no `#pragma once`.

#if defined(GIFLAB_CLASSIC_VECTORS) == defined(HWY_TARGET_TOGGLE)
#   ifdef GIFLAB_CLASSIC_VECTORS
#      undef GIFLAB_CLASSIC_VECTORS
#   else
#      define GIFLAB_CLASSIC_VECTORS
#   endif

#   include <cstddef>
#   include <cstdint>
#   include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace giflab::classic::HWY_NAMESPACE {
#   if HWY_TARGET != HWY_SCALAR
namespace hn = hwy::HWY_NAMESPACE;

// Whole numbers of 32, 16 and 8 bits, at most 256 bits of them: wider ones would need other shuffles.
using whole32 = hn::CappedTag<int32_t, 8>;
using whole16 = hn::Repartition<int16_t, whole32>;
using half8 = hn::Rebind<uint8_t, whole16>; // as many bytes as whole16 has lanes
using vector32 = hn::Vec<whole32>;
using vector16 = hn::Vec<whole16>;

HWY_INLINE vector16 load16(const uint8_t *from) { return hn::PromoteTo(whole16(), hn::LoadU(half8(), from)); }

// a[2i] * b[2i] + a[2i + 1] * b[2i + 1].
HWY_INLINE vector32 sums_of_products(vector16 a, vector16 b) {
   const whole32 d;
#      if HWY_ARCH_X86
   auto other = hn::Zero(d);
   return hn::ReorderWidenMulAccumulate(d, a, b, hn::Zero(d), other);
#      else
   const auto even = [&](vector16 v) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(hn::BitCast(d, v))); };
   const auto odd = [&](vector16 v) { return hn::ShiftRight<16>(hn::BitCast(d, v)); };
   return hn::Add(hn::Mul(even(a), even(b)), hn::Mul(odd(a), odd(b)));
#      endif
}

// Two numbers in turn, for sums_of_products.
HWY_INLINE vector16 in_turn(int16_t even, int16_t odd) {
   const uint32_t both = static_cast<uint16_t>(even) | static_cast<uint32_t>(static_cast<uint16_t>(odd)) << 16;
   return hn::BitCast(whole16(), hn::Set(hn::Repartition<uint32_t, whole16>(), both));
}

// The numbers of InterleaveLower and InterleaveUpper, in their order again. They fit 16 bits.
HWY_INLINE vector16 joined(vector32 lower, vector32 upper) {
   return hn::ReorderDemote2To(whole16(), lower, upper); // which works in the same halves of a register
}

template <class V> HWY_INLINE V distance(V a, V b) {
   return hn::Or(hn::SaturatedSub(a, b), hn::SaturatedSub(b, a));
}

class eight_sums {
 public:
   HWY_INLINE eight_sums() {
      for (auto &part : parts_)
         part = hn::Zero(reals());
   }
   // Values [0, 8) from there.
   template <class T> HWY_INLINE void add(const T *values) {
      for (size_t i = 0; i < count; ++i)
         parts_[i] = hn::Add(parts_[i], load(values + i * hn::Lanes(reals())));
   }
   HWY_INLINE void take(double (&sums)[8]) const {
      for (size_t i = 0; i < count; ++i)
         hn::StoreU(parts_[i], reals(), sums + i * hn::Lanes(reals()));
   }

 private:
   using reals = hn::CappedTag<double, 4>;
   static constexpr size_t count = 8 / hn::MaxLanes(reals());
   static HWY_INLINE hn::Vec<reals> load(const double *from) { return hn::LoadU(reals(), from); }
   static HWY_INLINE hn::Vec<reals> load(const float *from) {
      return hn::PromoteTo(reals(), hn::LoadU(hn::Rebind<float, reals>(), from));
   }

   hn::Vec<reals> parts_[count];
};
#   endif

// In eight lanes, so that vectors of any width add in the same order.
template <class T> HWY_INLINE double sum_of(const T *values, size_t count) {
   double sums[8] = {};
   size_t x = 0;
#   if HWY_TARGET == HWY_SCALAR
   for (; x + 8 <= count; x += 8)
      for (size_t lane = 0; lane < 8; ++lane)
         sums[lane] += static_cast<double>(values[x + lane]);
#   else
   eight_sums vectors;
   for (; x + 8 <= count; x += 8)
      vectors.add(values + x);
   vectors.take(sums);
#   endif
   for (size_t lane = 0; x < count; ++x, ++lane)
      sums[lane] += static_cast<double>(values[x]);
   return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

} // namespace giflab::classic::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
