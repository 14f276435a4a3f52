#include "similarity.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "similarity_vector.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

#ifndef GIFLAB_FSIM_SIMILARITY
#   define GIFLAB_FSIM_SIMILARITY
namespace giflab::fsim {

// Rows of floats, `pitch` apart.
struct float_plane {
   float *data;
   size_t pitch;
   float *row(size_t y) const { return data + y * pitch; }
};

struct complex_plane {
   float_plane re, im;
};

// Sums over places, for the lanes of a row.
struct similarity_sums {
   double weights = 0, fsim = 0, fsimc = 0;
};

// What likeness is found from in one row.
struct compared_row {
   const float *luma[3]; // above, here, below, with a 0 on either side
   const float *i, *q, *congruency;
};

} // namespace giflab::fsim
#endif

HWY_BEFORE_NAMESPACE();
namespace giflab::fsim::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using floats = hn::CappedTag<float, lanes>;
using real = hn::Vec<floats>;

// ---- Strips: 16 columns of a plane in a buffer

void load_real_strip(float_plane source, size_t left, size_t rows, float offset, const lane_buffer &strip) {
   const floats d;
   for (size_t y = 0; y < rows; ++y)
      for (size_t x = 0; x < lanes; x += hn::Lanes(d)) {
         hn::Store(hn::LoadU(d, source.row(y) + left + x) - hn::Set(d, offset), d, strip.re + y * lanes + x);
         hn::Store(hn::Zero(d), d, strip.im + y * lanes + x);
      }
}

void load_strip(const complex_plane &source, size_t left, size_t rows, const lane_buffer &strip) {
   const floats d;
   for (size_t y = 0; y < rows; ++y)
      for (size_t x = 0; x < lanes; x += hn::Lanes(d)) {
         hn::Store(hn::Load(d, source.re.row(y) + left + x), d, strip.re + y * lanes + x);
         hn::Store(hn::Load(d, source.im.row(y) + left + x), d, strip.im + y * lanes + x);
      }
}

void store_strip(const lane_buffer &strip, size_t rows, const complex_plane &target, size_t left) {
   const floats d;
   for (size_t y = 0; y < rows; ++y)
      for (size_t x = 0; x < lanes; x += hn::Lanes(d)) {
         hn::Store(hn::Load(d, strip.re + y * lanes + x), d, target.re.row(y) + left + x);
         hn::Store(hn::Load(d, strip.im + y * lanes + x), d, target.im.row(y) + left + x);
      }
}

// A tile of 4 x 4, on its side.
HWY_INLINE void turn_tile(const float *source, float *target, size_t pitch) {
#if HWY_TARGET == HWY_SCALAR
   for (size_t i = 0; i < 4; ++i)
      for (size_t j = 0; j < 4; ++j)
         target[j * pitch + i] = source[i * lanes + j];
#else
   const hn::CappedTag<float, 4> d;
   const auto a = hn::Load(d, source), b = hn::Load(d, source + lanes), c = hn::Load(d, source + 2 * lanes),
              e = hn::Load(d, source + 3 * lanes);
   const auto upper_left = hn::InterleaveLower(d, a, b), lower_left = hn::InterleaveLower(d, c, e);
   const auto upper_right = hn::InterleaveUpper(d, a, b), lower_right = hn::InterleaveUpper(d, c, e);
   hn::StoreU(hn::ConcatLowerLower(d, lower_left, upper_left), d, target);
   hn::StoreU(hn::ConcatUpperUpper(d, lower_left, upper_left), d, target + pitch);
   hn::StoreU(hn::ConcatLowerLower(d, lower_right, upper_right), d, target + 2 * pitch);
   hn::StoreU(hn::ConcatUpperUpper(d, lower_right, upper_right), d, target + 3 * pitch);
#endif
}

// Columns of the strip become rows [top, top + 16) of the target.
void turn_strip(const lane_buffer &strip, size_t rows, const complex_plane &target, size_t top) {
   for (size_t y = 0; y < rows; y += 4)
      for (size_t x = 0; x < lanes; x += 4) {
         turn_tile(strip.re + y * lanes + x, target.re.row(top + x) + y, target.re.pitch);
         turn_tile(strip.im + y * lanes + x, target.im.row(top + x) + y, target.im.pitch);
      }
}

