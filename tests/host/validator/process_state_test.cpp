// What a call changed in the process is found and named.

#include "contains.hpp"
#include "validator/process_state.hpp"

#include <doctest/doctest.h>

#include <cfenv>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <sys/stat.h>

using namespace giflab::validator;
using giflab::tests::contains;

namespace {

// The words for what `rude` changes; `undo` puts it back.
std::string told(const std::function<void()> &rude, const std::function<void()> &undo) {
   const process_state before = current_process_state();
   rude();
   const process_state after = current_process_state();
   undo();
   CHECK(changes(before, current_process_state()) == "");
   return changes(before, after);
}

} // namespace

TEST_CASE("nothing changed, nothing told") {
   CHECK(changes(current_process_state(), current_process_state()) == "");
}

TEST_CASE("every kind of change is told by name") {
   CHECK(contains(told([] { std::fesetround(FE_UPWARD); }, [] { std::fesetround(FE_TONEAREST); }),
                  "rounding mode"));
   CHECK(contains(told([] { std::signal(SIGUSR1, SIG_IGN); }, [] { std::signal(SIGUSR1, SIG_DFL); }),
                  "signal 10"));
   CHECK(contains(told([] { std::setlocale(LC_ALL, "C.UTF-8"); }, [] { std::setlocale(LC_ALL, "C"); }),
                  "locale from C to C.UTF-8"));
   CHECK(contains(told([] { setenv("GIFLAB_NEW_ONE", "1", 1); }, [] { unsetenv("GIFLAB_NEW_ONE"); }),
                  "set GIFLAB_NEW_ONE"));
   setenv("GIFLAB_OLD_ONE", "1", 1);
   CHECK(contains(told([] { unsetenv("GIFLAB_OLD_ONE"); }, [] { setenv("GIFLAB_OLD_ONE", "1", 1); }),
                  "unset GIFLAB_OLD_ONE"));
   unsetenv("GIFLAB_OLD_ONE");
   const std::filesystem::path folder = std::filesystem::current_path();
   CHECK(contains(
       told([] { std::filesystem::current_path("/"); }, [&] { std::filesystem::current_path(folder); }),
       "working directory to /"));
   const mode_t mask = umask(022);
   CHECK(contains(told([] { umask(077); }, [] { umask(022); }), "umask from 022 to 077"));
   umask(mask);
}

TEST_CASE("a blocked signal is told") {
   sigset_t one;
   sigemptyset(&one);
   sigaddset(&one, SIGUSR2);
   CHECK(contains(told([&] { pthread_sigmask(SIG_BLOCK, &one, nullptr); },
                       [&] { pthread_sigmask(SIG_UNBLOCK, &one, nullptr); }),
                  "signal mask"));
}
