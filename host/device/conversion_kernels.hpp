#pragma once
// The launches of conversions.hpp on a device. Needs CUDA at build.

#include "device/conversions.hpp"

// As the CUDA headers declare it.
using cudaStream_t = struct CUstream_st *;

namespace giflab::device {

// All pointers are to memory of the current device; the work is queued on the stream. A cudaError_t, 0 if the
// launch was accepted.
int launch_expand(cudaStream_t stream, const uint8_t *indices, const media::palette_tables *tables,
                  const wanted_planes &to);
int launch_convert(cudaStream_t stream, const uint32_t *rgba, const byte_tables *tables,
                   const background_bytes &under, const wanted_planes &to);

} // namespace giflab::device
