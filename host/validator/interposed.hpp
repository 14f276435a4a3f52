#pragma once
// The heap as one loaded module sees it: its calls for memory and threads are led through this process's own
// functions, which count them and fail on demand.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace giflab::validator {

// Replaces what one module calls by name: malloc, calloc, realloc, posix_memalign, aligned_alloc, every
// operator new, pthread_create, and what gives memory back. It rewrites the module's table of imported
// functions, so what its libraries do for themselves is neither counted nor failed: a std::string may ask
// inside libstdc++, as does std::thread. Memory that the module asked for may be given back by the libraries
// that it names (DT_NEEDED).
//
// One at a time in a process. Destroyed, it puts everything back; blocks that are still alive then stay alive.
class interposed {
 public:
   // Why it cannot be used in this build; "" if it can.
   static std::string unavailable();

   // `inside` is any address in the module, such as its giflab_module. Throws std::runtime_error if no loaded
   // module is there, or if its tables cannot be written.
   explicit interposed(const void *inside);
   ~interposed();
   interposed(const interposed &) = delete;
   interposed &operator=(const interposed &) = delete;

   // Starts counting anew: this request for memory or a thread, counted from 1, fails; with `all_later` so do
   // those behind it. The malloc family gives NULL and ENOMEM, operator new throws std::bad_alloc, its nothrow
   // forms give NULL, pthread_create gives EAGAIN. [any]
   void fail_at(uint64_t request, bool all_later = false);
   void fail_never(); // goes on counting
   uint64_t requests() const;

   // The last request that failed: "operator new of 24 bytes"; "" if none did since fail_at.
   std::string failed_request() const;

   // What the module asked for and nobody gave back, as far as malloc_usable_size knows.
   struct heap {
      std::size_t blocks = 0, bytes = 0;
      std::size_t peak = 0; // most bytes at once, since forget_peak
   };
   heap live() const; // [any]
   void forget_peak();

 private:
   struct patches;
   std::unique_ptr<patches> patches_;
};

} // namespace giflab::validator
