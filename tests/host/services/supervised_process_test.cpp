#include "services/supervised_process.hpp"

#include "own_process.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <thread>

using namespace giflab;
using namespace giflab::services;
using giflab::tests::has_children, giflab::tests::open_descriptors;
using namespace std::chrono_literals;

namespace {

process_request shell(const std::string &script) {
   process_request request;
   request.argv = {"/bin/sh", "-c", script};
   request.deadline = 60s;
   return request;
}

process_outcome ran(const process_request &request) {
   auto outcome = run_process(request);
   REQUIRE_MESSAGE(outcome, (outcome ? "" : outcome.error().text));
   return *outcome;
}

bool comes_true(const std::function<bool()> &condition) {
   for (int i = 0; i < 6000; ++i) {
      if (condition())
         return true;
      std::this_thread::sleep_for(10ms);
   }
   return false;
}

// With limits that grow until the outcome is the one that `meant` waits for: on a busy machine a shell may take
// its time to come to its first line. The last outcome is returned in any case.
process_outcome ran_within(process_request request, std::chrono::milliseconds process_request::*limit,
                           std::chrono::milliseconds first,
                           const std::function<bool(const process_outcome &)> &meant) {
   process_outcome outcome;
   for (const int longer : {1, 10, 60}) {
      request.*limit = first * longer;
      outcome = ran(request);
      CHECK(outcome.wall >= first * longer);
      CHECK(outcome.wall < first * longer + 30s);
      if (meant(outcome))
         break;
   }
   return outcome;
}

// Gone, or a zombie that waits for whoever adopts orphans here.
bool is_dead(pid_t process) {
   std::ifstream stat(fmt::format("/proc/{}/stat", process));
   std::string number, name, state;
   return !(stat >> number >> name >> state) || state == "Z" || state == "X";
}

} // namespace

TEST_CASE("a program's exit code, signal and output come back") {
   const process_outcome fine = ran(shell("echo out; echo err >&2; echo again"));
   CHECK(fine.end == process_end::exited);
   CHECK(fine.exit_code == 0);
   CHECK(fine.signal == 0);
   CHECK(fine.output == "out\nerr\nagain\n");
   CHECK(fine.wall > 0us);

   CHECK(ran(shell("exit 7")).exit_code == 7);
   CHECK(described(ran(shell("exit 7"))) == "exited with 7");
   const process_outcome killed = ran(shell("kill -SEGV $$"));
   CHECK(killed.end == process_end::exited);
   CHECK(killed.signal == SIGSEGV);
   CHECK(killed.exit_code == 0);
   CHECK(described(killed) == "was killed by signal 11 (Segmentation fault)");
}

TEST_CASE("processor time is told apart from time that passes") {
   const process_outcome busy = ran(shell("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"));
   CHECK(busy.cpu > 10ms);
   const process_outcome idle = ran(shell("sleep 0.3"));
   CHECK(idle.wall >= 300ms);
   CHECK(idle.cpu < 250ms);
}

TEST_CASE("arguments arrive as they are") {
   const std::vector<std::string> awkward = {
       "two words", "'quotes\" `id` $HOME \\", "new\nline", "-rf", "--", "", "*", "\xc3\xa9\xff"};
   process_request request;
   request.argv = {"/usr/bin/printf", "[%s]"};
   std::string expected;
   for (const std::string &argument : awkward) {
      request.argv.push_back(argument);
      expected += "[" + argument + "]";
   }
   CHECK(ran(request).output == expected);
}

