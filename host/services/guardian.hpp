#pragma once
// A process of its own between this one and a program: it adopts whatever the program leaves behind, in
// whatever session, and ends all of it with the program, or with this process.

#include "services/descriptor.hpp"

#include <sys/resource.h>
#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <thread>

namespace giflab::services {

// Where a start can fail.
enum class start_step : int { guardian, parent, group, signals, streams, directory, limits, program };

// "the program could not be executed", ...
const char *name_of(start_step step);

// A program to start, ready before the fork: what comes after may allocate nothing. All descriptors are above
// the standard ones.
struct start_plan {
   char *const *argv;
   char *const *environment;
   const char *directory; // null: stay
   std::size_t memory_limit;
   int nothing, output; // its standard input; its standard output and error
};

// What came of it.
struct program_end {
   bool started = false;
   start_step failed_at{}; // if it was not started
   int reason = 0;         // errno of that
   int status = 0;         // as wait() gives it
   rusage used{};          // of the program, and of its children that it waited for
   int left_behind = 0;    // errno, if some descendant could not be ended
};

// The guardian shares this process's memory and touches none of it but its own stack, as after vfork: a fork
// would copy each page that this process writes while the program runs. It is forked by a thread that is
// suspended until it ends, holds no descriptors of this process, and takes SIGTERM from nobody.
class guardian {
 public:
   // `plan` is used until the program has ended.
   explicit guardian(const start_plan &plan);
   ~guardian(); // ends what still runs
   guardian(const guardian &) = delete;
   guardian &operator=(const guardian &) = delete;

   // 0, or errno: why there is none.
   int trouble() const { return trouble_; }

   // Readable once the program has ended or could not be started, and all its descendants are gone.
   int end_descriptor() const { return report_reader_.get(); }

   // The signal for the program's process group.
   void terminate();
   void kill();

   // Waits for the end; nothing if the guardian itself was killed. Once.
   std::optional<program_end> end();

 private:
   void order(char what);

   descriptor report_reader_, orders_reader_, orders_writer_;
   std::thread thread_;
   int trouble_ = 0;
};

} // namespace giflab::services
