#pragma once
// Histograms of 32 bins for each channel of RGB bytes.

#include <array>
#include <giflab_kernels/plane.hpp>

namespace giflab::kernels {

inline constexpr int histogram_bins = 32;

// counts[channel][value >> 3]
using channel_histogram = std::array<std::array<uint64_t, histogram_bins>, 3>;

// Adds rows [first_row, first_row + rows) of a plane of R,G,B bytes. Either twin gives the same counts; the
// faster one spreads neighbours over several tables, because a counter cannot take two increments in a row
// quickly. [any thread]
void add_channel_histogram(plane<uint8_t> rgb, int32_t width, int64_t first_row, int64_t rows,
                           channel_histogram &counts, arithmetic choice);

} // namespace giflab::kernels
