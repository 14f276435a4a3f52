#include "holdings.hpp"
#include "own_process.hpp"

#include <doctest/doctest.h>

#include <malloc.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

namespace leaks {

namespace fs = std::filesystem;

namespace {

constexpr int samples = 40;

int64_t anonymous_bytes() {
   std::ifstream file("/proc/self/statm");
   int64_t size = 0, resident = 0, shared = 0;
   REQUIRE((file >> size >> resident >> shared));
   return (resident - shared) * sysconf(_SC_PAGESIZE);
}

int64_t children_of_this_process() {
   const std::string path = "/proc/self/task/" + std::to_string(getpid()) + "/children";
   std::ifstream file(path);
   int64_t count = 0;
   for (std::string child; file >> child;)
      ++count;
   return count;
}

} // namespace

holdings now_held(const std::string &temporary) {
   holdings held;
   malloc_trim(0); // what was given back and kept by the allocator is not held
   held.resident_bytes = anonymous_bytes();
   held.descriptors = static_cast<int64_t>(giflab::tests::open_descriptors());
   held.threads = static_cast<int64_t>(giflab::tests::running_threads());
   held.children = children_of_this_process();
   for (const fs::directory_entry &entry : fs::recursive_directory_iterator(temporary))
      if (entry.is_regular_file()) {
         ++held.temporary_files;
         held.temporary_bytes += static_cast<int64_t>(entry.file_size());
      }
   return held;
}

growth growth_over(int warm_up, int turns, const std::string &temporary, const std::function<void()> &turn) {
   for (int i = 0; i < warm_up; ++i)
      turn();
   growth found;
   found.before = now_held(temporary);
   std::vector<double> x, y;
   for (int i = 0; i < turns; ++i) {
      turn();
      if ((i + 1) % (turns / samples) == 0) {
         x.push_back(i);
         y.push_back(static_cast<double>(now_held(temporary).resident_bytes));
      }
   }
   found.after = now_held(temporary);
   double mean_x = 0, mean_y = 0, xx = 0, xy = 0;
   for (std::size_t i = 0; i < x.size(); ++i) {
      mean_x += x[i] / static_cast<double>(x.size());
      mean_y += y[i] / static_cast<double>(x.size());
   }
   for (std::size_t i = 0; i < x.size(); ++i) {
      xx += (x[i] - mean_x) * (x[i] - mean_x);
      xy += (x[i] - mean_x) * (y[i] - mean_y);
   }
   found.resident_bytes = xy / xx;
   return found;
}

} // namespace leaks
