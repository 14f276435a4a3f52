#pragma once
// The error maps of SSIMULACRA 2.1: J. Sneyers, Cloudinary, https://github.com/cloudinary/ssimulacra2

#include <array>
#include <cstddef>
#include <functional>
#include <giflab_kernels/plane.hpp>

namespace giflab::kernels {

inline constexpr int ssimulacra2_scales = 6;
inline constexpr int ssimulacra2_planes = 3; // X, Y, B
inline constexpr int ssimulacra2_least = 8;  // pixels a side

// `recursive`: the tool's float recursion, operation by operation, with the drift of its rounding.
// `direct`: the nine taps that the recursion stands for.
enum class ssimulacra2_blur { recursive, direct };

// What is wanted of one plane at one scale. Edges need two blurs, all three maps five.
enum class ssimulacra2_maps : uint8_t { none, edges, all };
using ssimulacra2_wanted = std::array<std::array<ssimulacra2_maps, ssimulacra2_planes>, ssimulacra2_scales>;

// Sums over the pixels of a plane: [0] of the map, [1] of its fourth power.
struct ssimulacra2_sums {
   double ssim[2] = {};
   double artifact[2] = {}; // edges that the original lacks
   double detail[2] = {};   // edges of the original that are gone
};
using ssimulacra2_result = std::array<std::array<ssimulacra2_sums, ssimulacra2_planes>, ssimulacra2_scales>;

struct ssimulacra2_pair {
   plane<uint8_t> reference, distorted; // R, G, B and, with four channels, straight alpha
   int channels;                        // 3 or 4
   int32_t width, height;               // ssimulacra2_least at least
   float background;                    // grey behind both pictures, encoded, 0..1
};

// How many scales the tool looks at: it stops after the first with a side below 8.
int ssimulacra2_scale_count(int32_t width, int32_t height);

// Bytes of scratch that measure_ssimulacra2 needs.
size_t ssimulacra2_scratch(int32_t width, int32_t height, ssimulacra2_blur blur, arithmetic choice);

// The sums of the wanted maps; all others stay 0. `scratch` is aligned to 64. `pause` is called every few rows
// and may throw. Plain `direct` code computes in double. The vector twin's order of summation depends on the
// size only, never on the instruction set. [any thread]
ssimulacra2_result measure_ssimulacra2(const ssimulacra2_pair &pair, const ssimulacra2_wanted &wanted,
                                       ssimulacra2_blur blur, std::byte *scratch,
                                       const std::function<void()> &pause, arithmetic choice);

} // namespace giflab::kernels
