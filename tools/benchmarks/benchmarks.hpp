#pragma once
// Each registers its benchmarks with Google Benchmark.

namespace giflab::benchmarks {

// Nanoseconds per pixel of every FRAME metric: plain and vector arithmetic at three sizes, one thread, pictures
// decoded and converted beforehand.
void register_metrics();

// `giflab compare` as a process, decoding and start included: wall time, CPU time and peak memory.
void register_processes();

} // namespace giflab::benchmarks
