#pragma once
// What every device kernel takes: planes of many pairs of pictures of one size, so that one launch serves a
// batch of small pictures as well as a single large one.

#include <cstddef>
#include <cstdint>
#include <giflab_kernels/plane.hpp>

// As the CUDA headers declare it, so that plugins need not include them.
using cudaStream_t = struct CUstream_st *;

namespace giflab::kernels::cuda {

// The most pairs in one launch. The list travels as a kernel's parameter, so that no copy goes ahead of it.
inline constexpr uint32_t most_pairs = 32;

// Two planes in device memory. Rows start at multiples of 64 bytes, row 0 at a multiple of 256
// (giflab/frame.h).
template <class T> struct pair_planes { plane<T> a, b; };

template <class T> struct pair_list { pair_planes<T> at[most_pairs]; };

} // namespace giflab::kernels::cuda