void load_filtered(const complex_plane &spectrum, const float *radial, const float *angular, size_t left,
                   size_t rows, const lane_buffer &strip) {
   const floats d;
   for (size_t y = 0; y < rows; ++y)
      for (size_t x = 0; x < lanes; x += hn::Lanes(d)) {
         const size_t at = y * spectrum.re.pitch + left + x;
         const real filter = hn::LoadU(d, radial + at) * hn::LoadU(d, angular + at);
         hn::Store(hn::Load(d, spectrum.re.data + at) * filter, d, strip.re + y * lanes + x);
         hn::Store(hn::Load(d, spectrum.im.data + at) * filter, d, strip.im + y * lanes + x);
      }
}

// ---- Phase congruency

HWY_INLINE real squared_length(real re, real im) { return hn::MulAdd(re, re, im * im); }

// energy_at, amplitude_at and the squared response at the smallest scale, for a strip.
void find_energy(const lane_buffer *strips, size_t rows, size_t left, float_plane energy, float_plane squares,
                 float_plane amplitude) {
   const floats d;
   const real least = hn::Set(d, static_cast<float>(least_energy)), one = hn::Set(d, 1.0F);
   for (size_t y = 0; y < rows; ++y)
      for (size_t x = 0; x < lanes; x += hn::Lanes(d)) {
         real re[scales], im[scales], sum_re = hn::Zero(d), sum_im = hn::Zero(d);
         for (size_t s = 0; s < scales; ++s) {
            re[s] = hn::Load(d, strips[s].re + y * lanes + x);
            im[s] = hn::Load(d, strips[s].im + y * lanes + x);
            sum_re = sum_re + re[s];
            sum_im = sum_im + im[s];
         }
         const real share = one / (hn::Sqrt(squared_length(sum_re, sum_im)) + least);
         const real mean_re = sum_re * share, mean_im = sum_im * share;
         real total = hn::Zero(d), length = hn::Load(d, amplitude.row(y) + left + x);
         for (size_t s = 0; s < scales; ++s) {
            const real along = hn::MulAdd(re[s], mean_re, im[s] * mean_im);
            total = total + along - hn::Abs(hn::MulSub(re[s], mean_im, im[s] * mean_re));
            length = length + hn::Sqrt(squared_length(re[s], im[s]));
         }
         hn::Store(total, d, energy.row(y) + left + x);
         hn::Store(length, d, amplitude.row(y) + left + x);
         hn::Store(squared_length(re[0], im[0]), d, squares.row(y) + left + x);
      }
}

// total += max(0, energy - noise)
void add_energy(float_plane energy, float noise, size_t rows, float_plane total) {
   const floats d;
   for (size_t y = 0; y < rows; ++y)
      for (size_t x = 0; x < total.pitch; x += hn::Lanes(d)) {
         const real above = hn::Max(hn::Zero(d), hn::Load(d, energy.row(y) + x) - hn::Set(d, noise));
         hn::Store(hn::Load(d, total.row(y) + x) + above, d, total.row(y) + x);
      }
}

// total / amplitude, 0 where there is no response, and behind the picture's last column.
void divide(float_plane total, float_plane amplitude, size_t width, size_t rows, float_plane congruency) {
   const floats d;
   for (size_t y = 0; y < rows; ++y) {
      for (size_t x = 0; x < total.pitch; x += hn::Lanes(d)) {
         const real below = hn::Load(d, amplitude.row(y) + x);
         const real quotient = hn::Load(d, total.row(y) + x) / below;
         hn::Store(hn::IfThenElseZero(below > hn::Zero(d), quotient), d, congruency.row(y) + x);
      }
      std::fill(congruency.row(y) + width, congruency.row(y) + total.pitch, 0.0F);
   }
}

// ---- Likeness

