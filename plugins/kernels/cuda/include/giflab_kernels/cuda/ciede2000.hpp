#pragma once
// CIEDE2000 of whole pictures on a device, down to what a summary is made of.

#include <giflab_kernels/cuda/pairs.hpp>
#include <giflab_kernels/percentile.hpp>
#include <giflab_kernels/weighted_totals.hpp>

namespace giflab::kernels::cuda {

struct colour_difference {
   weighted_totals totals; // over the pixels that differ
   percentile_values p95;  // around the 95th percentile, of all pixels
};

// How much device memory enqueue_ciede2000() works in.
size_t ciede2000_work_bytes(uint32_t count, int32_t width, int32_t height);

// Differences between the RGB8 planes of `count` (1 to most_pairs) pairs of up to 2^28 pixels each. `work`,
// aligned to 256, and `results`, one a pair, are device memory; what stood there does not matter. Starts on
// `stream` and does not wait. Each pixel's difference is single::ciede2000(), and 0 where the bytes are the
// same: within 1e-4 of ciede2000(), relatively, but at hues that are opposite to a thousandth of a degree,
// where the formula jumps. The rest is exact: the same bits in every batch. Throws giflab::failure.
void enqueue_ciede2000(const pair_list<uint8_t> &pairs, uint32_t count, int32_t width, int32_t height,
                       void *work, colour_difference *results, cudaStream_t stream);

} // namespace giflab::kernels::cuda
