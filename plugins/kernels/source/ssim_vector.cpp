#include <giflab_kernels/ssim.hpp>

#include <algorithm>

#include "scalar.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ssim_vector.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#ifndef GIFLAB_SSIM_TILE
#   define GIFLAB_SSIM_TILE
namespace giflab::kernels {

// Tiles are narrow, so that the rows under the window stay in the first cache. Several rows are worked off at
// once, so that what is loaded serves several windows.
constexpr int64_t tile_columns = ssim_tiling::tile_width;
constexpr int64_t beyond = ssim_window - 1; // columns and rows that windows reach past the tile's own
constexpr int64_t samples = 80;             // of a row that a tile reads: its columns + 10, in whole vectors
constexpr int64_t moments = 4;
constexpr int64_t together = 4; // rows of windows, and rows of samples in a block
constexpr int64_t blocks = 4;   // enough for the rows under `together` windows

// Of one tile. Columns are interlaced: lane l of the j-th vector has column l * stretch + j, where `stretch` is
// the number of vectors for a tile's columns. A window's neighbours are so the next vectors, across as well as
// down, and no lane moves into another one. What a row has past the tile's columns follows as it is.
struct ssim_state {
   alignas(64) float rows[blocks][together][2][samples]; // u and v
   // Filtered down, of samples and of their squares. Vectors stand two apart. Between them stands what the last
   // lanes go on with: a vector read one or two lanes later is that of the columns `stretch` or two `stretch`
   // further right.
   alignas(64) float down[2][together][2 * tile_columns];
   alignas(64) float means[moments][together][tile_columns]; // u, v, u^2, v^2, filtered down and across
   // Sums are kept for each column, so that no vector length shows in them: [0] of SSIM, [1] of contrast and
   // structure. An index near 1 is the exact sum of 1 and what it lacks, another one is exact by itself:
   // MS-SSIM takes small powers of means, in which the digits of small ones count.
   alignas(64) float near_one[2][tile_columns]; // windows
   alignas(64) float lacking[2][tile_columns];  // sums of what they lack, and of the others, negative
};

// Where a tile's windows lie, and how many they are.
struct ssim_tile {
   int64_t left, top, columns, rows;
};

inline ssim_tile tile_at(const ssim_tiling &tiling, int64_t column, int64_t row) {
   const int64_t left = column * tiling.tile_width, top = row * tiling.tile_height;
   return {left, top, std::min<int64_t>(tiling.tile_width, tiling.columns() - left),
           std::min<int64_t>(tiling.tile_height, tiling.rows() - top)};
}

} // namespace giflab::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace giflab::kernels::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR // nothing to gain

void sum_ssim_of_bytes(plane<uint8_t> a, plane<uint8_t> b, const ssim_tiling &tiling, const ssim_tile_run &run,
                       double unit, const ssim_sums &sums) {
   scalar::sum_ssim(a, b, tiling, run, unit, sums);
}
void sum_ssim_of_words(plane<uint16_t> a, plane<uint16_t> b, const ssim_tiling &tiling,
                       const ssim_tile_run &run, double unit, const ssim_sums &sums) {
   scalar::sum_ssim(a, b, tiling, run, unit, sums);
}

#else
namespace hn = hwy::HWY_NAMESPACE;

// Eight lanes at most: their sums stand in a tile's columns alike, and longer vectors would leave too few of
// them between a column and its neighbour's neighbours.
using floats = hn::CappedTag<float, 8>;
using real = hn::Vec<floats>;

HWY_INLINE real promoted(const uint8_t *samples8) {
   const hn::Rebind<uint8_t, floats> d8;
   const hn::Rebind<int32_t, floats> d32;
   return hn::ConvertTo(floats(), hn::PromoteTo(d32, hn::LoadU(d8, samples8)));
}

HWY_INLINE real promoted(const uint16_t *samples16) {
   const hn::Rebind<uint16_t, floats> d16;
   const hn::Rebind<int32_t, floats> d32;
   return hn::ConvertTo(floats(), hn::PromoteTo(d32, hn::LoadU(d16, samples16)));
}

// Vectors for the columns of a tile.
HWY_INLINE size_t stretch() { return tile_columns / hn::Lanes(floats()); }

