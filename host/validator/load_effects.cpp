// L06: what loading a module does beside loading it, seen from a process in which it never was loaded.

#include "validator/isolated.hpp"
#include "validator/loading_checks.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

namespace giflab::validator {

namespace fs = std::filesystem;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool time_counts = false; // a sanitizer's own work at loading is not the module's
#else
constexpr bool time_counts = true;
#endif
constexpr std::chrono::microseconds time_limit{100'000};
constexpr int attempts = 4; // a busy machine may be slow once

bool names_a_device(const std::string &path) {
   return path.starts_with("/dev/nvidia") || path.find("/libcuda.so") != std::string::npos;
}

// What loading may leave behind.
struct traces {
   std::size_t threads = 0;
   std::map<std::string, std::string> descriptors; // number and what it leads to
   std::set<std::string> mapped;                   // files in memory
};

traces current_traces() {
   traces found;
   for (const auto &task : fs::directory_iterator("/proc/self/task"))
      found.threads += task.is_directory();
   for (const auto &link : fs::directory_iterator("/proc/self/fd")) {
      std::error_code closed; // that of the iterator itself, by now
      const fs::path target = fs::read_symlink(link.path(), closed);
      if (!closed && target.string().find("/proc/") != 0)
         found.descriptors[link.path().filename()] = target;
   }
   std::ifstream maps("/proc/self/maps");
   for (std::string line; std::getline(maps, line);)
      if (const std::size_t path = line.find('/'); path != std::string::npos)
         found.mapped.insert(line.substr(path));
   return found;
}

std::string files_in(const fs::path &folder) {
   std::string names;
   for (const auto &entry : fs::recursive_directory_iterator(folder))
      names += (names.empty() ? "" : ", ") + entry.path().filename().string();
   return names;
}

// Children that live, or that were waited for meanwhile.
bool had_children() {
   siginfo_t ended{};
   const bool has_any = waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0;
   rusage used{};
   getrusage(RUSAGE_CHILDREN, &used);
   return has_any || used.ru_maxrss != 0;
}

// "" or what is there now that was not there before, other than libraries.
std::string left_behind(const traces &before, const traces &after, const std::string &module) {
   if (after.threads > before.threads)
      return fmt::format("it starts {} threads", after.threads - before.threads);
   for (const std::string &path : after.mapped)
      if (!before.mapped.contains(path) && names_a_device(path))
         return fmt::format("it touches the GPU ({})", path);
   for (const auto &[number, target] : after.descriptors)
      if (const auto old = before.descriptors.find(number);
          old == before.descriptors.end() || old->second != target)
         return names_a_device(target) ? fmt::format("it touches the GPU ({})", target)
                                       : fmt::format("it leaves descriptor {} open ({})", number, target);
   for (const std::string &path : after.mapped)
      if (!before.mapped.contains(path) && path != module && path.find(".so") == std::string::npos)
         return fmt::format("it maps the file {}", path);
   return had_children() ? "it starts a process" : "";
}

// How long this thread has been ready to run without a processor, which is not the file's time but that of a
// busy machine, and how often it slept. Since Linux 6.12 some of a sleep counts as readiness too: where one
// slept, nothing is known of the other.
struct waits {
   std::chrono::nanoseconds queued{0};
   long sleeps = 0;
};

waits waits_of_thread() {
   std::ifstream times("/proc/thread-self/schedstat");
   int64_t ran = 0, waited = 0;
   rusage used{};
   getrusage(RUSAGE_THREAD, &used);
   return {std::chrono::nanoseconds(times >> ran >> waited ? waited : 0), used.ru_nvcsw};
}

// What of the time between two moments is the file's own.
std::chrono::nanoseconds own_time(std::chrono::nanoseconds passed, const waits &before, const waits &after) {
   return after.sleeps == before.sleeps ? passed - (after.queued - before.queued) : passed;
}

// The first line says how many microseconds loading took, the rest what else it did.
std::string load_and_look(const std::string &path, const fs::path &folder) {
   fs::create_directories(folder);
   fs::current_path(folder);
   for (const char *name : {"TMPDIR", "HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"})
      setenv(name, folder.c_str(), 1);
   prctl(PR_SET_CHILD_SUBREAPER, 1); // what a child of the module starts and abandons becomes a child of ours
   const traces before = current_traces();
   const auto began = std::chrono::steady_clock::now();
   const waits before_loading = waits_of_thread();
   void *loaded = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
   const waits after_loading = waits_of_thread();
   const auto took = own_time(std::chrono::steady_clock::now() - began, before_loading, after_loading);
   if (!loaded)
      return fmt::format("0\nit cannot be loaded into a fresh process: {}", dlerror());
   std::string found = left_behind(before, current_traces(), path);
   if (const std::string files = files_in(folder); found.empty() && !files.empty())
      found = fmt::format("it writes files ({}) into the working or temporary folder", files);
   return fmt::format("{}\n{}", std::chrono::duration_cast<std::chrono::microseconds>(took).count(), found);
}

isolated_outcome load_in_a_fresh_process(const subject &given, int attempt) {
   isolated_outcome ended;
   const fs::path folder = fs::path(given.folder) / fmt::format("loading{}", attempt);
   const services::cancellation nobody;
   run_isolated({{[&] { return load_and_look(given.path, folder); }, std::chrono::seconds(10)}}, 1, nobody,
                [&ended](std::size_t, const isolated_outcome &outcome) { ended = outcome; });
   return ended;
}

} // namespace

finding loads_quietly(const subject &given) {
   if (dlopen(given.path.c_str(), RTLD_NOW | RTLD_NOLOAD))
      return skipped("it is loaded already in this process");
   std::chrono::microseconds least = std::chrono::microseconds::max();
   for (int attempt = 0; attempt < attempts && least > time_limit; ++attempt) {
      const isolated_outcome ended = load_in_a_fresh_process(given, attempt);
      if (ended.timed_out)
         return failed_check("loading it takes more than 10 s: do the work in create, or in probe");
      if (!ended.finished)
         return failed_check("a fresh process that loads it ends: its constructors must do nothing");
      const std::size_t line = ended.text.find('\n');
      if (line + 1 < ended.text.size())
         return failed_check(fmt::format("as it is loaded, {}: nothing may run before create is called",
                                         ended.text.substr(line + 1)));
      least = std::min(least, std::chrono::microseconds(std::stoll(ended.text)));
   }
   if constexpr (!time_counts)
      return passed("how long loading takes is not judged in a build with a sanitizer");
   if (least > time_limit)
      return failed_check(
          fmt::format("loading it takes {} ms, and every start of giflab waits for it: at most {} "
                      "ms; do the work in create, or in probe",
                      least.count() / 1000, time_limit.count() / 1000));
   return passed(fmt::format("loaded in {:.1f} ms", static_cast<double>(least.count()) / 1000));
}

} // namespace giflab::validator
