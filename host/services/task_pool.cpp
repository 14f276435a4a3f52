#include "services/task_pool.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace giflab::services {

namespace asio = boost::asio;

struct task_pool::state {
   asio::io_context context;
   asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
   std::vector<std::jthread> workers;
   std::mutex mutex;
   std::condition_variable changed;
   std::size_t changes = 0; // guarded by mutex
};

task_pool::task_pool(std::size_t threads) : state_(std::make_unique<state>()) {
   for (std::size_t i = 1; i < threads; ++i)
      state_->workers.emplace_back([context = &state_->context] { context->run(); });
}

task_pool::~task_pool() {
   state_->context.stop();
   state_->workers.clear();
}

std::size_t task_pool::threads() const { return state_->workers.size() + 1; }

void task_pool::post(std::function<void()> task) {
   asio::post(state_->context, std::move(task));
   notify(); // a helper that sleeps can take it
}

bool task_pool::help() { return state_->context.poll_one() > 0; }

void task_pool::help_until(const std::function<bool()> &done) {
   while (!done()) {
      if (help())
         continue;
      std::unique_lock lock(state_->mutex);
      const std::size_t seen = state_->changes;
      lock.unlock();
      // What changed before `seen` was read shows in these two; what changes after it wakes the wait.
      if (done() || help())
         continue;
      lock.lock();
      state_->changed.wait(lock, [&] { return state_->changes != seen; });
   }
}

void task_pool::notify() {
   {
      std::lock_guard lock(state_->mutex);
      ++state_->changes;
   }
   state_->changed.notify_all();
}

struct task_pool::sequence::state {
   explicit state(asio::io_context &context) : strand(asio::make_strand(context)) {}
   asio::strand<asio::io_context::executor_type> strand;
};

task_pool::sequence::sequence(task_pool &pool) : state_(std::make_shared<state>(pool.state_->context)) {}

void task_pool::sequence::post(std::function<void()> task) { asio::post(state_->strand, std::move(task)); }

} // namespace giflab::services
