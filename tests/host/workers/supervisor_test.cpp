// What a supervisor makes of workers that find another module than was described, or do not go on.

#include "workers/supervisor.hpp"

#include "contains.hpp"
#include "engine/selection.hpp"
#include "plain_machine.hpp"
#include "scratch_folder.hpp"
#include "workers/worker.hpp"

#include <doctest/doctest.h>


#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace giflab;
using giflab::tests::contains;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

// A supervisor, a file of one picture, and a folder for modules.
struct supervision {
   const tests::scratch_folder folder;
   const fs::path modules = folder.path() / "modules";
   const std::string gif = folder.file("a.gif");
   services::cancellation wish;
   std::optional<workers::supervisor> shop;

   explicit supervision(const workers::time_limits &limits = {}) {
      fs::create_directories(modules);
      setenv("XDG_CACHE_HOME", folder.path().c_str(), 1);
      const char one_pixel[] = "GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02"
                               "D\x01\0;";
      std::ofstream(gif, std::ios::binary).write(one_pixel, sizeof one_pixel - 1);
      workers::supervisor_options how;
      how.limits = limits;
      how.start.program = GIFLAB; // where a sanitizer has a thread of its own, and nothing is forked
      how.start.life = [](int argc, const char *const *argv) {
         return workers::work(argc, argv, worker_tests::plain_machine).value_or(1);
      };
      shop.emplace(std::move(how), wish);
   }
   ~supervision() {
      shop.reset();
      unsetenv("XDG_CACHE_HOME");
   }

   modules::catalogue found_in(const std::vector<std::string> &folders) {
      auto found = shop->scan(folders, folders.size());
      REQUIRE(found);
      return std::move(*found);
   }

   // Of the picture and itself.
   result<results::comparison> compared(const modules::catalogue &found,
                                        const std::vector<std::string> &names) {
      auto plan = engine::select_metrics(found, names, {},
                                         [&](const modules::plugin &asked) { return shop->probe(asked); });
      REQUIRE(plan);
      return shop->compare(gif, gif, *plan, {}, nullptr);
   }
};

const modules::plugin &called(const modules::catalogue &found, const std::string &id) {
   const modules::plugin *one = found.find(id);
   REQUIRE(one);
   return *one;
}

} // namespace

TEST_CASE("a module that is damaged after it was found costs its own values") {
   supervision here;
   const fs::path copy = here.modules / "crashing.so";
   fs::copy_file(fs::path(CRASHING_PLUGINS) / "crashing.so", copy);
   const modules::catalogue found = here.found_in({here.modules.string(), BUILTIN_PLUGINS});
   SUBCASE("cut off") { fs::resize_file(copy, 100); }
   SUBCASE("another") {
      fs::remove(copy);
      fs::copy_file(fs::path(BEHAVIOUR_PLUGINS) / "behaviour.so", copy);
   }
   SUBCASE("gone") { fs::remove(copy); }
   const auto compared = here.compared(found, {"calls_exit", "mse", "hangs"});
   REQUIRE(compared);
   REQUIRE(compared->metrics.size() == 3);
   CHECK(compared->metrics[1].value == 0);
   for (const std::size_t i : {0, 2}) {
      CHECK(compared->metrics[i].status == results::status::failed);
      CHECK(contains(compared->metrics[i].reason, "has no plugin org.test."));
   }
}

TEST_CASE("what is wrong with a file ends a comparison, whoever reads it") {
   supervision here;
   const modules::catalogue found = here.found_in({CRASHING_PLUGINS, BUILTIN_PLUGINS});
   fs::remove(here.gif);
   for (const std::vector<std::string> &names :
        {std::vector<std::string>{"changes_folder"}, {"changes_folder", "mse"}}) {
      const auto compared = here.compared(found, names);
      REQUIRE_FALSE(compared);
      CHECK(compared.error().kind == problem::input);
      CHECK(contains(compared.error().text, "a.gif: there is no such file"));
   }
}

TEST_CASE("a probe that does not answer makes its plugin unavailable, and no other") {
   supervision here({.probing = 300ms});
   const modules::catalogue found = here.found_in({CRASHING_PLUGINS, BUILTIN_PLUGINS});
   CHECK(here.shop->probe(called(found, "org.test.hangs_in_probe")).unavailable ==
         "did not answer within 0.3 s in probe of org.test.hangs_in_probe");
   const auto compared = here.compared(found, {"hangs_in_probe", "mse"});
   REQUIRE(compared);
   CHECK(compared->metrics[0].status == results::status::unavailable);
   CHECK(compared->metrics[1].value == 0);
}

TEST_CASE("a module that never loads is turned away") {
   supervision here({.loading = 1s});
   const modules::catalogue found = here.found_in({HANGING_PLUGINS, BUILTIN_PLUGINS});
   CHECK(found.find("org.giflab.error"));
   REQUIRE_FALSE(found.rejected().empty());
   CHECK(contains(found.rejected()[0].path, "never_loads.so"));
   CHECK(found.rejected()[0].reason == "the process that loads it did not answer within 1 s");
}

TEST_CASE("a wish to stop is not kept waiting by a plugin that hangs") {
   supervision here({.stopping = 100ms});
   const modules::catalogue found = here.found_in({CRASHING_PLUGINS, BUILTIN_PLUGINS});
   REQUIRE(here.compared(found, {"changes_folder"})); // as long as there is one thread a worker can be forked
   std::jthread person([&] {
      std::this_thread::sleep_for(300ms);
      here.wish.request();
   });
   const auto compared = here.compared(found, {"hangs"});
   REQUIRE_FALSE(compared);
   CHECK(compared.error().kind == problem::cancelled);
}
