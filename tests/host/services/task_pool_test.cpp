#include "services/task_pool.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace giflab::services;

TEST_CASE("every task runs once, with one thread or many") {
   for (std::size_t threads : {1u, 2u, 8u}) {
      CAPTURE(threads);
      task_pool pool(threads);
      std::atomic<int> done{0};
      for (int i = 0; i < 1000; ++i)
         pool.post([&] {
            ++done;
            pool.notify();
         });
      pool.help_until([&] { return done == 1000; });
      CHECK(done == 1000);
      CHECK(pool.threads() == threads);
   }
}

TEST_CASE("a sequence keeps its order and never overlaps itself") {
   task_pool pool(4);
   task_pool::sequence sequence(pool);
   std::vector<int> order; // unguarded: the sequence is the guard
   std::atomic<int> done{0};
   for (int i = 0; i < 500; ++i)
      sequence.post([&, i] {
         order.push_back(i);
         ++done;
         pool.notify();
      });
   pool.help_until([&] { return done == 500; });
   for (int i = 0; i < 500; ++i)
      CHECK(order[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("one that waits is woken by what another thread did") {
   task_pool pool(1);
   std::atomic<bool> ready{false};
   std::jthread other([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      ready = true;
      pool.notify();
   });
   pool.help_until([&] { return ready.load(); });
   CHECK(ready);
}
