// Sums of products in tiles of registers, compiled once for each set of instructions.
// IWYU pragma: private

#if defined(GIFLAB_LPIPS_SUMS) == defined(HWY_TARGET_TOGGLE)
#   ifdef GIFLAB_LPIPS_SUMS
#      undef GIFLAB_LPIPS_SUMS
#   else
#      define GIFLAB_LPIPS_SUMS
#   endif

#   include <algorithm>
#   include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace giflab::lpips::HWY_NAMESPACE {
// Tiles of registers are arrays of vectors, which must have a size that the compiler knows.
#   if HWY_TARGET != HWY_SCALAR && !HWY_HAVE_SCALABLE
namespace hn = hwy::HWY_NAMESPACE;

using floats = hn::CappedTag<float, 16>; // all that a multiple of 16 channels always fills
using real = hn::Vec<floats>;
constexpr size_t lanes = hn::MaxLanes(floats());

// Pixels of a tile: as many as the registers hold two vectors of sums for.
constexpr int32_t wide_tile = HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM ? 12 : 6;
constexpr int32_t narrow_tile = wide_tile == 12 ? 4 : 3;

// What the sums of a tile run over.
struct tile_source {
   const float *pixels; // of the corner of the first pixel's window
   size_t step;         // floats from one pixel's window to the next one's
   size_t pitch;        // floats from a row to the next
   size_t rows, span;   // rows of a window, and floats in one
   const float *weights;
   size_t weights_pitch;
};

// What becomes of the sums: nothing, or they begin at a bias and lose what is below 0.
enum class finish { none, bias_and_rectify };

// Sums for Pixels windows and Vectors vectors of channels.
template <finish Finish, int32_t Pixels, int32_t Vectors>
HWY_INLINE void sum_tile(const tile_source &from, const float *bias, float *target, size_t target_step) {
   const floats d;
   constexpr int32_t group = 3; // pixels that share an address register
   real sums[Pixels][Vectors];
   HWY_UNROLL(12)
   for (int32_t p = 0; p < Pixels; ++p)
      HWY_UNROLL(2)
   for (int32_t v = 0; v < Vectors; ++v)
      sums[p][v] = Finish == finish::none ? hn::Zero(d) : hn::LoadU(d, bias + v * static_cast<int32_t>(lanes));

   const float *weights = from.weights;
   const size_t step = from.step;
   for (size_t row = 0; row < from.rows; ++row) {
      const float *corner = from.pixels + row * from.pitch;
      for (size_t i = 0; i < from.span; ++i, weights += from.weights_pitch) {
         real weight[Vectors];
         HWY_UNROLL(2)
         for (int32_t v = 0; v < Vectors; ++v)
            weight[v] = hn::LoadU(d, weights + v * static_cast<int32_t>(lanes));
         HWY_UNROLL(12)
         for (int32_t p = 0; p < Pixels; ++p) {
            const float *base = corner + static_cast<size_t>(p / group) * group * step + i;
            const real value = hn::Set(d, base[static_cast<size_t>(p % group) * step]);
            HWY_UNROLL(2)
            for (int32_t v = 0; v < Vectors; ++v)
               sums[p][v] = hn::MulAdd(value, weight[v], sums[p][v]);
         }
      }
   }
   HWY_UNROLL(12)
   for (int32_t p = 0; p < Pixels; ++p)
      HWY_UNROLL(2)
   for (int32_t v = 0; v < Vectors; ++v)
      hn::StoreU(Finish == finish::none ? sums[p][v] : hn::Max(sums[p][v], hn::Zero(d)), d,
                 target + static_cast<size_t>(p) * target_step + static_cast<size_t>(v) * lanes);
}

// A run of pixels. What is left of the wide tiles is done in one more or in narrow ones, whichever takes less;
// the last begins earlier where it must, and writes some pixels again with the same values.
template <finish Finish, int32_t Vectors>
void sum_run(tile_source from, const float *bias, float *target, size_t target_step, int32_t count) {
   const float *first = from.pixels;
   const auto move_to = [&](int32_t x) HWY_ATTR {
      from.pixels = first + static_cast<size_t>(x) * from.step;
      return target + static_cast<size_t>(x) * target_step;
   };
   int32_t x = 0;
   if (count >= wide_tile)
      for (; x + (wide_tile - narrow_tile) < count; x += wide_tile)
         sum_tile<Finish, wide_tile, Vectors>(from, bias, move_to(std::min(x, count - wide_tile)), target_step);
   if (count >= narrow_tile)
      for (; x < count; x += narrow_tile)
         sum_tile<Finish, narrow_tile, Vectors>(from, bias, move_to(std::min(x, count - narrow_tile)),
                                                target_step);
   for (; x < count; ++x)
      sum_tile<Finish, 1, Vectors>(from, bias, move_to(x), target_step);
}

#   endif
} // namespace giflab::lpips::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