// The squared length of Scharr's gradient.
HWY_INLINE real squared_gradient(const float *const *rows, size_t x) {
   const floats d;
   const real upper_left = hn::LoadU(d, rows[0] + x - 1), upper_right = hn::LoadU(d, rows[0] + x + 1);
   const real lower_left = hn::LoadU(d, rows[2] + x - 1), lower_right = hn::LoadU(d, rows[2] + x + 1);
   const real three = hn::Set(d, 3.0F / 16), ten = hn::Set(d, 10.0F / 16);
   const real across = hn::MulAdd(three, (upper_right - upper_left) + (lower_right - lower_left),
                                  ten * (hn::LoadU(d, rows[1] + x + 1) - hn::LoadU(d, rows[1] + x - 1)));
   const real down = hn::MulAdd(three, (lower_left - upper_left) + (lower_right - upper_right),
                                ten * (hn::LoadU(d, rows[2] + x) - hn::LoadU(d, rows[0] + x)));
   return squared_length(across, down);
}

// As likeness() of level 0.
HWY_INLINE real likeness(real a, real b, double constant) {
   const floats d;
   const real difference = a - b;
   const real below = hn::MulAdd(a, a, hn::MulAdd(b, b, hn::Set(d, static_cast<float>(constant))));
   return hn::Set(d, 1.0F) - difference * difference / below;
}

HWY_INLINE real gradient_likeness(const compared_row &a, const compared_row &b, size_t x) {
   const floats d;
   const real p = squared_gradient(a.luma, x), q = squared_gradient(b.luma, x);
   const real sum = p + q;
   return hn::Set(d, 1.0F) - (sum - hn::Set(d, 2.0F) * hn::Sqrt(p * q)) /
                                 (sum + hn::Set(d, static_cast<float>(gradient_constant)));
}

HWY_INLINE real colour_likeness(const compared_row &a, const compared_row &b, size_t x) {
   const floats d;
   const real both = likeness(hn::Load(d, a.i + x), hn::Load(d, b.i + x), colour_constant) *
                     likeness(hn::Load(d, a.q + x), hn::Load(d, b.q + x), colour_constant);
   const real base = hn::Max(hn::Abs(both), hn::Set(d, 1e-30F)); // 0 has no logarithm
   const real power = hn::Exp(d, hn::Set(d, static_cast<float>(colour_exponent)) * hn::Log(d, base));
   const real turned = hn::Set(d, static_cast<float>(std::cos(M_PI * colour_exponent)));
   return hn::Min(hn::Set(d, 1.0F), hn::IfThenElse(both < hn::Zero(d), power * turned, power));
}

HWY_INLINE double sum_of(real values) {
   HWY_ALIGN float each[lanes];
   hn::Store(values, floats(), each);
   double sum = 0;
   for (size_t i = 0; i < hn::Lanes(floats()); ++i)
      sum += static_cast<double>(each[i]);
   return sum;
}

void compare_row(const compared_row &a, const compared_row &b, size_t pitch, similarity_sums &sums) {
   const floats d;
   constexpr size_t together = 16 * lanes; // float sums of no more
   for (size_t first = 0; first < pitch; first += together) {
      real weights = hn::Zero(d), fsim = hn::Zero(d), fsimc = hn::Zero(d);
      for (size_t x = first; x < std::min(pitch, first + together); x += hn::Lanes(d)) {
         const real congruency_a = hn::Load(d, a.congruency + x), congruency_b = hn::Load(d, b.congruency + x);
         const real weight = hn::Max(congruency_a, congruency_b);
         const real alike =
             gradient_likeness(a, b, x) * likeness(congruency_a, congruency_b, congruency_constant) * weight;
         weights = weights + weight;
         fsim = fsim + alike;
         fsimc = fsimc + alike * colour_likeness(a, b, x);
      }
      sums.weights += sum_of(weights);
      sums.fsim += sum_of(fsim);
      sums.fsimc += sum_of(fsimc);
   }
}

} // namespace giflab::fsim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::fsim {

HWY_EXPORT(load_real_strip);
HWY_EXPORT(load_strip);
HWY_EXPORT(store_strip);
HWY_EXPORT(turn_strip);
HWY_EXPORT(load_filtered);
HWY_EXPORT(find_energy);
HWY_EXPORT(add_energy);
HWY_EXPORT(divide);
HWY_EXPORT(compare_row);

