#pragma once
// What a call must leave as it found it (abi.h): the state that every plugin in the process shares.

#include <cstdint>
#include <string>
#include <vector>

namespace giflab::validator {

// A copy of that state, as the calling thread sees it.
struct process_state {
   // How one signal is handled.
   struct handling {
      void *handler = nullptr;
      int flags = 0;
      std::string blocked; // the mask while it is handled, as bytes
      bool operator==(const handling &) const = default;
   };

   uint32_t vector_control = 0; // MXCSR without the flags that say what happened; the rounding mode elsewhere
   uint16_t x87_control = 0;
   int rounding = 0;
   std::string blocked_signals; // the thread's mask, as bytes
   std::vector<handling> handlers;
   std::string locale;          // of the process, all categories
   const void *thread_locale{}; // of uselocale
   std::string folder;          // where the process works
   uint32_t umask = 0;
   std::vector<std::string> environment;
   std::vector<uint64_t> standard_files; // device and number of descriptors 0 to 2; 0 where it is closed
};

process_state current_process_state();

// What differs, as what a plugin did: "changed the rounding mode from 0 to 1024"; "" if nothing does.
std::string changes(const process_state &before, const process_state &after);

} // namespace giflab::validator
