#pragma once
// giflab_kernels/byte_error.hpp on a device.

#include <giflab_kernels/byte_error.hpp>
#include <giflab_kernels/cuda/pairs.hpp>

namespace giflab::kernels::cuda {

// How many slots add_byte_error() fills for each pair of this size.
uint32_t byte_error_tiles(size_t row_bytes, int32_t height);

// Puts the sums of each tile of `count` (1 to most_pairs) pairs into `slots`, byte_error_tiles() for each pair
// behind one another, in device memory; fold() makes one of them. Starts on `stream` and does not wait. The
// same sums as add_byte_error() on the processor, to the last bit. Throws giflab::failure.
void add_byte_error(const pair_list<uint8_t> &pairs, uint32_t count, size_t row_bytes, int32_t height,
                    byte_error *slots, cudaStream_t stream);

} // namespace giflab::kernels::cuda
