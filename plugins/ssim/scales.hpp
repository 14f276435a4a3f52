#pragma once
// The scales of a pair: the full picture, and it halved once or several times.

#include <array>
#include <giflab_kernels/ssim.hpp>
#include <vector>

#include "tiles.hpp"

namespace giflab::plugins {

inline constexpr int scale_count = 5; // of MS-SSIM; SSIM has the first alone
inline constexpr double unit_of_scale[scale_count] = {1, 4, 16, 64, 256}; // what `halve` makes of 1

using rows_of_scales = std::array<row_range, scale_count>;

// The halved planes of one picture, scale 1 to 4, in arena memory that serves one picture after the other.
class pyramid {
 public:
   pyramid(const giflab_call &call, int32_t width, int32_t height) {
      for (auto &smaller : scales_) {
         width /= 2;
         height /= 2;
         const auto samples = static_cast<size_t>(width) * static_cast<size_t>(height);
         smaller = {
             {giflab::scratch<uint16_t>(call, samples).data(), static_cast<size_t>(width) * sizeof(uint16_t)},
             width};
      }
   }

   // `rows`: those of each scale that are wanted, [0] of the full picture; what they are made of is wanted as
   // well.
   void fill(const giflab_call &call, kernels::plane<uint8_t> full, const rows_of_scales &rows,
             kernels::arithmetic choice) {
      giflab::stop_if_cancelled(call);
      for (size_t i = 0; i < std::size(scales_); ++i) {
         const auto [first, end] = rows[i + 1];
         const auto &[samples, width] = scales_[i];
         const kernels::target_plane<uint16_t> target = {samples.row(first), samples.stride};
         if (i == 0)
            kernels::halve({full.row(2 * first), full.stride}, target, width, end - first, choice);
         else
            kernels::halve({scales_[i - 1].samples.row(2 * first), scales_[i - 1].samples.stride}, target,
                           width, end - first, choice);
      }
   }

   // The picture halved `times` times, 1 to 4.
   kernels::plane<uint16_t> halved(int times) const { return scales_[times - 1].samples.read(); }

 private:
   struct scale {
      kernels::target_plane<uint16_t> samples;
      int32_t width;
   };
   scale scales_[scale_count - 1];
};

// What is to be summed of each scale, and where its tiles stand among all sums of a pair: those of SSIM of the
// full picture, then those of MS-SSIM, scale by scale. The coarsest scale counts as a whole, the others without
// luminance.
class scales {
 public:
   scales(int32_t width, int32_t height, bool ssim, bool ms_ssim, const kernels::changed_cells *changes)
       : ssim_(ssim), ms_ssim_(ms_ssim) {
      const int count = ms_ssim ? scale_count : 1;
      for (int i = 0; i < count; ++i) {
         const kernels::ssim_tiling tiling = {width >> i, height >> i};
         scales_.push_back({tiling, stale_tiles_of(tiling, i, changes), sums_});
         sums_ += tiling.count() * (i == 0 ? size_t{ssim} + size_t{ms_ssim} : 1);
      }
      if (ssim)
         scales_[0].first_structure += scales_[0].tiling.count();
   }

   const kernels::ssim_tiling &tiling(int number) const { return at(number).tiling; }
   const kernels::stale_tiles &stale(int number) const { return at(number).stale; }
   size_t sums() const { return sums_; }

   // Of SSIM, if that is wanted.
   std::span<double> ssim_part(std::span<double> sums) const { return sums.first(tiling(0).count()); }
   // Of one scale of MS-SSIM.
   std::span<double> part(int number, std::span<double> sums) const {
      return sums.subspan(at(number).first_structure, tiling(number).count());
   }

   // Where the sums of a scale go.
   kernels::ssim_sums targets(int number, std::span<double> sums) const {
      if (number == scale_count - 1)
         return {part(number, sums).data(), nullptr};
      return {ssim_ && number == 0 ? ssim_part(sums).data() : nullptr,
              ms_ssim_ ? part(number, sums).data() : nullptr};
   }

   // The rows of each scale under windows that are to be summed, and those that the next scale is made of. For
   // MS-SSIM.
   rows_of_scales rows() const {
      rows_of_scales found;
      for (int i = scale_count - 1; i >= 0; --i) {
         row_range &here = found[static_cast<size_t>(i)];
         here = rows_under(stale(i), tiling(i).height);
         if (i + 1 < scale_count) {
            const auto [first, end] = found[static_cast<size_t>(i) + 1];
            here = united(here, {2 * first, 2 * end});
         }
      }
      return found;
   }

 private:
   struct scale {
      kernels::ssim_tiling tiling;
      kernels::stale_tiles stale;
      size_t first_structure; // sum
   };
   const scale &at(int number) const { return scales_[static_cast<size_t>(number)]; }

   bool ssim_, ms_ssim_;
   std::vector<scale> scales_;
   size_t sums_ = 0;
};

} // namespace giflab::plugins
