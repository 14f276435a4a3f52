// Jobs that end in every way that a process can, and what is told of them.

#include "own_process.hpp"
#include "validated.hpp"
#include "validator/blame.hpp"
#include "validator/isolated.hpp"

#include <doctest/doctest.h>

#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

using namespace giflab;
using namespace giflab::validator;
using giflab::tests::has_children, giflab::tests::open_descriptors;
using validator_tests::sanitized;
using namespace std::chrono_literals;

namespace {

using work = std::function<std::string()>;

std::vector<isolated_outcome> ran(const std::vector<isolated_job> &jobs, std::size_t at_once = 2) {
   const services::cancellation never;
   std::vector<isolated_outcome> outcomes(jobs.size());
   std::vector<int> told(jobs.size());
   run_isolated(jobs, at_once, never, [&](std::size_t i, const isolated_outcome &ended) {
      outcomes[i] = ended;
      ++told[i];
   });
   CHECK(told == std::vector<int>(jobs.size(), 1));
   return outcomes;
}

isolated_outcome ran(work done, std::chrono::milliseconds limit = 30s) {
   return ran({isolated_job{std::move(done), limit}})[0];
}

fault_place place_of(const isolated_outcome &died) { return static_cast<fault_place>(died.place); }

// Pages of no use, or that can only be read.
char *pages(std::size_t bytes, int protection) {
   return static_cast<char *>(mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

// Hides a pointer from the compiler, which would see where this leads.
void write_to(char *where) {
   char *volatile hidden = where;
   *hidden = 1;
}

int deep(volatile char *above) {
   volatile char here[4096];
   here[0] = above[0];
   return here[0] == 77 ? 0 : deep(here) + here[0]; // it is never 77, which no compiler knows
}

} // namespace

TEST_CASE("the text of a job comes back whole, however long") {
   std::vector<isolated_job> jobs;
   for (const std::size_t length : {0u, 1u, 4096u, 5'000'000u})
      jobs.push_back({[length] { return std::string(length, 'x'); }});
   const auto outcomes = ran(jobs);
   for (std::size_t i = 0; i < jobs.size(); ++i) {
      CHECK(outcomes[i].finished);
      CHECK(outcomes[i].text == jobs[i].work());
      CHECK(outcomes[i].signal == 0);
   }
}

TEST_CASE("a job that exits says with what code, and what it was doing") {
   const isolated_outcome ended = ran([]() -> std::string {
      now_doing("measure of org.x");
      std::printf("bye\n");
      std::exit(3); // NOLINT: what plugins do
   });
   CHECK_FALSE(ended.finished);
   CHECK_FALSE(ended.timed_out);
   CHECK(ended.exit_code == 3);
   CHECK(ended.signal == 0);
   CHECK(ended.doing == "measure of org.x");
   CHECK(ended.output == "bye\n");
   const isolated_outcome quiet = ran([]() -> std::string { _exit(0); });
   CHECK_FALSE(quiet.finished); // although it did not fail
}

TEST_CASE("a result that something else was written over is none") {
   for (const std::string stray : {"x", "p", "0\n", "4\nwell", "\n<whole>\n", "4\nwell\n<whole>\n"}) {
      CAPTURE(stray);
      const isolated_outcome ended = ran([&stray]() -> std::string {
         for (int file = 3; file < 32; ++file)
            [[maybe_unused]] const ssize_t written = write(file, stray.data(), stray.size());
         return "well";
      });
      CHECK_FALSE(ended.finished);
      CHECK(ended.garbled);
      CHECK(ended.text.empty());
   }
}

TEST_CASE("an exception that nobody catches ends in an abort that tells it") {
   const isolated_outcome ended = ran([]() -> std::string { throw std::runtime_error("too late"); });
   CHECK_FALSE(ended.finished);
   CHECK(ended.signal == SIGABRT);
   CHECK(ended.output.find("too late") != std::string::npos);
}

TEST_CASE("a signal is told, and where a fatal access went") {
   const auto aborted = ran([]() -> std::string { std::abort(); });
   CHECK(aborted.signal == SIGABRT);
   CHECK(place_of(aborted) == fault_place::none);
   CHECK(ran([]() -> std::string { return raise(SIGKILL), ""; }).signal == SIGKILL);
   if (sanitized) {
      MESSAGE("fatal accesses are told by the sanitizer in this build");
      return;
   }
   const auto null = ran([]() -> std::string { return write_to(reinterpret_cast<char *>(0x10)), ""; });
   CHECK(null.signal == SIGSEGV);
   CHECK(place_of(null) == fault_place::null_page);
   CHECK(null.address == 0x10);
   const auto impossible =
       ran([]() -> std::string { return write_to(reinterpret_cast<char *>(uint64_t{0x1234} << 48)), ""; });
   CHECK(place_of(impossible) == fault_place::elsewhere);
   const auto sent = ran([]() -> std::string { return raise(SIGSEGV), ""; });
   CHECK(sent.signal == SIGSEGV);
   CHECK(place_of(sent) == fault_place::none);
}

TEST_CASE("memory that was marked is told apart") {
   if (sanitized) {
      MESSAGE("fatal accesses are told by the sanitizer in this build");
      return;
   }
   struct {
      fault_place mark, told;
   } cases[] = {{fault_place::guard, fault_place::guard},
                {fault_place::input, fault_place::input},
                {fault_place::old_scratch, fault_place::old_scratch},
                {fault_place::none, fault_place::elsewhere}};
   for (const auto &one : cases) {
      const auto died = ran([&]() -> std::string {
         char *memory = pages(8192, PROT_READ);
         mark_memory(memory, 8192, fault_place::guard);
         mark_memory(memory + 100, 50, one.mark); // over the one before
         if (one.mark == fault_place::none)
            mark_memory(memory, 8192, fault_place::none);
         return write_to(memory + 149), "";
      });
      CHECK(died.signal == SIGSEGV);
      CHECK(place_of(died) == one.told);
   }
   const auto beside = ran([]() -> std::string {
      char *memory = pages(8192, PROT_READ);
      mark_memory(memory, 8192, fault_place::guard);
      mark_memory(memory + 100, 50, fault_place::input);
      for (int i = 0; i < 10000; ++i) // more than are remembered
         mark_memory(memory + 4096, 1, fault_place::old_scratch);
      mark_memory(memory, 100, fault_place::input);
      return write_to(memory + 99), "";
   });
   CHECK(place_of(beside) == fault_place::input);
}

TEST_CASE("a stack overflow is told, in a thread that has a stack for it too") {
   if (sanitized) {
      MESSAGE("fatal accesses are told by the sanitizer in this build");
      return;
   }
   const auto overflow = [] {
      volatile char start = 0;
      return std::to_string(deep(&start));
   };
   CHECK(place_of(ran(overflow)) == fault_place::stack);
   const auto in_thread = ran([&]() -> std::string {
      std::thread([&] {
         const alternate_stack mine;
         overflow();
      }).join();
      return "";
   });
   CHECK(in_thread.signal == SIGSEGV);
   CHECK(place_of(in_thread) == fault_place::stack);
}

TEST_CASE("a job that hangs is ended at its limit, with all that it started") {
   // A job on a busy machine may not come to its first word in the shortest of them.
   for (const auto limit : {200ms, 2000ms, 20'000ms}) {
      const auto began = std::chrono::steady_clock::now();
      const auto outcomes = ran({{[]() -> std::string {
                                     now_doing("waiting");
                                     fork();
                                     for (;;)
                                        pause();
                                  },
                                  limit},
                                 {[] { return std::string("well"); }}});
      CHECK(outcomes[0].timed_out);
      CHECK_FALSE(outcomes[0].finished);
      CHECK(outcomes[1].text == "well");
      CHECK(std::chrono::steady_clock::now() - began < limit + 25s);
      CHECK_FALSE(has_children());
      if (outcomes[0].doing == "waiting")
         return;
   }
   FAIL("the job never told what it was doing");
}

TEST_CASE("what a job leaves behind in its group is killed, and reaped") {
   const auto ended = ran([]() -> std::string {
      const pid_t survivor = fork();
      if (survivor == 0)
         for (;;)
            pause();
      return std::to_string(survivor);
   });
   REQUIRE(ended.finished);
   CHECK(kill(std::stoi(ended.text), 0) == -1); // not even a zombie
   CHECK_FALSE(has_children());
}

TEST_CASE("a flood of output is read to its end, and its end is kept") {
   const auto ended = ran([]() -> std::string {
      const std::string line(99'999, 'x');
      for (int i = 0; i < 1000; ++i)
         std::puts(line.c_str());
      std::fputs("the end", stderr);
      return "done";
   });
   CHECK(ended.text == "done");
   CHECK(ended.output.size() == 4096);
   CHECK(ended.output.find("xxx\n") != std::string::npos);
   CHECK(ended.output.find("the end") != std::string::npos);
}

TEST_CASE("a job gets nothing from its parent's terminal and files") {
   const std::size_t here = open_descriptors();
   const auto ended = ran([] { return std::to_string(open_descriptors()) + " " + std::to_string(getchar()); });
   CHECK(ended.text == "5 -1"); // the three, the result, and the listing itself
   CHECK(open_descriptors() == here);
}

TEST_CASE("a wish to stop is heard at once") {
   services::cancellation cancelled;
   cancelled.request();
   int told = 0;
   run_isolated({{[] { return std::string(); }}}, 1, cancelled,
                [&](std::size_t, const isolated_outcome &) { ++told; });
   CHECK(told == 0);

   services::cancellation in_between;
   const std::vector<isolated_job> jobs = {{[] { return std::string(); }}, {[]() -> std::string {
                                              for (;;)
                                                 pause();
                                           }}};
   const auto began = std::chrono::steady_clock::now();
   run_isolated(jobs, 2, in_between, [&](std::size_t, const isolated_outcome &) { in_between.request(); });
   CHECK(std::chrono::steady_clock::now() - began < 25s); // the other job alone would take 30
   CHECK_FALSE(has_children());
}
