#include "modules/call.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <stdexcept>

using namespace giflab;

TEST_CASE("scores land where they belong, and breaches are named") {
   modules::call_context call({}, 2, 3, 0);
   const giflab_call *table = call.table();
   SUBCASE("all is well") {
      CHECK(call.run([&] {
         table->score(table, 1, 2, 5);
         return GIFLAB_OK;
      }) == GIFLAB_OK);
      CHECK(call.scores()[5] == 5);
      CHECK(call.scored(1, 2));
      CHECK_FALSE(call.scored(0, 0));
      CHECK(std::isnan(call.scores()[0]));
   }
   SUBCASE("a pair that is not there") {
      CHECK(call.run([&] {
         table->score(table, 2, 0, 5);
         return GIFLAB_OK;
      }) == GIFLAB_INTERNAL);
      CHECK(call.text() == "scored output 0 of pair 2, which is not there (rule S13)");
   }
   SUBCASE("twice") {
      CHECK(call.run([&] {
         table->score(table, 0, 0, 5);
         table->score(table, 0, 0, 5);
         return GIFLAB_OK;
      }) == GIFLAB_INTERNAL);
      CHECK(call.text() == "scored output 0 of pair 0 twice (rule S13)");
   }
   SUBCASE("an exception") {
      CHECK(call.run([]() -> giflab_status { throw std::runtime_error("oh"); }) == GIFLAB_INTERNAL);
      CHECK(call.text() == "threw an exception across the plugin boundary (rule B4): oh");
   }
   SUBCASE("something thrown that is no exception") {
      CHECK(call.run([]() -> giflab_status { throw 7; }) == GIFLAB_INTERNAL);
      CHECK(call.text() == "threw something across the plugin boundary (rule B4)");
   }
   SUBCASE("an unknown status") {
      CHECK(call.run([] { return 99; }) == GIFLAB_INTERNAL);
      CHECK(call.text() == "returned the unknown status 99 (rule A6)");
   }
   SUBCASE("cancelled, though nobody wished for that") {
      CHECK(call.run([] { return GIFLAB_CANCELLED; }) == GIFLAB_INTERNAL);
      CHECK(call.text() == "returned GIFLAB_CANCELLED though call->cancelled() never said yes");
   }
   SUBCASE("a failure in one line, of which the first counts") {
      CHECK(call.run([&] {
         table->fail(table, GIFLAB_IO, "first");
         return table->fail(table, GIFLAB_IO, "second");
      }) == GIFLAB_IO);
      CHECK(call.text() == "first");
   }
}

TEST_CASE("of a plugin's long speech the beginning is kept") {
   const std::string longest(4096, 'a');
   modules::call_context call({}, 0, 0, 0);
   CHECK(call.run([&] {
      return call.table()->fail(call.table(), GIFLAB_IO, std::string(10'000'000, 'a').c_str());
   }) == GIFLAB_IO);
   CHECK(call.text() == longest + "...");
}

TEST_CASE("scratch is aligned, bounded by the arena, and gone after the call") {
   services::arena arena(1 << 20);
   modules::call_context call({.arena = &arena}, 0, 0, 0);
   const giflab_call *table = call.table();
   CHECK(call.run([&] {
      void *first = table->scratch(table, GIFLAB_MEMORY_HOST, 100);
      void *second = table->scratch(table, GIFLAB_MEMORY_HOST, 0);
      CHECK(first);
      CHECK(second);
      CHECK(reinterpret_cast<uintptr_t>(first) % 64 == 0);
      CHECK(reinterpret_cast<uintptr_t>(second) % 64 == 0);
      CHECK(first != second);
      CHECK_FALSE(table->scratch(table, GIFLAB_MEMORY_HOST, SIZE_MAX));
      CHECK_FALSE(table->scratch(table, GIFLAB_MEMORY_HOST, 2 << 20));
      CHECK_FALSE(table->scratch(table, GIFLAB_MEMORY_CUDA, 100));
      return GIFLAB_OK;
   }) == GIFLAB_OK);
   CHECK(arena.allocate((1 << 20) - 64)); // as good as new
}

