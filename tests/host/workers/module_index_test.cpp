// Descriptions that are kept from start to start: given back only for files that are what they were.

#include "workers/module_index.hpp"

#include "modules/description.hpp"
#include "plain_machine.hpp"
#include "scratch_folder.hpp"
#include "workers/descriptors.hpp"
#include "workers/supervisor.hpp"
#include "workers/worker.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace giflab;
using worker_tests::plain_machine;
using workers::module_index;
namespace fs = std::filesystem;

namespace {

// A folder that holds links to modules of the build, whose times are those of the modules, and an index of it.
struct indexed_modules {
   const tests::scratch_folder folder;
   const fs::path modules = folder.path() / "modules", file = folder.path() / "index";
   module_index index{modules.string(), file.string()};

   indexed_modules() {
      fs::create_directories(modules);
      for (const char *name : {"gmsd.so", "timing.so"})
         fs::create_symlink(fs::path(BUILTIN_PLUGINS) / name, modules / name);
   }

   modules::catalogue loaded() const {
      auto found = modules::catalogue::discover({modules.string()}, 1);
      REQUIRE(found);
      return std::move(*found);
   }

   // Waits for a build that has ended just now.
   bool keep() const {
      const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(6);
      while (std::chrono::steady_clock::now() < patience) {
         if (index.keep(index.look(), loaded()))
            return true;
         std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
      return false;
   }
};

const modules::plugin &with_probe(const modules::catalogue &found) {
   for (const auto &one : found.plugins())
      if (one->table.probe)
         return *one;
   FAIL("no plugin that comes with the program has a probe");
   return *found.plugins().front();
}

} // namespace

TEST_CASE("what was kept of a folder is what was found in it") {
   const indexed_modules here;
   CHECK_FALSE(here.index.recall());
   REQUIRE(here.keep());
   const auto known = here.index.recall();
   REQUIRE(known);
   CHECK(modules::descriptions(*known, true) == modules::descriptions(here.loaded(), true));
   here.index.forget();
   CHECK_FALSE(here.index.recall());
}

TEST_CASE("a module that came, went or was replaced makes what was kept worthless") {
   const indexed_modules here;
   REQUIRE(here.keep());
   fs::create_symlink(fs::path(BUILTIN_PLUGINS) / "frames.so", here.modules / "frames.so");
   CHECK_FALSE(here.index.recall());
   fs::remove(here.modules / "frames.so");
   CHECK(here.index.recall());
   fs::remove(here.modules / "timing.so");
   CHECK_FALSE(here.index.recall());
   fs::create_symlink(fs::path(BUILTIN_PLUGINS) / "frames.so", here.modules / "timing.so");
   CHECK_FALSE(here.index.recall());
}

TEST_CASE("a file that was written to is another, also with its old size and time") {
   const indexed_modules here;
   const fs::path copy = here.modules / "copied.so";
   fs::copy_file(fs::path(BUILTIN_PLUGINS) / "frames.so", copy);
   CHECK_FALSE(here.index.keep(here.index.look(), here.loaded())); // too young to tell
   const auto before = here.index.look();
   struct stat was {};
   REQUIRE(stat(copy.c_str(), &was) == 0);
   std::this_thread::sleep_for(std::chrono::milliseconds(20)); // one step of the clock of files
   std::fstream(copy, std::ios::in | std::ios::out | std::ios::binary).put('\x7f'); // the byte that was there
   const timespec times[] = {was.st_atim, was.st_mtim};
   REQUIRE(utimensat(AT_FDCWD, copy.c_str(), times, 0) == 0);
   CHECK(before != here.index.look());
}

TEST_CASE("nothing is kept where something was turned away, or where there is no file to keep it in") {
   const indexed_modules here;
   REQUIRE(here.keep()); // so that the age of files is no reason
   CHECK_FALSE(module_index(here.modules.string(), "").keep(here.index.look(), here.loaded()));
   CHECK_FALSE(module_index(here.modules.string(), "").recall());
   modules::catalogue shadowed = here.loaded();
   shadowed.join(here.loaded());
   REQUIRE_FALSE(shadowed.rejected().empty());
   CHECK_FALSE(here.index.keep(here.index.look(), shadowed));
   CHECK_FALSE(here.index.keep(std::nullopt, here.loaded()));
}

TEST_CASE("a damaged index is none") {
   const indexed_modules here;
   REQUIRE(here.keep());
   const auto size = fs::file_size(here.file);
   for (const std::uintmax_t place : {std::uintmax_t{0}, std::uintmax_t{9}, size / 2, size - 1}) {
      CAPTURE(place);
      std::fstream file(here.file, std::ios::in | std::ios::out | std::ios::binary);
      file.seekg(static_cast<std::streamoff>(place));
      const char was = static_cast<char>(file.get());
      file.seekp(static_cast<std::streamoff>(place)).put(static_cast<char>(was ^ 4)).flush();
      CHECK_FALSE(here.index.recall());
      file.seekp(static_cast<std::streamoff>(place)).put(was).flush();
      CHECK(here.index.recall());
   }
   fs::resize_file(here.file, size / 2);
   CHECK_FALSE(here.index.recall());
   fs::resize_file(here.file, 0);
   CHECK_FALSE(here.index.recall());
}

TEST_CASE("a worker refuses a plugin that is not what it was described as") {
   const indexed_modules here;
   // An index of its own: those are the program's own modules.
   setenv("XDG_CACHE_HOME", here.folder.path().c_str(), 1);
   const services::cancellation never;
   workers::supervisor_options how;
   how.start.program = GIFLAB; // where a sanitizer has a thread of its own, and nothing is forked
   how.start.life = [](int argc, const char *const *argv) {
      return workers::work(argc, argv, plain_machine).value_or(1);
   };
   workers::supervisor shop(std::move(how), never);
   const auto found = shop.scan({BUILTIN_PLUGINS}, 1);
   REQUIRE(found);
   const modules::plugin &honest = with_probe(*found);
   CHECK(shop.probe(honest).unavailable.find("described") == std::string::npos);
   modules::plugin other;
   other.table = honest.table;
   other.params = honest.params;
   other.outputs = honest.outputs;
   other.models = honest.models;
   other.home = honest.home;
   CHECK(workers::digest_of(other) == workers::digest_of(honest));
   other.table.cost = other.table.cost == 0 ? 1 : 0;
   CHECK(shop.probe(other).unavailable.find("is not what it was described as") != std::string::npos);
   CHECK_FALSE(workers::index_of_own_modules().recall()); // if it had been kept
   unsetenv("XDG_CACHE_HOME");
}
