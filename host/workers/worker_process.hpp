#pragma once
// One worker as its supervisor sees it: started, talked to, and always reaped.

#include "error.hpp"
#include "workers/blame.hpp"
#include "workers/channel.hpp"

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

namespace giflab::workers {

// What became of a worker.
struct death {
   std::string how; // "SIGSEGV", "exit(3)"; of one that was condemned, what for
   blame told;
   bool condemned = false;
};

// How a process becomes a worker.
struct worker_start {
   std::string program = "/proc/self/exe";                     // whose main() obeys worker_command
   std::function<int(int argc, const char *const *argv)> life; // what main() does then; none: nothing is forked
   bool keep_core = false;
};

class worker_process {
 public:
   // Starts a worker: in a process group of its own, standard input empty, standard output where errors go, no
   // other descriptors, no core dumps unless they are wanted. It dies with the calling thread. A process of one
   // thread is forked, which saves the time that the loader takes; of another, `how.program` is started anew.
   static result<std::unique_ptr<worker_process>> start(const worker_start &how);

   ~worker_process(); // lets an idle worker end, and kills it if it takes too long
   worker_process(const worker_process &) = delete;
   worker_process &operator=(const worker_process &) = delete;

   channel &talk() { return talk_; }
   pid_t process() const { return process_; }

   // Waits for something to happen: a message, or its end; no longer than `milliseconds`. True if it has ended.
   bool wait(int milliseconds) const;

   // What it is doing.
   blame doing() const { return page_->read(); }

   // Asks it to stop what it does.
   void interrupt() const;

   // Says what it is to be killed for, before bury(): "did not answer within 10 s".
   void condemn(std::string deed) { deed_ = std::move(deed); }

   // After wait() was true, or where nothing more can be had from it: kills and reaps it and what it left in
   // its group.
   death bury();

   // Begins an orderly end; the destructor waits for it.
   void dismiss() { talk_.finish(); }

 private:
   worker_process(pid_t process, services::descriptor ended, channel talk, std::unique_ptr<shared_page> page)
       : process_(process), ended_(std::move(ended)), talk_(std::move(talk)), page_(std::move(page)) {}

   int reap();

   pid_t process_;
   services::descriptor ended_;
   channel talk_;
   std::unique_ptr<shared_page> page_;
   std::string deed_; // empty: it was not condemned
};

} // namespace giflab::workers