TEST_CASE("the child has a clean start") {
   struct sigaction before {};
   sigaction(SIGPIPE, nullptr, &before);
   std::signal(SIGPIPE, SIG_IGN);
   const int stray = fcntl(STDIN_FILENO, F_DUPFD, 50); // without close-on-exec
   process_request request =
       shell("read x; echo read=$?; ls /proc/$$/fd; "
             "ulimit -c; pwd; echo $ADDED; echo $PATH; echo $(ps -o pgid= -p $$ 2>/dev/null || "
             "cut -d' ' -f5 /proc/$$/stat) $$");
   request.directory = "/usr";
   request.environment = {{"ADDED", "a b"}, {"PATH", "/usr/bin:/bin"}};
   const process_outcome outcome = ran(request);
   // Of the child itself: a shell blocks signals for moments of its own.
   process_request status;
   status.argv = {find_program("grep").value().string(), "-E", "Sig(Blk|Ign)", "/proc/self/status"};
   const std::string signals = ran(status).output;
   sigaction(SIGPIPE, &before, nullptr);
   close(stray);
   CAPTURE(outcome.output);
   CHECK(outcome.output.starts_with("read=1\n")); // at once the end of an empty input
   CHECK(signals == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
   CHECK(outcome.output.find("\n0\n1\n2\n0\n/usr\na b\n/usr/bin:/bin\n") != std::string::npos);
   const std::size_t last = outcome.output.rfind('\n', outcome.output.size() - 2);
   const std::string line = outcome.output.substr(last + 1);
   CHECK(std::stol(line) == std::stol(line.substr(line.find_last_of(' '))));
   CHECK(std::stol(line) != getpgrp());
}

TEST_CASE("a program at its limits is asked to stop, and then killed") {
   SUBCASE("it listens") {
      const process_outcome outcome =
          ran_within(shell("trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.05; done"),
                     &process_request::deadline, 300ms, [](const auto &told) { return told.exit_code == 3; });
      CHECK(outcome.end == process_end::timed_out);
      CHECK(outcome.exit_code == 3);
      CHECK(outcome.output.starts_with("up\n")); // the shell may tell of its sleep, which got the signal too
      CHECK(outcome.output.ends_with("bye\n"));
   }
   SUBCASE("it does not") {
      const process_outcome outcome =
          ran_within(shell("trap '' TERM; while :; do sleep 1; done"), &process_request::deadline, 100ms,
                     [](const auto &told) { return told.signal == SIGKILL; });
      CHECK(outcome.end == process_end::timed_out);
      CHECK(outcome.signal == SIGKILL);
      CHECK(outcome.wall >= 600ms);
   }
   SUBCASE("it falls silent") {
      const std::string all = "1\n2\n3\n4\n";
      const process_outcome outcome =
          ran_within(shell("for i in 1 2 3 4; do echo $i; sleep 0.2; done; exec sleep 600"),
                     &process_request::stall, 400ms, [&](const auto &told) { return told.output == all; });
      CHECK(outcome.end == process_end::stalled);
      CHECK(outcome.output == all);
      CHECK(outcome.wall >= 1s);
   }
   SUBCASE("somebody asks") {
      cancellation wish;
      std::thread person([&] {
         std::this_thread::sleep_for(200ms);
         wish.request();
      });
      process_request request = shell("sleep 60");
      request.cancelled = &wish;
      const process_outcome outcome = ran(request);
      person.join();
      CHECK(outcome.end == process_end::cancelled);
      CHECK(outcome.signal == SIGTERM);
      CHECK(outcome.wall < 30s);
   }
   SUBCASE("it wants too much memory") {
      process_request request = shell("x=$(head -c 300000000 /dev/zero | tr '\\0' x); echo ${#x}");
      request.memory_limit = 100'000'000;
      const process_outcome outcome = ran(request);
      CHECK((outcome.exit_code != 0 || outcome.signal != 0));
   }
}

TEST_CASE("a flood of output costs no memory, and its end is kept") {
   rusage before{}, after{};
   getrusage(RUSAGE_SELF, &before);
   const process_outcome outcome = ran(shell("head -c 200000000 /dev/zero | tr '\\0' x >&2; echo end"));
   getrusage(RUSAGE_SELF, &after);
   CHECK(outcome.exit_code == 0);
   CHECK(outcome.output.size() == 65536);
   CHECK(outcome.output.ends_with("xxxend\n"));
   CHECK(after.ru_maxrss - before.ru_maxrss < 16 * 1024); // KiB
}

TEST_CASE("what a program leaves in the background does not survive it, nor hold anybody up") {
   const process_outcome outcome = ran(shell("sleep 60 & echo $!"));
   CHECK(outcome.exit_code == 0);
   CHECK(outcome.wall < 30s);
   const auto survivor = static_cast<pid_t>(std::stol(outcome.output));
   CHECK(comes_true([&] { return is_dead(survivor); }));
   // One that writes for ever through the pipe that it inherited.
   const process_outcome noisy = ran(shell("(trap '' TERM HUP; while :; do echo noise; done) & sleep 0.1"));
   CHECK(noisy.exit_code == 0);
   CHECK(noisy.wall < 30s);
}

TEST_CASE("a program that cannot be started is an error that says why") {
   const auto text_of = [](const process_request &request) {
      auto outcome = run_process(request);
      REQUIRE_FALSE(outcome);
      return outcome.error().text;
   };
   process_request request;
   request.argv = {"/nowhere/at all"};
   CHECK(text_of(request) ==
         "'/nowhere/at all' cannot be started: the program could not be executed: No such file or directory");
   request.argv = {"/etc/passwd"};
   CHECK(text_of(request) ==
         "'/etc/passwd' cannot be started: the program could not be executed: Permission denied");
   request = shell("true");
   request.directory = "/nowhere";
   CHECK(text_of(request) ==
         "'/bin/sh' cannot be started: its directory cannot be entered: No such file or directory");
   request.argv = {"sh"};
   CHECK(text_of(request) == "a program to run is named by its absolute path");
   request.argv.clear();
   CHECK(text_of(request) == "a program to run is named by its absolute path");
}

TEST_CASE("many programs leave no descriptor, zombie or thread's death behind") {
   ran(shell("true"));
   const std::size_t before = open_descriptors();
   process_request missing;
   missing.argv = {"/nowhere"};
   process_request slow = shell("sleep 60");
   slow.deadline = 20ms;
   for (int i = 0; i < 50; ++i) {
      CHECK(ran(shell("exit 1")).exit_code == 1);
      if (i % 10 == 0) {
         CHECK_FALSE(run_process(missing));
         CHECK(ran(slow).end == process_end::timed_out);
      }
   }
   CHECK(open_descriptors() == before);
   CHECK_FALSE(has_children());
}

TEST_CASE("several threads run programs at once") {
   std::atomic<int> right{0};
   std::vector<std::thread> threads;
   for (int i = 0; i < 4; ++i)
      threads.emplace_back([&, i] {
         for (int k = 0; k < 10; ++k) {
            const auto outcome = run_process(shell(fmt::format("echo {}; exit {}", i * 100 + k, i)));
            right += outcome && outcome->exit_code == i && outcome->output == fmt::format("{}\n", i * 100 + k);
         }
      });
   for (std::thread &thread : threads)
      thread.join();
   CHECK(right == 40);
}

TEST_CASE("programs are found on PATH by bare names") {
   const auto sh = find_program("sh");
   REQUIRE(sh);
   CHECK(sh->is_absolute());
   CHECK(ran({.argv = {sh->string(), "-c", "exit 4"}, .directory = {}, .environment = {}}).exit_code == 4);
   CHECK_FALSE(find_program("no-such-program-anywhere"));
   CHECK_FALSE(find_program("/bin/sh"));
   CHECK_FALSE(find_program("../bin/sh"));
   CHECK_FALSE(find_program(""));
   const std::string path = getenv("PATH");
   setenv("PATH", ".::bin", 1);
   CHECK_FALSE(find_program("sh")); // never from the current folder
   setenv("PATH", path.c_str(), 1);
}
