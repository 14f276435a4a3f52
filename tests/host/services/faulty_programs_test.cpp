// What is left behind by many programs, of which some do all that programs should not: nothing.

#include "living_processes.hpp"
#include "own_process.hpp"
#include "scratch_folder.hpp"
#include "services/sandbox.hpp"
#include "services/supervised_process.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

using namespace giflab::services;
using giflab::tests::has_children, giflab::tests::open_descriptors, giflab::tests::running_threads;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr int spawns = 200;
constexpr int every = 10; // one of so many is faulty
constexpr int threads = 8;

// A program and how it is to end.
struct fault {
   const char *script;
   std::chrono::milliseconds deadline, stall;
   process_end end;
};

constexpr std::array faults = {
    // hangs, and listens
    fault{"sleep 100", 50ms, 0ms, process_end::timed_out},
    // hangs, and does not listen
    fault{"trap '' TERM; while :; do sleep 0.2; done", 50ms, 0ms, process_end::timed_out},
    // falls silent
    fault{"echo up; sleep 100", 60s, 100ms, process_end::stalled},
    // closes its pipes and lives on
    fault{"exec >&- 2>&-; sleep 100", 100ms, 0ms, process_end::timed_out},
    // crashes
    fault{"kill -SEGV $$", 60s, 0ms, process_end::exited},
    fault{"kill -KILL $$", 60s, 0ms, process_end::exited},
    // floods standard error, and both without end
    fault{"head -c 3000000 /dev/zero >&2", 60s, 0ms, process_end::exited},
    fault{"(while :; do echo flood; done) & while :; do echo flood >&2; done", 100ms, 0ms,
          process_end::timed_out},
    // forks a survivor: in its group, in a session of its own, and one that forked twice and shut its ears,
    // forgot its environment and breeds
    fault{"sleep 100 & echo left", 60s, 0ms, process_end::exited},
    fault{"setsid -f sleep 100", 60s, 0ms, process_end::exited},
    fault{"(setsid -f env -i GIFLAB_TEST_RUN=\"$GIFLAB_TEST_RUN\" sh -c \"trap '' TERM HUP; exec >&- 2>&-; "
          "setsid -f sleep 100; while :; do sleep 100; done\") & wait; sleep 0.1",
          60s, 0ms, process_end::exited},
    // leaves its descendants when it is killed
    fault{"setsid sh -c 'sleep 100 & sleep 100' & trap '' TERM; while :; do sleep 0.2; done", 100ms, 0ms,
          process_end::timed_out},
};

// Runs in a folder of its own, and litters it.
bool ends_as_expected(sandbox &in, int number, const std::string &mark) {
   auto folder = in.open_call();
   if (!folder)
      return false;
   const bool faulty = number % every == 0;
   const fault &chosen = faults[static_cast<std::size_t>(number / every) % faults.size()];
   process_request request;
   const std::string script = faulty ? chosen.script : fmt::format("echo {0}; exit {0}", number % 100);
   request.argv = {"/bin/sh", "-c", "echo x > litter; mkdir more; echo y > more/litter; " + script};
   request.directory = folder->path();
   request.environment = {{"GIFLAB_TEST_RUN", mark}};
   request.deadline = faulty ? chosen.deadline : 60s;
   request.stall = faulty ? chosen.stall : 0ms;
   const auto outcome = run_process(request);
   if (!outcome)
      return false;
   if (faulty)
      return outcome->end == chosen.end && outcome->wall < 30s;
   return outcome->end == process_end::exited && outcome->exit_code == number % 100 &&
          outcome->output == fmt::format("{}\n", number % 100);
}

} // namespace

TEST_CASE("200 programs of which a tenth hang, crash, flood or fork survivors leave nothing") {
   static_assert(spawns / every >= static_cast<int>(faults.size()));
   const std::string mark = fmt::format("run-{}-{}", getpid(), fs::current_path().string());
   const giflab::tests::scratch_folder parent;
   std::thread([] {}).join(); // sanitizers start a thread of their own with the first
   const std::size_t descriptors = open_descriptors(), threads_before = running_threads();
   {
      sandbox in(parent.path());
      std::atomic<int> next{0}, right{0};
      std::vector<std::thread> runners;
      for (int i = 0; i < threads; ++i)
         runners.emplace_back([&] {
            for (int mine = next++; mine < spawns; mine = next++) {
               const bool good = ends_as_expected(in, mine, mark);
               right += good;
               if (!good)
                  fmt::print(stderr, "program {} did not end as it should\n", mine);
            }
         });
      for (std::thread &runner : runners)
         runner.join();
      CHECK(right == spawns);
      // Nothing but the lock that says whose the folder is.
      CHECK(std::distance(fs::directory_iterator(in.path()), fs::directory_iterator()) == 1);
      for (const std::string &left : living_processes_with(mark))
         FAIL_CHECK("still there: " << left);
      CHECK_FALSE(has_children());
   }
   CHECK(fs::is_empty(parent.path()));
   CHECK(open_descriptors() == descriptors);
   CHECK(running_threads() == threads_before);
}

TEST_CASE("a giflab that is killed takes its programs along, and what they left") {
   const std::string mark = fmt::format("killed-{}", getpid());
   const pid_t process = fork();
   REQUIRE(process >= 0);
   if (process == 0) {
      process_request request;
      request.argv = {"/bin/sh", "-c",
                      "setsid -f sleep 100; sleep 100 & trap '' TERM HUP; while :; do sleep 1; done"};
      request.environment = {{"GIFLAB_TEST_RUN", mark}};
      (void)run_process(request);
      _exit(1);
   }
   const auto comes_true = [](const auto &condition) {
      for (int i = 0; i < 6000 && !condition(); ++i)
         std::this_thread::sleep_for(10ms);
      return condition();
   };
   CHECK(comes_true([&] { return living_processes_with(mark).size() >= 4; })); // the shell and its three
   kill(process, SIGKILL);
   waitpid(process, nullptr, 0);
   CHECK(comes_true([&] { return living_processes_with(mark).empty(); }));
}
