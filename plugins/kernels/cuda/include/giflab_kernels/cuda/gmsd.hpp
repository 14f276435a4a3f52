#pragma once
// giflab_kernels/gmsd.hpp on a device; gradients in whole numbers, their similarity in float.

#include <giflab_kernels/cuda/pairs.hpp>
#include <giflab_kernels/gmsd.hpp>

namespace giflab::kernels::cuda {

// How many slots add_gmsd() fills for each pair of this size.
uint32_t gmsd_tiles(int32_t width, int32_t height);

// Puts the sums of each tile of `count` (1 to most_pairs) pairs into `slots`, gmsd_tiles() for each pair, in
// device memory. Starts on `stream` and does not wait. Throws giflab::failure.
void add_gmsd(const pair_list<uint8_t> &pairs, uint32_t count, int32_t width, int32_t height, gmsd_sums *slots,
              cudaStream_t stream);

} // namespace giflab::kernels::cuda