// Each round takes the first and the second half of all samples in turns, which doubles the distance of
// neighbours.
template <class T> HWY_INLINE void interlace(const T *row, T *interlaced) {
   const hn::FixedTag<T, 16 / sizeof(T)> d;
   constexpr size_t step = 16 / sizeof(T), half = tile_columns / step / 2;
   hn::Vec<decltype(d)> whole[2 * half], mixed[2 * half];
   for (size_t i = 0; i < 2 * half; ++i)
      whole[i] = hn::LoadU(d, row + i * step);
   for (size_t lanes = 1; lanes < hn::Lanes(floats()); lanes *= 2) {
      for (size_t i = 0; i < half; ++i) {
         mixed[2 * i] = hn::InterleaveLower(d, whole[i], whole[half + i]);
         mixed[2 * i + 1] = hn::InterleaveUpper(d, whole[i], whole[half + i]);
      }
      std::copy_n(mixed, 2 * half, whole);
   }
   for (size_t i = 0; i < 2 * half; ++i)
      hn::Store(whole[i], d, interlaced + i * step);
   for (size_t x = tile_columns; x < samples; x += step)
      hn::Store(hn::LoadU(d, row + x), d, interlaced + x);
}

template <class T> void load_row(const T *a, const T *b, const ssim_shifts &shifts, float (&row)[2][samples]) {
   const floats d;
   const real shift_u = hn::Set(d, shifts.u), shift_v = hn::Set(d, shifts.v);
   alignas(64) T interlaced[2][samples];
   interlace(a, interlaced[0]);
   interlace(b, interlaced[1]);
   for (size_t x = 0; x < samples; x += hn::Lanes(d)) {
      const real p = promoted(interlaced[0] + x), q = promoted(interlaced[1] + x);
      hn::Store(p + q - shift_u, d, row[0] + x);
      hn::Store(p - q - shift_v, d, row[1] + x);
   }
}

// The window is symmetric: six products serve eleven taps.
struct taps {
   real weight[6];
};

HWY_INLINE taps load_taps() {
   const auto weights = ssim_weights();
   taps result;
   for (size_t i = 0; i < 6; ++i)
      result.weight[i] = hn::Set(floats(), static_cast<float>(weights[i]));
   return result;
}

// `together` windows, each a vector further than the one before; at(i) loads the i-th vector of the first. Taps
// in the outer loop: few vectors are in use at a time.
template <class At> HWY_INLINE void filter(const taps &t, At &&at, real (&filtered)[together]) {
   for (int i = 0; i < together; ++i)
      filtered[i] = t.weight[0] * (at(i) + at(i + 10));
   for (int k = 1; k < 5; ++k)
      for (int i = 0; i < together; ++i)
         filtered[i] = hn::MulAdd(t.weight[k], at(i + k) + at(i + 10 - k), filtered[i]);
   for (int i = 0; i < together; ++i)
      filtered[i] = hn::MulAdd(t.weight[5], at(i + 5), filtered[i]);
}

// The rows under `together` rows of windows, of u or v, by blocks.
struct row_blocks {
   const float *block[blocks];

   HWY_INLINE const float *row(int i) const { return block[i / together] + i % together * (2 * samples); }
};

// Squares are made here, each several times: kept, they would fill most of the first cache.
enum class power { one, two };

template <power Power> HWY_INLINE real load(const float *at) {
   const real sample = hn::Load(floats(), at);
   return Power == power::one ? sample : sample * sample;
}

template <power Power>
HWY_NOINLINE void filter_down(const taps &t, const row_blocks &rows, float (*down)[2 * tile_columns]) {
   const floats d;
   real filtered[together];
   const size_t lanes = hn::Lanes(d);
   alignas(64) float past[together][samples - tile_columns];
   for (size_t x = 0; x < samples - tile_columns; x += lanes) {
      filter(
          t, [&](int i) { return load<Power>(rows.row(i) + tile_columns + x); }, filtered);
      for (int i = 0; i < together; ++i)
         hn::Store(filtered[i], d, past[i] + x);
   }
   for (int i = 0; i < together; ++i)
      for (size_t x = 0; x < beyond; ++x)
         down[i][2 * lanes * (x % stretch()) + lanes + x / stretch()] = past[i][x];
   for (size_t x = 0; x < tile_columns; x += lanes) {
      filter(
          t, [&](int i) { return load<Power>(rows.row(i) + x); }, filtered);
      for (int i = 0; i < together; ++i)
         hn::Store(filtered[i], d, down[i] + 2 * x);
   }
}

HWY_NOINLINE void filter_across(const taps &t, const float *down, float *means) {
   const floats d;
   const size_t lanes = hn::Lanes(d);
   for (size_t j = 0; j < stretch(); j += together) {
      real filtered[together];
      filter(
          t,
          [&](int i) {
             const size_t at = j + static_cast<size_t>(i);
             return hn::LoadU(d, down + 2 * lanes * (at % stretch()) + at / stretch());
          },
          filtered);
      for (size_t i = 0; i < together; ++i)
         hn::Store(filtered[i], d, means + (j + i) * lanes);
   }
}

// A variance that is a smaller part of the mean square than this may be all rounding: of flat samples,
// filtering left 3.4e-7 at most, for every value of u, v and their shifts.
constexpr float rounding = 0x1p-21f;

