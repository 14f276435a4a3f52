#pragma once
// giflab_kernels/channel_histogram.hpp on a device.

#include <giflab_kernels/channel_histogram.hpp>
#include <giflab_kernels/cuda/pairs.hpp>

namespace giflab::kernels::cuda {

// The counts of both pictures of a pair.
struct pair_histograms {
   uint32_t counts[2][3][histogram_bins]; // [picture][channel][value >> 3]
};

// Counts both pictures of `count` (1 to most_pairs) pairs of R,G,B bytes into `histograms`, one for each pair,
// in device memory. Pictures have fewer than 2^32 pixels. Starts on `stream` and does not wait. Throws
// giflab::failure.
void count_channels(const pair_list<uint8_t> &rgb, uint32_t count, int32_t width, int32_t height,
                    pair_histograms *histograms, cudaStream_t stream);

} // namespace giflab::kernels::cuda
