// Verdicts are remembered by the content of a file, for the user alone.

#include "scratch_folder.hpp"
#include "validated.hpp"
#include "validator/verdict_cache.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace giflab;
using namespace giflab::validator;
namespace fs = std::filesystem;

namespace {

// A cache of its own for one test.
class fresh_cache {
 public:
   fresh_cache() { setenv("XDG_CACHE_HOME", folder_.path().c_str(), 1); }
   ~fresh_cache() { unsetenv("XDG_CACHE_HOME"); }
   fresh_cache(const fresh_cache &) = delete;
   fresh_cache &operator=(const fresh_cache &) = delete;

   std::string file(const std::string &name, const std::string &text) const {
      std::ofstream(folder_.file(name)) << text;
      return folder_.file(name);
   }
   fs::path verdicts() const { return folder_.path() / "giflab/checks"; }

 private:
   const tests::scratch_folder folder_;
};

validation told_of(const std::string &path, verdict of_the_first) {
   validation told;
   told.path = path;
   told.lines.push_back({&every_check()[0], {}, {of_the_first, "so"}, {}});
   return told;
}

} // namespace

TEST_CASE("a verdict belongs to the content, not to the name") {
   const fresh_cache cache;
   const std::string good = cache.file("good.so", "good"), bad = cache.file("bad.so", "bad");
   CHECK(lookup(good) == known_verdict::unchecked);
   CHECK(remember(told_of(good, verdict::warn)));
   CHECK(remember(told_of(bad, verdict::fail)));
   CHECK(lookup(good) == known_verdict::passed);
   CHECK(lookup(bad) == known_verdict::failed);
   CHECK(lookup(cache.file("copy.so", "good")) == known_verdict::passed);
   cache.file("good.so", "changed");
   CHECK(lookup(good) == known_verdict::unchecked);
   CHECK(lookup("/nowhere.so") == known_verdict::unchecked);
   CHECK_FALSE(remember(told_of("/nowhere.so", verdict::pass)));
}

TEST_CASE("the file of a verdict is the user's alone, and nothing is left beside it") {
   const fresh_cache cache;
   CHECK(remember(told_of(cache.file("a.so", "a"), verdict::pass)));
   int files = 0;
   for (const fs::directory_entry &entry : fs::directory_iterator(cache.verdicts())) {
      CHECK(entry.path().filename() ==
            "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb.json"); // SHA-256 of "a"
      struct stat about {};
      CHECK(stat(entry.path().c_str(), &about) == 0);
      CHECK((about.st_mode & 07777) == 0600);
      ++files;
   }
   CHECK(files == 1);
}

TEST_CASE("what is no verdict of this giflab is none") {
   const fresh_cache cache;
   const std::string path = cache.file("a.so", "a");
   CHECK(remember(told_of(path, verdict::pass)));
   const fs::path file = fs::directory_iterator(cache.verdicts())->path();
   std::string text;
   std::getline(std::ifstream(file), text);
   const auto with = [&](const std::string &other) {
      std::ofstream(file) << other;
      return lookup(path);
   };
   CHECK(with(text) == known_verdict::passed);
   CHECK(with("") == known_verdict::unchecked);
   CHECK(with("[1, 2]") == known_verdict::unchecked);
   CHECK(with(text.substr(0, text.size() / 2)) == known_verdict::unchecked);
   std::string older = text;
   older.replace(older.find("\"giflab\":\"1"), 11, "\"giflab\":\"0");
   CHECK(with(older) == known_verdict::unchecked);
}

TEST_CASE("a cache that cannot be written is told of") {
   const fresh_cache cache;
   const std::string path = cache.file("a.so", "a");
   cache.file("giflab", "no folder");
   const auto remembered = remember(told_of(path, verdict::pass));
   REQUIRE_FALSE(remembered);
   CHECK(remembered.error().text.find("XDG_CACHE_HOME") != std::string::npos);
}
