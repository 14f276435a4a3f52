// Where plugins run, after what they did.

#include "workers/places.hpp"

#include "scratch_folder.hpp"
#include "validator/verdict_cache.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace giflab;
using workers::places;
namespace fs = std::filesystem;

namespace {

// A folder of modules that nobody loads, and a cache of its own.
struct placed_modules {
   const tests::scratch_folder folder;
   modules::module own, foreign;
   modules::plugin checked, unchecked;

   placed_modules() {
      fs::create_directories(folder.path() / "own");
      setenv("XDG_CACHE_HOME", folder.path().c_str(), 1);
      own.path = file("own/a.so", "a");
      foreign.path = file("b.so", "b");
      checked.home = &own;
      checked.table.id = "org.checked";
      unchecked.home = &foreign;
      unchecked.table.id = "org.unchecked";
   }
   ~placed_modules() { unsetenv("XDG_CACHE_HOME"); }
   std::string file(const std::string &name, const std::string &text) const {
      std::ofstream(folder.file(name)) << text;
      return folder.file(name);
   }
   std::string own_folder() const { return folder.file("own"); }
};

} // namespace

TEST_CASE("what comes with the program runs with others; what is unchecked, or asks for it, by itself") {
   placed_modules here;
   places all(here.own_folder());
   CHECK(all.of(here.checked).worker.empty());
   CHECK(all.of(here.checked).trusted);
   CHECK(all.of(here.unchecked).worker == here.foreign.path);
   CHECK_FALSE(all.of(here.unchecked).trusted);
   here.checked.table.flags = GIFLAB_FLAG_ISOLATE;
   CHECK(all.of(here.checked).worker == here.own.path);
   CHECK(all.of(here.checked).trusted);
   fs::create_directory_symlink(here.own_folder(), here.folder.file("link"));
   CHECK(all.is_own(here.folder.file("link/a.so")));
}

TEST_CASE("two crashes isolate, three more exclude, for this content, until it is forgiven") {
   placed_modules here;
   {
      places all(here.own_folder());
      CHECK_FALSE(all.crashed(here.checked, "crashed"));
      CHECK(all.of(here.checked).worker.empty());
      CHECK_FALSE(all.crashed(here.checked, "crashed"));
      CHECK(all.of(here.checked).worker == here.own.path);
      CHECK(all.of(here.checked).alone);
      CHECK_FALSE(all.crashed(here.checked, "crashed"));
      CHECK_FALSE(all.crashed(here.checked, "crashed"));
      CHECK(all.of(here.checked).excluded.empty());
      CHECK(all.crashed(here.checked, "crashed at last"));
      CHECK_FALSE(all.crashed(here.checked, "crashed"));
      CHECK(all.of(here.unchecked).excluded.empty());
   }
   const std::string reason =
       "crashed at last; quarantined, giflab plugins --forgive org.checked lets it run again";
   CHECK(places(here.own_folder()).of(here.checked).excluded == reason);
   here.file("own/a.so", "another"); // built anew
   CHECK(places(here.own_folder()).of(here.checked).excluded.empty());
   here.file("own/a.so", "a");
   CHECK(places(here.own_folder()).of(here.checked).excluded == reason);
   CHECK(validator::forgive("org.checked") == true);
   CHECK(validator::forgive("org.checked") == false);
   CHECK(places(here.own_folder()).of(here.checked).excluded.empty());
}
