#include "benchmarks.hpp"

#include <benchmark/benchmark.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

namespace giflab::benchmarks {

namespace fs = std::filesystem;

namespace {

struct cost {
   int exit_status = -1;
   double cpu_seconds = 0, peak_megabytes = 0;
};

// Runs a program, found on PATH, with its output thrown away.
cost run(std::vector<std::string> arguments) {
   std::vector<char *> argv;
   for (std::string &argument : arguments)
      argv.push_back(argument.data());
   argv.push_back(nullptr);
   posix_spawn_file_actions_t quiet;
   posix_spawn_file_actions_init(&quiet);
   posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
   pid_t child = 0;
   const int problem = posix_spawnp(&child, argv[0], &quiet, nullptr, argv.data(), environ);
   posix_spawn_file_actions_destroy(&quiet);
   if (problem != 0)
      return {};
   int status = 0;
   rusage used{};
   wait4(child, &status, 0, &used);
   const auto seconds = [](const timeval &time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
   };
   return {status, seconds(used.ru_utime) + seconds(used.ru_stime), static_cast<double>(used.ru_maxrss) / 1024};
}

void compare(benchmark::State &state, const std::string &reference, const std::string &distorted) {
   double cpu = 0, peak = 0;
   for (auto _ : state) {
      const cost one = run({PROGRAM, "compare", "--quiet", reference, distorted});
      if (one.exit_status != 0) {
         state.SkipWithError("giflab compare failed");
         return;
      }
      cpu += one.cpu_seconds;
      peak = std::max(peak, one.peak_megabytes);
   }
   state.counters["cpu_ms"] = benchmark::Counter(cpu * 1000, benchmark::Counter::kAvgIterations);
   state.counters["peak_MB"] = peak;
}

void add(const std::string &name, const fs::path &reference, const fs::path &distorted) {
   if (!fs::exists(reference) || !fs::exists(distorted))
      return;
   benchmark::RegisterBenchmark(
       ("compare/" + name).c_str(),
       [=](benchmark::State &state) { compare(state, reference.string(), distorted.string()); })
       ->Unit(benchmark::kMillisecond)
       ->UseRealTime()
       ->Iterations(5);
}

// A synthetic GIF and what gifsicle makes of it, in the folder of the running benchmark.
void add_synthetic(const std::string &width, const std::string &height, const std::string &frames) {
   const std::string name = width + "x" + height + "x" + frames;
   const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
   const fs::path original = folder / (name + ".gif"), lossy = folder / (name + "-lossy.gif");
   if (!fs::exists(lossy) &&
       (run({SYNTHETIC_GIF, original.string(), width, height, frames}).exit_status != 0 ||
        run({"gifsicle", "-O3", "--lossy=80", original.string(), "-o", lossy.string()}).exit_status != 0))
      return;
   add("synthetic-" + name, original, lossy);
}

} // namespace

void register_processes() {
   add_synthetic("500", "500", "30");
   add_synthetic("500", "500", "300");
   add_synthetic("100", "100", "10");
   const fs::path corpus = CORPUS;
   for (const char *pair :
        {"cartoon-code-hero/lossy80", "photo-street/lossy200", "screen-gitui-amend/lossy200"}) {
      const fs::path variant = pair;
      add(pair, corpus / (variant.parent_path().string() + ".gif"),
          corpus / "pairs" / (std::string(pair) + ".gif"));
   }
}

} // namespace giflab::benchmarks
