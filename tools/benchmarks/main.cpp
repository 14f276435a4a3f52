#include "benchmarks.hpp"

#include <benchmark/benchmark.h>

int main(int argc, char **argv) {
   benchmark::Initialize(&argc, argv);
   if (benchmark::ReportUnrecognizedArguments(argc, argv))
      return 2;
   giflab::benchmarks::register_metrics();
   giflab::benchmarks::register_processes();
   benchmark::RunSpecifiedBenchmarks();
   benchmark::Shutdown();
   return 0;
}
