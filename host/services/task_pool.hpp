#pragma once
// The threads of a run: Boost.Asio underneath, and a caller that works instead of waiting.

#include <cstddef>
#include <functional>
#include <memory>

namespace giflab::services {

class task_pool {
 public:
   // `threads` counts the caller of help(): 1 starts no thread at all.
   explicit task_pool(std::size_t threads);
   ~task_pool(); // waits for the running task of each thread; tasks never started are dropped
   task_pool(const task_pool &) = delete;
   task_pool &operator=(const task_pool &) = delete;

   std::size_t threads() const;

   // Queues a task, which must not throw. Any thread.
   void post(std::function<void()> task);

   // Runs one queued task on the calling thread; false if there was none.
   bool help();

   // Works on queued tasks until `done` says so. `done` is asked between tasks, and whenever notify() was
   // called after something that it looks at has changed. It may not throw or block.
   void help_until(const std::function<bool()> &done);
   void notify();

   // A queue whose tasks run one at a time in the order in which they were posted.
   class sequence {
    public:
      explicit sequence(task_pool &pool);
      void post(std::function<void()> task);

    private:
      struct state;
      std::shared_ptr<state> state_;
   };

 private:
   struct state;
   std::unique_ptr<state> state_;
};

} // namespace giflab::services
