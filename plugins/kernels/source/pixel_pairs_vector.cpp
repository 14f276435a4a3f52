#include <giflab_kernels/pixel_pairs.hpp>

#include "scalar.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pixel_pairs_vector.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace giflab::kernels::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_SSE2 // without an instruction that shuffles bytes

pixel_pairs find_pairs_of_64(const uint8_t *first, const uint8_t *second, uint32_t *colours1,
                             uint32_t *colours2) {
   return scalar::find_pairs(first, second, pixel_pairs::most, colours1, colours2);
}

#else
namespace hn = hwy::HWY_NAMESPACE;

// Four colours of twelve bytes; the last four are read from four bytes before, where sixteen end with them.
void unpack(const uint8_t *rgb, uint32_t *colours) {
   const hn::FixedTag<uint8_t, 16> d;
   const hn::FixedTag<uint32_t, 4> d32;
   constexpr uint8_t none = 0x80;
   alignas(16) static constexpr uint8_t at_start[] = {0, 1, 2, none, 3, 4,  5,  none,
                                                      6, 7, 8, none, 9, 10, 11, none};
   alignas(16) static constexpr uint8_t at_end[] = {4,  5,  6,  none, 7,  8,  9,  none,
                                                    10, 11, 12, none, 13, 14, 15, none};
   const auto start = hn::Load(d, at_start);
   size_t i = 0;
   for (; i + 4 < pixel_pairs::most; i += 4)
      hn::StoreU(hn::BitCast(d32, hn::TableLookupBytesOr0(hn::LoadU(d, rgb + 3 * i), start)), d32, colours + i);
   hn::StoreU(hn::BitCast(d32, hn::TableLookupBytesOr0(hn::LoadU(d, rgb + 3 * i - 4), hn::Load(d, at_end))),
              d32, colours + i);
}

template <class Mask> HWY_INLINE uint64_t bits_of(const Mask &mask) {
   uint8_t bytes[8] = {};
   hn::StoreMaskBits(hn::CappedTag<uint32_t, 16>(), mask, bytes);
   return bytes[0] | static_cast<uint64_t>(bytes[1]) << 8;
}

pixel_pairs find_pairs_of_64(const uint8_t *first, const uint8_t *second, uint32_t *colours1,
                             uint32_t *colours2) {
   const hn::CappedTag<uint32_t, 16> d;
   unpack(first, colours1);
   unpack(second, colours2);
   colours1[pixel_pairs::most] = colours2[pixel_pairs::most] = 0; // read, but not looked at
   pixel_pairs found = {.differing = 0, .ending = uint64_t{1} << (pixel_pairs::most - 1)};
   for (size_t i = 0; i < pixel_pairs::most; i += hn::Lanes(d)) {
      const auto a = hn::LoadU(d, colours1 + i), next_a = hn::LoadU(d, colours1 + i + 1);
      const auto b = hn::LoadU(d, colours2 + i), next_b = hn::LoadU(d, colours2 + i + 1);
      const auto changes = hn::Or(hn::Xor(a, next_a), hn::Xor(b, next_b));
      found.differing |= bits_of(a != b) << i;
      found.ending |= bits_of(changes != hn::Zero(d)) << i;
   }
   return found;
}

#endif
} // namespace giflab::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::kernels {

HWY_EXPORT(find_pairs_of_64);

pixel_pairs find_pairs(const uint8_t *first, const uint8_t *second, size_t count, uint32_t *colours1,
                       uint32_t *colours2, arithmetic choice) {
   if (choice == arithmetic::scalar || count != pixel_pairs::most)
      return scalar::find_pairs(first, second, count, colours1, colours2);
   return HWY_DYNAMIC_DISPATCH(find_pairs_of_64)(first, second, colours1, colours2);
}

} // namespace giflab::kernels
#endif
