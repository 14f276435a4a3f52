#pragma once
// giflab_kernels/ssim.hpp on a device, in float: within 1e-6 of the sums' mean in double.

#include <giflab_kernels/cuda/pairs.hpp>
#include <giflab_kernels/cuda/tiles.hpp>
#include <giflab_kernels/ssim.hpp>

namespace giflab::kernels::cuda {

inline constexpr int most_ssim_scales = 5;

// A tile is a strip that one block walks down, eight rows a step; its height is such that it and the rows below
// that its windows reach make whole steps.
inline constexpr int ssim_tile_width = 64, ssim_tile_height = 9 * 8 - ssim_window + 1;

// Which tiles there are at each of the first `scales` scales of a picture, and where its halved planes lie.
class ssim_layout {
 public:
   // 1 to most_ssim_scales. Pictures measure ssim_window << (scales - 1) at least.
   ssim_layout(int32_t width, int32_t height, int scales) : width_(width), height_(height), scales_(scales) {
      for (int scale = 0; scale < scales; ++scale) {
         first_tile_[scale + 1] = first_tile_[scale] + windows(scale).count();
         const int64_t halved = scale == 0 ? 0 : int64_t{stride(scale)} * this->height(scale);
         offset_[scale + 1] = offset_[scale] + halved;
      }
   }

   GIFLAB_BOTH int scales() const { return scales_; }
   // Slots of each pair; those of a scale are [first_tile(scale), first_tile(scale + 1)).
   uint32_t tiles() const { return first_tile_[scales_]; }
   GIFLAB_BOTH uint32_t first_tile(int scale) const { return first_tile_[scale]; }
   GIFLAB_BOTH tiling windows(int scale) const {
      return {width(scale) - ssim_window + 1, height(scale) - ssim_window + 1, ssim_tile_width,
              ssim_tile_height};
   }

   GIFLAB_BOTH int32_t width(int scale) const { return width_ >> scale; }
   GIFLAB_BOTH int32_t height(int scale) const { return height_ >> scale; }

   // The halved planes of a picture lie behind one another, `samples()` in all; scale 0 is the picture itself.
   GIFLAB_BOTH size_t samples() const { return static_cast<size_t>(offset_[scales_]); }
   GIFLAB_BOTH size_t samples_before(int scale) const { return static_cast<size_t>(offset_[scale]); }
   // Samples from one row of a halved plane to the next: 64 bytes or a multiple.
   GIFLAB_BOTH int32_t stride(int scale) const { return (width(scale) + 31) / 32 * 32; }

 private:
   int32_t width_, height_;
   int scales_;
   uint32_t first_tile_[most_ssim_scales + 1] = {};
   int64_t offset_[most_ssim_scales + 1] = {};
};

// Halves both planes of each pair scales - 1 times, as halve() does, into `halved`: 2 * layout.samples() for
// each pair, a's before b's. Starts on `stream` and does not wait. Throws giflab::failure, as all here.
void halve(const pair_list<uint8_t> &pairs, uint32_t count, const ssim_layout &layout, uint16_t *halved,
           cudaStream_t stream);

// Puts one sum over the windows of each tile of each scale into `slots`, layout.tiles() for each pair: of SSIM
// at the last scale, of its contrast and structure at those before it. `halved` is what halve() made; null for
// one scale.
void add_ssim(const pair_list<uint8_t> &pairs, uint32_t count, const ssim_layout &layout,
              const uint16_t *halved, double *slots, cudaStream_t stream);

} // namespace giflab::kernels::cuda