namespace {

size_t whole_strips(size_t length) { return (length + lanes - 1) / lanes * lanes; }

// Planes of one call. All are zero at first, so that nothing undefined is ever computed with.
class memory {
 public:
   explicit memory(const giflab_call &call) : call_(call) {}

   std::span<float> floats(size_t count) const {
      stop_if_cancelled(call_); // the first touch of memory takes its time
      const auto made = scratch<float>(call_, count);
      std::fill(made.begin(), made.end(), 0.0F);
      return made;
   }
   // Rows of whole vectors.
   float_plane plane(size_t width, size_t height) const {
      return {floats(whole_strips(width) * height).data(), whole_strips(width)};
   }
   // With rows for whole strips of another plane, which turn_strip lays down there.
   complex_plane plane_pair(size_t width, size_t height) const {
      return {plane(width, whole_strips(height)), plane(width, whole_strips(height))};
   }
   // With a row's tile to spare.
   lane_buffer buffer(size_t rows) const {
      return {floats((rows + 4) * lanes).data(), floats((rows + 4) * lanes).data()};
   }

 private:
   const giflab_call &call_;
};

// ---- A shrunk picture

struct shrunk {
   float_plane luma; // with a margin: row 0 is the one above the picture, column `lanes` the first
   float_plane i, q, congruency;
   float middle; // of luma's range

   shrunk(const memory &from, size_t width, size_t height)
       : luma(from.plane(width + 2 * lanes, height + 2)), i(from.plane(width, height)),
         q(from.plane(width, height)), congruency(from.plane(width, height)), middle(0) {}

   // The picture without its margin.
   float_plane picture() const { return {luma.row(1) + lanes, luma.pitch}; }

   compared_row row(size_t y) const {
      return {{luma.row(y) + lanes, luma.row(y + 1) + lanes, luma.row(y + 2) + lanes},
              i.row(y),
              q.row(y),
              congruency.row(y)};
   }
};

void shrink(const giflab_call &call, kernels::plane<uint8_t> rgb, const sizes &size, shrunk &result) {
   const auto width = static_cast<size_t>(size.width);
   const auto columns = scratch<uint16_t>(call, kernels::block_scratch(size.full_width));
   const auto sums = scratch<uint32_t>(call, 3 * width);
   const double share = 1 / (static_cast<double>(size.block_side) * size.block_side);
   float least = INFINITY, most = -INFINITY;
   for (int32_t row = 0; row < size.height; ++row) {
      stop_if_cancelled(call);
      kernels::sum_blocks(rgb, size.full_width, size.full_height, size.block_side, row, columns, sums);
      const auto y = static_cast<size_t>(row);
      float *luma = result.picture().row(y), *i = result.i.row(y), *q = result.q.row(y);
      for (size_t x = 0; x < width; ++x) {
         const double r = sums[3 * x] * share, g = sums[3 * x + 1] * share, b = sums[3 * x + 2] * share;
         luma[x] = static_cast<float>(0.299 * r + 0.587 * g + 0.114 * b);
         i[x] = static_cast<float>(0.596 * r - 0.274 * g - 0.322 * b);
         q[x] = static_cast<float>(0.211 * r - 0.523 * g + 0.312 * b);
         least = std::min(least, luma[x]);
         most = std::max(most, luma[x]);
      }
   }
   result.middle = (least + most) / 2;
}

// ---- Phase congruency

// Scratch of find_congruency. What lies on its side has a row for each x.
struct workspace {
   complex_plane spectrum; // on its side
   std::array<complex_plane, scales> half_way;
   float_plane energy, squares, total, amplitude;
   lane_buffer across, across_spare, down_spare;
   std::array<lane_buffer, scales> down;
   std::span<float> candidates;