// What the index needs beside moments.
struct index_constants {
   real shift_u, shift_v, luminance, contrast, one, half, rounding;
};

// What an index lacks of 1 and the index itself, negative: their smaller one goes into a sum as it is.
struct terms {
   real loss, negative;
};

// contrast_structure_of of giflab_kernels/ssim.hpp in lanes. A loss is 0 for equal windows, to the bit, and for
// flat ones, of which drawings have so many that what rounding leaves in each would show in the mean.
HWY_INLINE terms contrast_structure_of(const sum_moments<real> &mean, const index_constants &constants) {
   const real variance_u = hn::NegMulAdd(mean.u, mean.u, mean.squared_u);
   const real rest_v = hn::NegMulAdd(mean.v, mean.v, mean.squared_v);
   const real variance_v = hn::IfThenElseZero(rest_v > constants.rounding * mean.squared_v, rest_v);
   const real negative = hn::MulSub(constants.half, variance_v - variance_u, constants.contrast);
   const real share = constants.one / (variance_v - negative);
   return {variance_v * share, negative * share};
}

// ssim_of, from contrast and structure.
HWY_INLINE terms ssim_of(const sum_moments<real> &mean, const terms &structure,
                         const index_constants &constants) {
   const real u = mean.u + constants.shift_u, v = mean.v + constants.shift_v, squared_v = v * v;
   const real above = hn::MulAdd(constants.half, (u - v) * (u + v), constants.luminance);
   const real share = constants.one / (above + squared_v), light = above * share;
   return {hn::MulAdd(structure.loss, light, squared_v * share), structure.negative * light};
}

// Sums of an index over windows one below the other.
struct index_sums {
   real near_one, lacking;

   HWY_INLINE void add(const terms &one, const index_constants &constants) {
      const auto is_near = one.loss < constants.half;
      near_one = near_one + hn::IfThenElseZero(is_near, constants.one);
      lacking = lacking + hn::IfThenElse(is_near, one.loss, one.negative);
   }
};

// What is wanted of each window.
enum class wanted { ssim, contrast_structure, both };

// Adds the first `rows` rows of windows.
template <wanted Wanted>
HWY_NOINLINE void add_rows(int64_t rows, const index_constants &constants, ssim_state &state) {
   const floats d;
   for (size_t x = 0; x < tile_columns; x += hn::Lanes(d)) {
      index_sums sums[2];
      for (int i = 0; i < 2; ++i)
         sums[i] = {hn::Load(d, state.near_one[i] + x), hn::Load(d, state.lacking[i] + x)};
      for (int64_t i = 0; i < rows; ++i) {
         const sum_moments<real> mean = {hn::Load(d, state.means[0][i] + x), hn::Load(d, state.means[1][i] + x),
                                         hn::Load(d, state.means[2][i] + x),
                                         hn::Load(d, state.means[3][i] + x)};
         const terms structure = contrast_structure_of(mean, constants);
         if constexpr (Wanted != wanted::contrast_structure)
            sums[0].add(ssim_of(mean, structure, constants), constants);
         if constexpr (Wanted != wanted::ssim)
            sums[1].add(structure, constants);
      }
      for (int i = 0; i < 2; ++i) {
         hn::Store(sums[i].near_one, d, state.near_one[i] + x);
         hn::Store(sums[i].lacking, d, state.lacking[i] + x);
      }
   }
}

// What a tile reads of one picture, its rows in reach of whole vectors.
template <class T> class tile_rows {
 public:
   tile_rows(plane<T> source, int64_t width, int64_t left)
       : source_(source), left_(left), kept_(std::min(samples, width - left)) {}

   // A tile's columns and those past them lie in two lines or more.
   void prefetch(int64_t y) const {
      hwy::Prefetch(source_.row(y) + left_);
      hwy::Prefetch(source_.row(y) + left_ + kept_ - 1);
   }

   // Good until the next call.
   const T *row(int64_t y) {
      const T *row = source_.row(y) + left_;
      return kept_ == samples ? row : std::copy_n(row, kept_, copy_) - kept_;
   }

 private:
   plane<T> source_;
   int64_t left_, kept_;
   T copy_[samples] = {};
};

inline double folded(const ssim_state &state, int index, int64_t columns) {
   const size_t lanes = hn::Lanes(floats());
   double sum = 0;
   for (size_t x = 0; x < static_cast<size_t>(columns); ++x) {
      const size_t at = x % stretch() * lanes + x / stretch();
      sum += static_cast<double>(state.near_one[index][at]) - static_cast<double>(state.lacking[index][at]);
   }
   return sum;
}

