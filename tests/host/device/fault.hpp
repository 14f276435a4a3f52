#pragma once

using cudaStream_t = struct CUstream_st *;

namespace giflab::tests {

// Queues a kernel that writes where no memory is. What is left of the process's context is of no use.
void launch_fault(cudaStream_t stream);

} // namespace giflab::tests