   workspace(const memory &from, size_t width, size_t height, size_t rows_across, size_t rows_down)
       : spectrum(from.plane_pair(height, width)), energy(from.plane(width, height)),
         squares(from.plane(width, height)), total(from.plane(width, height)),
         amplitude(from.plane(width, height)), across(from.buffer(rows_across)),
         across_spare(from.buffer(rows_across)), down_spare(from.buffer(rows_down)),
         candidates(from.floats(width * height)) {
      for (complex_plane &plane : half_way)
         plane = from.plane_pair(width, height);
      for (lane_buffer &buffer : down)
         buffer = from.buffer(rows_down);
   }
};

lane_buffer exchanged(const lane_buffer &buffer) { return {buffer.im, buffer.re}; }

void transform_back(const lane_transform &transform, lane_buffer &data, lane_buffer &spare,
                    const std::function<void()> &pause) {
   lane_buffer source = exchanged(data), other = exchanged(spare);
   transform.forward(source, other, pause);
   data = exchanged(source);
   spare = exchanged(other);
}

// The middle value, or half way between the two, without sorting more than those that share their leading bits.
float median(float_plane values, size_t width, size_t height, std::span<float> candidates,
             const std::function<void()> &pause) {
   constexpr int dropped_bits = 20;
   std::array<size_t, (1U << (32 - dropped_bits))> counts = {};
   const auto bin_of = [](float value) { return std::bit_cast<uint32_t>(value) >> dropped_bits; };
   for (size_t y = 0; y < height; ++y) {
      pause();
      for (size_t x = 0; x < width; ++x)
         ++counts[bin_of(values.row(y)[x])];
   }

   const size_t upper = width * height / 2, lower = (width * height - 1) / 2;
   size_t first = 0, below = 0; // the bin of the lower one, and how many values lie in those before
   while (below + counts[first] <= lower)
      below += counts[first++];
   size_t last = first, until = below + counts[first];
   while (until <= upper)
      until += counts[++last];

   size_t count = 0;
   for (size_t y = 0; y < height; ++y) {
      pause();
      for (size_t x = 0; x < width; ++x) {
         const float value = values.row(y)[x];
         candidates[count] = value;
         count += bin_of(value) >= first && bin_of(value) <= last;
      }
   }
   const auto middle = candidates.begin() + static_cast<std::ptrdiff_t>(upper - below);
   std::nth_element(candidates.begin(), middle, candidates.begin() + static_cast<std::ptrdiff_t>(count));
   return upper == lower ? *middle : (*std::max_element(candidates.begin(), middle) + *middle) / 2;
}

class congruency_finder {
 public:
   congruency_finder(const giflab_call &call, const sizes &size, const lane_similarity::filters &filters,
                     const lane_transform &across, const lane_transform &down, workspace &work)
       : call_(call), width_(static_cast<size_t>(size.width)), height_(static_cast<size_t>(size.height)),
         filters_(filters), across_(across), down_(down), work_(work) {}

   void find(const shrunk &picture) {
      take_spectrum(picture);
      clear(work_.total);
      clear(work_.amplitude);
      for (size_t o = 0; o < orientations; ++o) {
         respond_across(filters_.angular[o].data());
         respond_down();
         const float squared = median(work_.squares, width_, height_, work_.candidates, pause());
         HWY_DYNAMIC_DISPATCH(add_energy)
         (work_.energy, static_cast<float>(filters_.noise[o] * std::sqrt(static_cast<double>(squared))),
          height_, work_.total);
      }
      HWY_DYNAMIC_DISPATCH(divide)(work_.total, work_.amplitude, width_, height_, picture.congruency);
   }

 private:
   std::function<void()> pause() const {
      return [this] { stop_if_cancelled(call_); };
   }
   void clear(float_plane plane) const { std::fill_n(plane.data, plane.pitch * height_, 0.0F); }

   // Columns first; what lies between the two ways stands where responses will.
   void take_spectrum(const shrunk &picture) {
      const complex_plane turned = {{work_.half_way[0].re.data, whole_strips(height_)},
                                    {work_.half_way[0].im.data, whole_strips(height_)}};
      for (size_t left = 0; left < width_; left += lanes) {
         stop_if_cancelled(call_);
         HWY_DYNAMIC_DISPATCH(load_real_strip)
         (picture.picture(), left, height_, picture.middle, work_.down[0]);
         down_.forward(work_.down[0], work_.down_spare, pause());
         HWY_DYNAMIC_DISPATCH(turn_strip)(work_.down[0], height_, turned, left);
      }
      for (size_t left = 0; left < height_; left += lanes) {
         stop_if_cancelled(call_);
         HWY_DYNAMIC_DISPATCH(load_strip)(turned, left, width_, work_.across);
         across_.forward(work_.across, work_.across_spare, pause());
         HWY_DYNAMIC_DISPATCH(store_strip)(work_.across, width_, work_.spectrum, left);
      }
   }

