#include "services/profile.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <thread>

using namespace giflab::services;

namespace {

constexpr auto a_while = std::chrono::milliseconds(5);
constexpr int64_t a_while_ns = 5'000'000;

// Holds the processor for that long at least.
void work() {
   const auto end = std::chrono::steady_clock::now() + a_while;
   while (std::chrono::steady_clock::now() < end)
      ;
}

const stage_total *find(const std::vector<stage_total> &totals, stage what, uint32_t thread = 1) {
   for (const stage_total &one : totals)
      if (one.stage == what && one.thread == thread)
         return &one;
   return nullptr;
}

} // namespace

TEST_CASE("a stage has its own time and that of what was timed inside of it") {
   profile times(false);
   {
      const stage_timer outer(&times, stage::aligning);
      work();
      for (int i = 0; i < 2; ++i) {
         const stage_timer inner(&times, stage::decoding);
         work();
      }
   }
   const auto totals = times.totals();
   REQUIRE(totals.size() == 2);
   const stage_total *outer = find(totals, stage::aligning), *inner = find(totals, stage::decoding);
   REQUIRE(outer);
   REQUIRE(inner);
   CHECK(outer->count == 1);
   CHECK(inner->count == 2);
   CHECK(inner->own_ns >= 2 * a_while_ns);
   CHECK(inner->own_ns == inner->whole_ns);
   CHECK(outer->own_ns >= a_while_ns);
   CHECK(outer->own_ns == outer->whole_ns - inner->whole_ns);
   CHECK(outer->whole_ns <= times.elapsed_ns());
   CHECK(inner->own_cpu_ns > 0);
}

TEST_CASE("time asleep is no processor time") {
   profile times(false);
   {
      const stage_timer timer(&times, stage::waiting);
      std::this_thread::sleep_for(a_while);
   }
   const auto totals = times.totals();
   REQUIRE(totals.size() == 1);
   CHECK(totals[0].own_ns >= a_while_ns);
   CHECK(totals[0].own_cpu_ns < a_while_ns / 2);
}

TEST_CASE("threads and plugins are told apart, one profile from the next, and what still runs is left out") {
   for (int round = 0; round < 2; ++round) {
      profile times(false);
      const stage_timer open(&times, stage::waiting);
      { const stage_timer timer(&times, stage::plugin, "a"); }
      std::thread([&] {
         { const stage_timer timer(&times, stage::plugin, "a"); }
         { const stage_timer timer(&times, stage::plugin, std::string("b")); }
      }).join();
      const auto totals = times.totals();
      REQUIRE(totals.size() == 3);
      CHECK(totals[0].thread == 1);
      CHECK(totals[0].subject == "a");
      CHECK(totals[1].thread == 2);
      CHECK(totals[1].subject == "a");
      CHECK(totals[2].thread == 2);
      CHECK(totals[2].subject == "b");
   }
}

TEST_CASE("a trace has one span for each stretch, up to its bound") {
   profile times(true, 3);
   {
      const stage_timer outer(&times, stage::aligning);
      for (int i = 0; i < 4; ++i)
         const stage_timer inner(&times, stage::decoding);
   }
   const auto spans = times.spans();
   REQUIRE(spans.size() == 3);
   CHECK(times.spans_dropped() == 2);
   CHECK(spans[0].stage == stage::aligning);
   for (std::size_t i = 1; i < spans.size(); ++i) {
      CHECK(spans[i].stage == stage::decoding);
      CHECK(spans[i].begin_ns >= spans[0].begin_ns);
      CHECK(spans[i].begin_ns + spans[i].length_ns <= spans[0].begin_ns + spans[0].length_ns);
   }
   CHECK(profile(false).spans().empty());
}

TEST_CASE("what another process gathered is told beside the rest, under its name") {
   profile here(false), there(false);
   { const stage_timer timer(&there, stage::plugin, "a"); }
   here.add("worker 1", there.totals());
   const auto totals = here.totals();
   REQUIRE(totals.size() == 1);
   CHECK(totals[0].process == "worker 1");
   CHECK(totals[0].subject == "a");
   CHECK(totals[0].count == 1);
}
