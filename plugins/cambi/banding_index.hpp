#pragma once
// CAMBI, the contrast aware multiscale banding index of one picture: P. Tandon, M. Afonso, J. Sole, L. Krasula,
// Picture Coding Symposium 2021.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <giflab_kernels/plane.hpp>

namespace giflab::plugins {

inline constexpr int32_t cambi_least = 8; // pixels a side

// Steps of 1 to 4 of 1023 levels are banding, each up to a luma of its own: brighter ones are too faint to be
// seen.
inline constexpr int cambi_steps = 4;
using cambi_thresholds = std::array<int32_t, cambi_steps>;

// By a display as BT.1886 has it, 300 and 0.01 candelas a square metre, levels 64 to 940, where a step of 1.9 %
// is visible.
cambi_thresholds visible_steps();

// Bytes of scratch that cambi needs.
size_t cambi_scratch(int32_t width, int32_t height, const cambi_thresholds &visible);

// 0 without banding; at most 31. Sides are cambi_least at least, `scratch` is aligned to 64, `pause` is called
// every few rows and may throw. [any thread]
double cambi(kernels::plane<uint8_t> luma, int32_t width, int32_t height, const cambi_thresholds &visible,
             std::byte *scratch, const std::function<void()> &pause);

} // namespace giflab::plugins
