#pragma once
// FSIM and FSIMc of two pictures. L. Zhang, L. Zhang, X. Mou, D. Zhang, "FSIM: A Feature Similarity Index for
// Image Quality Assessment", IEEE Trans. Image Processing 20(8), 2011.

#include "fourier.hpp"
#include "log_gabor.hpp"

#include <giflab/plugin.hpp>
#include <giflab_kernels/block_sums.hpp>

namespace giflab::fsim {

inline constexpr double congruency_constant = 0.85; // T1 of the paper
inline constexpr double gradient_constant = 160;    // T2
inline constexpr double colour_constant = 200;      // T3 and T4
inline constexpr double colour_exponent = 0.03;     // lambda
inline constexpr double least_energy = 1e-4;        // Kovesi's epsilon

// NaN where neither picture has any feature.
struct similarity {
   double fsim, fsimc;
};

struct picture_pair {
   kernels::plane<uint8_t> reference, distorted; // R, G, B bytes
};

// The size of the pictures, and of the shrunk ones that are looked at.
struct sizes {
   int32_t full_width, full_height, block_side, width, height;

   sizes(int32_t w, int32_t h)
       : full_width(w), full_height(h), block_side(kernels::block_side_for(w, h)),
         width(kernels::blocks_along(w, block_side)), height(kernels::blocks_along(h, block_side)) {}
};

// Level 0: plain code in double.
class plain_similarity {
 public:
   // Stops if the call is cancelled.
   plain_similarity(const giflab_call &call, const sizes &size)
       : size_(size), bank_(size.width, size.height, [&] { stop_if_cancelled(call); }),
         fourier_(size.width, size.height) {}

   // Takes its memory from the call, and stops if that is cancelled. [any thread]
   similarity of(const giflab_call &call, const picture_pair &pair) const;

 private:
   sizes size_;
   log_gabor_bank bank_;
   plain_transform_2d fourier_;
};

// Other levels: vectors of floats.
class lane_similarity {
 public:
   // Stops if the call is cancelled.
   lane_similarity(const giflab_call &call, const sizes &size);

   // Takes its memory from the call, and stops if that is cancelled. [any thread]
   similarity of(const giflab_call &call, const picture_pair &pair) const;

   // Planes of frequencies, on their side: a row for each x, of y as many as fill whole strips of `lanes`.
   struct filters {
      std::array<std::vector<float>, scales> radial; // scaled by 1 / (width height)
      std::array<std::vector<float>, orientations> angular;
      std::array<double, orientations> noise;
   };

 private:
   sizes size_;
   filters filters_;
   lane_transform across_, down_;
};

} // namespace giflab::fsim
