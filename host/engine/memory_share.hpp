#pragma once
// How a limit of memory is shared by processes that work side by side.

#include <cstddef>

namespace giflab::engine {

// The limit, and what one process has of it. All in bytes.
struct memory_share {
   std::size_t limit = 0;  // for all of them and who starts them; 0: there is none
   std::size_t others = 0; // what who starts them holds of it
   std::size_t most = 1;   // as many of them as there may be at once, each with an equal share of the rest

   // So many work at once: fewer than `most` where their shares would be too small to get far with.
   std::size_t at_once() const;

   // What each of them may take with all that it starts; 0: whatever there is.
   std::size_t own() const;

   // The next larger limit under which each has so much more than own(), in whole MiB.
   std::size_t limit_for(std::size_t wanted) const;
};

} // namespace giflab::engine