   void respond_across(const float *angular) {
      for (size_t left = 0; left < height_; left += lanes) {
         stop_if_cancelled(call_);
         for (size_t s = 0; s < scales; ++s) {
            HWY_DYNAMIC_DISPATCH(load_filtered)
            (work_.spectrum, filters_.radial[s].data(), angular, left, width_, work_.across);
            transform_back(across_, work_.across, work_.across_spare, pause());
            HWY_DYNAMIC_DISPATCH(turn_strip)(work_.across, width_, work_.half_way[s], left);
         }
      }
   }

   void respond_down() {
      for (size_t left = 0; left < width_; left += lanes) {
         stop_if_cancelled(call_);
         for (size_t s = 0; s < scales; ++s) {
            HWY_DYNAMIC_DISPATCH(load_strip)(work_.half_way[s], left, height_, work_.down[s]);
            transform_back(down_, work_.down[s], work_.down_spare, pause());
         }
         HWY_DYNAMIC_DISPATCH(find_energy)
         (work_.down.data(), height_, left, work_.energy, work_.squares, work_.amplitude);
      }
   }

   const giflab_call &call_;
   size_t width_, height_;
   const lane_similarity::filters &filters_;
   const lane_transform &across_, &down_;
   workspace &work_;
};

// A plane of `bank` on its side.
std::vector<float> turned(const log_gabor_bank &bank, const std::vector<double> &source, double scale,
                          const std::function<void()> &pause) {
   const auto width = static_cast<size_t>(bank.width), height = static_cast<size_t>(bank.height);
   std::vector<float> result(width * whole_strips(height), 0.0F);
   for (size_t y = 0; y < height; ++y) {
      pause();
      for (size_t x = 0; x < width; ++x)
         result[x * whole_strips(height) + y] = static_cast<float>(source[y * width + x] * scale);
   }
   return result;
}

lane_similarity::filters filters_for(const giflab_call &call, const sizes &size) {
   const auto pause = [&] { stop_if_cancelled(call); };
   const log_gabor_bank bank(size.width, size.height, pause);
   lane_similarity::filters made;
   for (size_t s = 0; s < scales; ++s)
      made.radial[s] = turned(bank, bank.radial[s], 1 / (static_cast<double>(size.width) * size.height), pause);
   for (size_t o = 0; o < orientations; ++o)
      made.angular[o] = turned(bank, bank.angular[o], 1, pause);
   made.noise = bank.noise;
   return made;
}

} // namespace

lane_similarity::lane_similarity(const giflab_call &call, const sizes &size)
    : size_(size), filters_(filters_for(call, size)), across_(static_cast<size_t>(size.width)),
      down_(static_cast<size_t>(size.height)) {}

similarity lane_similarity::of(const giflab_call &call, const picture_pair &pair) const {
   const auto width = static_cast<size_t>(size_.width), height = static_cast<size_t>(size_.height);
   const memory from(call);
   workspace work(from, width, height, across_.rows(), down_.rows());
   congruency_finder finder(call, size_, filters_, across_, down_, work);
   shrunk a(from, width, height), b(from, width, height);
   for (const auto &[picture, rgb] : {std::pair(&a, pair.reference), std::pair(&b, pair.distorted)}) {
      shrink(call, rgb, size_, *picture);
      finder.find(*picture);
   }
   similarity_sums sums;
   for (size_t y = 0; y < height; ++y) {
      stop_if_cancelled(call);
      HWY_DYNAMIC_DISPATCH(compare_row)(a.row(y), b.row(y), whole_strips(width), sums);
   }
   return {sums.fsim / sums.weights, sums.fsimc / sums.weights};
}

} // namespace giflab::fsim
#endif
