// What a page says of a process that is gone.

#include "workers/blame.hpp"

#include "modules/call.hpp"

#include <doctest/doctest.h>

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <thread>

using namespace giflab;
using namespace giflab::workers;

namespace {

// The blame for what a process does that is forked for it; its status.
std::pair<blame, int> blamed_for(const std::function<void()> &deed) {
   const shared_page page;
   const pid_t process = fork();
   REQUIRE(process >= 0);
   if (process == 0) {
      note_calls_on(page.page());
      deed();
      std::exit(0);
   }
   int status = 0;
   REQUIRE(waitpid(process, &status, 0) == process);
   return {page.read(), status};
}

void call(const char *plugin, const char *entry, int64_t frame, const std::function<void()> &body) {
   modules::call_context context({}, 0, 0, 0);
   context.about({plugin, entry, frame, 2});
   context.run([&] {
      body();
      return GIFLAB_OK;
   });
}

} // namespace

TEST_CASE("calls that have returned are not to blame") {
   const auto [told, status] = blamed_for([] {
      call("org.a", "measure", 0, [] {});
      raise(SIGKILL);
   });
   CHECK(WTERMSIG(status) == SIGKILL);
   CHECK(told.calls.empty());
   CHECK(told.loading.empty());
}

TEST_CASE("a call that would end its thread is to blame for the end of the process") {
   const auto [told, status] = blamed_for([] { call("org.a", "measure", 0, [] { pthread_exit(nullptr); }); });
   CHECK(WTERMSIG(status) == SIGABRT);
   REQUIRE(told.calls.size() == 1);
   CHECK(told.calls[0].plugin == "org.a");
}

TEST_CASE("the call that raised a fatal signal, or left by exit(), is told from others that were under way") {
   for (const bool leaves : {false, true}) {
      const auto [told, status] = blamed_for([&] {
         std::atomic<bool> entered = false;
         std::thread other([&] {
            call("org.waits", "measure", 0, [&] {
               entered = true;
               for (;;)
                  pause();
            });
         });
         while (!entered)
            std::this_thread::yield();
         call("org.guilty", "apply", 7, [&] { leaves ? std::exit(5) : std::abort(); });
      });
      CHECK((leaves ? WEXITSTATUS(status) == 5 : WTERMSIG(status) == SIGABRT));
      REQUIRE(told.calls.size() == 1);
      CHECK(told.calls[0].plugin == "org.guilty");
      CHECK(told.calls[0].entry == "apply");
      CHECK(told.calls[0].frame == 7);
      CHECK(told.calls[0].frames == 2);
   }
}

TEST_CASE("where nobody can tell, all that were under way are named") {
   const auto [told, status] = blamed_for([] {
      std::atomic<bool> entered = false;
      std::thread other([&] {
         call("org.waits", "measure", 0, [&] {
            entered = true;
            for (;;)
               pause();
         });
      });
      while (!entered)
         std::this_thread::yield();
      call("org.killed", "measure", 1, [] { raise(SIGKILL); });
   });
   CHECK(told.calls.size() == 2);
}

TEST_CASE("names longer than their place are cut, and what is being loaded is told") {
   const std::string longest(300, 'x');
   const auto [told, status] = blamed_for([&] { call(longest.c_str(), "measure", 0, [] { raise(SIGKILL); }); });
   REQUIRE(told.calls.size() == 1);
   CHECK(told.calls[0].plugin == longest.substr(0, 94));
   const shared_page page;
   note_loading(page.page(), "/a/module.so");
   CHECK(page.read().loading == "/a/module.so");
   note_loading(page.page(), "");
   CHECK(page.read().loading.empty());
}