template <wanted Wanted, class T>
void sum_tile(plane<T> a, plane<T> b, int64_t width, const ssim_tile &tile, const taps &t,
              const ssim_constants &constants, const ssim_sums &sums) {
   const floats d;
   const ssim_shifts shifts = ssim_shifts_of(a, b, tile.left, tile.top, tile.columns, tile.rows);
   const index_constants index = {hn::Set(d, shifts.u),
                                  hn::Set(d, shifts.v),
                                  hn::Set(d, static_cast<float>(constants.luminance)),
                                  hn::Set(d, static_cast<float>(constants.contrast)),
                                  hn::Set(d, 1.0f),
                                  hn::Set(d, 0.5f),
                                  hn::Set(d, rounding)};
   const int64_t last_row = tile.top + tile.rows + beyond - 1;
   tile_rows<T> rows_a(a, width, tile.left), rows_b(b, width, tile.left);
   ssim_state state;
   std::fill_n(state.near_one[0], 2 * tile_columns, 0.0f);
   std::fill_n(state.lacking[0], 2 * tile_columns, 0.0f);
   for (int64_t y = 0, loaded = 0; y < tile.rows; y += together) {
      for (; loaded < y + beyond + together; ++loaded) {
         const int64_t row = std::min(tile.top + loaded, last_row); // windows of a row too many are not summed
         rows_a.prefetch(std::min(row + 12, last_row));
         rows_b.prefetch(std::min(row + 12, last_row));
         load_row(rows_a.row(row), rows_b.row(row), shifts,
                  state.rows[loaded / together % blocks][loaded % together]);
      }
      for (int64_t i = 0; i < 2; ++i) {
         row_blocks rows;
         for (int64_t block = 0; block < blocks; ++block)
            rows.block[block] = state.rows[(y / together + block) % blocks][0][i];
         filter_down<power::one>(t, rows, state.down[0]);
         filter_down<power::two>(t, rows, state.down[1]);
         for (int64_t row = 0; row < together; ++row)
            filter_across(t, state.down[0][row], state.means[i][row]);
         for (int64_t row = 0; row < together; ++row)
            filter_across(t, state.down[1][row], state.means[2 + i][row]);
      }
      add_rows<Wanted>(std::min(together, tile.rows - y), index, state);
   }
   if (Wanted != wanted::contrast_structure)
      *sums.ssim = folded(state, 0, tile.columns);
   if (Wanted != wanted::ssim)
      *sums.contrast_structure = folded(state, 1, tile.columns);
}

template <class T>
void sum_tiles(plane<T> a, plane<T> b, const ssim_tiling &tiling, const ssim_tile_run &run, double unit,
               const ssim_sums &sums) {
   const taps t = load_taps();
   const ssim_constants constants = ssim_constants_for(unit);
   for (int32_t i = 0; i < run.count; ++i) {
      const ssim_tile tile = tile_at(tiling, run.column, run.first + i);
      const ssim_sums to = sums.from(static_cast<size_t>(i));
      if (!sums.contrast_structure)
         sum_tile<wanted::ssim>(a, b, tiling.width, tile, t, constants, to);
      else if (!sums.ssim)
         sum_tile<wanted::contrast_structure>(a, b, tiling.width, tile, t, constants, to);
      else
         sum_tile<wanted::both>(a, b, tiling.width, tile, t, constants, to);
   }
}

void sum_ssim_of_bytes(plane<uint8_t> a, plane<uint8_t> b, const ssim_tiling &tiling, const ssim_tile_run &run,
                       double unit, const ssim_sums &sums) {
   sum_tiles(a, b, tiling, run, unit, sums);
}
void sum_ssim_of_words(plane<uint16_t> a, plane<uint16_t> b, const ssim_tiling &tiling,
                       const ssim_tile_run &run, double unit, const ssim_sums &sums) {
   sum_tiles(a, b, tiling, run, unit, sums);
}

#endif
} // namespace giflab::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::kernels {

HWY_EXPORT(sum_ssim_of_bytes);
HWY_EXPORT(sum_ssim_of_words);

void sum_ssim(plane<uint8_t> a, plane<uint8_t> b, const ssim_tiling &tiling, const ssim_tile_run &run,
              double unit, const ssim_sums &sums, arithmetic choice) {
   if (choice == arithmetic::scalar)
      scalar::sum_ssim(a, b, tiling, run, unit, sums);
   else
      HWY_DYNAMIC_DISPATCH(sum_ssim_of_bytes)(a, b, tiling, run, unit, sums);
}

void sum_ssim(plane<uint16_t> a, plane<uint16_t> b, const ssim_tiling &tiling, const ssim_tile_run &run,
              double unit, const ssim_sums &sums, arithmetic choice) {
   if (choice == arithmetic::scalar)
      scalar::sum_ssim(a, b, tiling, run, unit, sums);
   else
      HWY_DYNAMIC_DISPATCH(sum_ssim_of_words)(a, b, tiling, run, unit, sums);
}

} // namespace giflab::kernels
#endif
