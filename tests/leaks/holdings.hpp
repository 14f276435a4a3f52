#pragma once
// What this process holds, and whether doing something again and again makes it hold more.

#include <cstdint>
#include <functional>
#include <string>

namespace leaks {

struct holdings {
   int64_t resident_bytes = 0; // anonymous memory that is in use: files that are mapped do not count
   int64_t descriptors = 0, threads = 0, children = 0;
   int64_t temporary_files = 0, temporary_bytes = 0;
};

// `temporary`: the folder whose files count.
holdings now_held(const std::string &temporary);

struct growth {
   double resident_bytes = 0; // a turn: the slope of the straight line through all samples (least squares)
   holdings before, after;    // of what is counted, behind the first turns and at the end
};

// Takes `turns` turns behind `warm_up` others, which fill pools and caches, and looks at what is held now and
// then.
growth growth_over(int warm_up, int turns, const std::string &temporary, const std::function<void()> &turn);

} // namespace leaks
