#pragma once
// The device's half.

#include <giflab/plugin.hpp>

// Sums of squared errors of luma of pairs whose planes are in device memory, one each in `sums`, which is in
// host memory. Works on the call's stream and returns when it is done. Throws giflab::failure.
void device_squared_errors(const giflab_call &call, const giflab_cuda &cuda, std::span<const giflab_pair> pairs,
                           std::span<uint64_t> sums);