TEST_CASE("cancellation shows in the call") {
   services::cancellation wish;
   modules::call_context call({nullptr, &wish, nullptr}, 0, 0, 0);
   CHECK_FALSE(call.table()->cancelled(call.table()));
   wish.request();
   CHECK(call.table()->cancelled(call.table()));
   CHECK(call.run([] { return GIFLAB_CANCELLED; }) == GIFLAB_CANCELLED);
}

TEST_CASE("the host answers for the services that it has, and for no others") {
   const giflab_host &host = modules::host_table();
   CHECK(host.query(&host, GIFLAB_TASKS) != nullptr);
   CHECK(host.query(&host, GIFLAB_TASKS) == host.query(&host, "giflab.tasks/1"));
   for (const char *id : {GIFLAB_MODELS, GIFLAB_FILES, GIFLAB_PROCESSES, GIFLAB_CACHE, GIFLAB_CUDA})
      CHECK(host.query(&host, id) != nullptr);
   CHECK(host.query(&host, "giflab.tasks/2") == nullptr);
   CHECK(host.query(&host, nullptr) == nullptr);
   CHECK(std::strcmp(host.name, "giflab") == 0);
}

namespace {

struct counting {
   std::atomic<uint32_t> runs{0};
   std::vector<std::atomic<uint32_t>> of_index = std::vector<std::atomic<uint32_t>>(1000);
   std::atomic<uint32_t> highest_lane{0};
   uint32_t fail_at = UINT32_MAX;
};

giflab_status count(void *user, uint32_t i, uint32_t lane) {
   auto &state = *static_cast<counting *>(user);
   ++state.runs;
   ++state.of_index[i];
   for (uint32_t seen = state.highest_lane;
        lane > seen && !state.highest_lane.compare_exchange_weak(seen, lane);) {
   }
   return i == state.fail_at ? GIFLAB_IO : GIFLAB_OK;
}

struct nested {
   const giflab_call *call;
   const giflab_tasks *tasks;
   counting inner;
};

giflab_status run_inner(void *user, uint32_t, uint32_t) {
   auto &state = *static_cast<nested *>(user);
   return state.tasks->run(state.call, 1000, count, &state.inner);
}

} // namespace

TEST_CASE("tasks run each index once, on lanes below lanes(), with any number of threads") {
   for (std::size_t threads : {0u, 1u, 2u, 5u}) {
      CAPTURE(threads);
      std::unique_ptr<services::task_pool> pool =
          threads ? std::make_unique<services::task_pool>(threads) : nullptr;
      modules::call_context call({nullptr, nullptr, pool.get()}, 0, 0, 0);
      const auto *tasks =
          static_cast<const giflab_tasks *>(call.table()->host->query(call.table()->host, GIFLAB_TASKS));
      CHECK(tasks->lanes(call.table()) == std::max<std::size_t>(threads, 1));

      counting state;
      CHECK(tasks->run(call.table(), 1000, count, &state) == GIFLAB_OK);
      CHECK(state.runs == 1000);
      for (const auto &runs : state.of_index)
         CHECK(runs == 1);
      CHECK(state.highest_lane < tasks->lanes(call.table()));

      counting none;
      CHECK(tasks->run(call.table(), 0, count, &none) == GIFLAB_OK);
      CHECK(none.runs == 0);

      counting failing;
      failing.fail_at = 10;
      CHECK(tasks->run(call.table(), 1000, count, &failing) == GIFLAB_IO);
      CHECK(failing.runs < 1000);

      nested outer{call.table(), tasks, {}};
      CHECK(tasks->run(call.table(), 20, run_inner, &outer) == GIFLAB_OK);
      CHECK(outer.inner.runs == 20'000);
   }
}
