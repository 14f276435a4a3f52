#include "config/expand_inputs.hpp"
#include "scratch_folder.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <unistd.h>

using namespace giflab::config;

namespace {

namespace fs = std::filesystem;

// Files of one byte below a folder of their own, which goes away with the object.
class tree {
 public:
   explicit tree(std::initializer_list<const char *> files) {
      for (const char *file : files) {
         fs::create_directories((root() / file).parent_path());
         std::ofstream(root() / file) << "x";
      }
   }

   fs::path operator/(const std::string &name) const { return root() / name; }

   expanded_inputs expand(const run_input &input) const {
      return shortened(expand_inputs(root().string(), std::vector{input}));
   }
   expanded_inputs candidates(const std::string &reference, const std::vector<std::string> &patterns) const {
      return expand({reference, "", patterns, "a.toml:1:1"});
   }
   expanded_inputs two(const std::string &reference, const std::string &distorted) const {
      return expand({reference, distorted, {}, "a.toml:1:1"});
   }

 private:
   // Without the folder's own name.
   expanded_inputs shortened(expanded_inputs found) const {
      const auto shorten = [&](std::string &text) {
         const std::string prefix = root().string() + "/";
         for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
            text.erase(at, prefix.size());
      };
      for (input_pair &pair : found.pairs) {
         shorten(pair.reference);
         shorten(pair.distorted);
      }
      for (std::string &problem : found.problems)
         shorten(problem);
      return found;
   }

   const fs::path &root() const { return folder_.path(); }

   const giflab::tests::scratch_folder folder_;
};

using pairs = std::vector<input_pair>;
using problems = std::vector<std::string>;

} // namespace

TEST_CASE("a pair of files is taken as it is named, there or not") {
   const tree files{"a.gif"};
   const auto found = files.two("a.gif", "sub/../b.bin");
   CHECK(found.pairs == pairs{{"a.gif", "b.bin"}});
   CHECK(found.problems.empty());
}

TEST_CASE("candidates by pattern come in natural order, without the original") {
   const tree files{"a.gif", "a10.gif", "a9.gif", "a1.txt", ".a2.gif", "b.gif"};
   const auto found = files.candidates("a.gif", {"a*"});
   CHECK(found.pairs == pairs{{"a.gif", "a9.gif"}, {"a.gif", "a10.gif"}});
   CHECK(found.problems.empty());
}

TEST_CASE("candidates keep the order of their patterns, and each comes once") {
   const tree files{"a.gif", "out/1.gif", "out/2.png", "out/deep/3.WEBP", "out/notes.txt"};
   const auto found = files.candidates("a.gif", {"out/2.png", "out/", "out/**/*.WEBP", "./out/1.gif"});
   CHECK(found.pairs == pairs{{"a.gif", "out/2.png"}, {"a.gif", "out/1.gif"}, {"a.gif", "out/deep/3.WEBP"}});
}

TEST_CASE("an original can be compared with itself if that is said") {
   const tree files{"a.gif"};
   CHECK(files.candidates("a.gif", {"a.gif"}).pairs == pairs{{"a.gif", "a.gif"}});
   const auto alone = files.candidates("a.gif", {"*.gif"});
   CHECK(alone.pairs.empty());
   CHECK(alone.problems == problems{"a.toml:1:1: \"a.gif\" has no candidate but itself"});
}

TEST_CASE("many originals with candidates by stem and name") {
   const tree files{"o/x.gif", "o/[1].gif", "p/x/1.gif", "p/x/2.gif", "p/[1]/1.gif", "p/1/1.gif", "q/x.gif"};
   const auto found = files.candidates("o/*.gif", {"p/{stem}/*.gif", "q/{name}"});
   CHECK(found.pairs == pairs{{"o/[1].gif", "p/[1]/1.gif"},
                              {"o/[1].gif", "q/[1].gif"}, // named outright: whether it is there is seen later
                              {"o/x.gif", "p/x/1.gif"},
                              {"o/x.gif", "p/x/2.gif"},
                              {"o/x.gif", "q/x.gif"}});
   CHECK(found.problems.empty());
}

TEST_CASE("a path that exists is no pattern") {
   const tree files{"a.gif", "b[1].gif", "b1.gif"};
   CHECK(files.candidates("a.gif", {"b[1].gif"}).pairs == pairs{{"a.gif", "b[1].gif"}});
   CHECK(files.two("a.gif", "b[1].gif").pairs == pairs{{"a.gif", "b[1].gif"}});
}

TEST_CASE("patterns over folders") {
   const tree files{"a.gif", "r/1/x.gif", "r/2/x.gif", "r/2/y/x.gif", "r/x.gif", "r/.git/x.gif"};
   CHECK(files.candidates("a.gif", {"r/*/x.gif"}).pairs ==
         pairs{{"a.gif", "r/1/x.gif"}, {"a.gif", "r/2/x.gif"}});
   CHECK(files.candidates("a.gif", {"r/**/x.gif"}).pairs.size() == 4);
   CHECK(files.candidates("a.gif", {"r/**"}).pairs.size() == 4);
   CHECK(files.candidates("a.gif", {"r/**/**/**/**/x.gif"}).pairs.size() == 4);
   CHECK(files.candidates("a.gif", {(files / "r/[12]/x.gif").string()}).pairs.size() == 2);
}

TEST_CASE("patterns and folders that give nothing are problems") {
   const tree files{"a.gif", "t/notes.txt"};
   CHECK(files.candidates("a.gif", {"*.webp", "t"}).problems ==
         problems{"a.toml:1:1: the pattern \"*.webp\" matches no picture file",
                  "a.toml:1:1: the folder \"t\" has no picture file"});
   CHECK(files.candidates("none/*.gif", {"a.gif"}).problems ==
         problems{"a.toml:1:1: the pattern \"none/*.gif\" matches no picture file"});
   CHECK(files.two("*.gif", "a.gif").problems ==
         problems{"a.toml:1:1: the pattern \"*.gif\" may stand for many files; use it with candidates"});
}

TEST_CASE("two folders with GIFs pair by relative path") {
   const tree files{"o/1.gif", "o/s/2.gif", "o/3.gif", "d/1.gif", "d/s/2.gif", "d/4.gif"};
   const auto found = files.two("o", "d/");
   CHECK(found.pairs == pairs{{"o/1.gif", "d/1.gif"}, {"o/s/2.gif", "d/s/2.gif"}});
   CHECK(found.problems == problems{"a.toml:1:1: \"o/3.gif\" has no counterpart in \"d/\"",
                                    "a.toml:1:1: \"d/4.gif\" has no counterpart in \"o\""});
}

TEST_CASE("two folders of stills are one pair of sequences") {
   const tree files{"o/1.png", "o/2.png", "d/1.png", "d/2.png", "g/1.gif", "e/notes.txt", "a.gif"};
   CHECK(files.two("o", "d").pairs == pairs{{"o", "d"}});
   CHECK(files.two("o", "a.gif").pairs == pairs{{"o", "a.gif"}});
   CHECK(files.two("a.gif", "o").pairs == pairs{{"a.gif", "o"}});
   CHECK(files.two("g", "a.gif").pairs.empty());
   CHECK(files.two("g", "a.gif").problems.size() == 1);
   CHECK(files.two("e", "e").problems ==
         problems{"a.toml:1:1: \"e\" and \"e\" have no picture file in common"});
}

TEST_CASE("what a run made is found only where its folder is named") {
   const tree files{"a.gif", "r/1/journal.sqlite", "r/1/files/1.gif", "files/2.gif"};
   const pairs found{{"a.gif", "files/2.gif"}};
   for (const char *wide : {".", "**/*.gif", "**", "*/*.gif"})
      CHECK_MESSAGE(files.candidates("a.gif", {wide}).pairs == found, wide);
   CHECK(files.candidates("a.gif", {"r/1"}).problems ==
         problems{
             "a.toml:1:1: the folder \"r/1\" has no picture file: what its run made is in its folder files"});
   const pairs made{{"a.gif", "r/1/files/1.gif"}};
   for (const char *named : {"r/1/files", "r/1/files/*.gif", "r/*/files/*", "r/1/files/1.gif"})
      CHECK_MESSAGE(files.candidates("a.gif", {named}).pairs == made, named);
   std::ofstream(files / "journal.sqlite") << "x"; // a run that works among its sources
   std::ofstream(files / "b.gif") << "x";
   CHECK(files.candidates("a.gif", {"."}).pairs == pairs{{"a.gif", "b.gif"}});
}

TEST_CASE("links to folders lead nowhere, links to files do") {
   const tree files{"a.gif", "c/1.gif"};
   fs::create_directory_symlink("..", files / "c/loop");
   fs::create_directory_symlink("loop2", files / "c/loop2");
   fs::create_symlink("1.gif", files / "c/2.gif");
   fs::create_symlink("nowhere.gif", files / "c/3.gif");
   const pairs expected{{"a.gif", "c/1.gif"}, {"a.gif", "c/2.gif"}};
   CHECK(files.candidates("a.gif", {"c"}).pairs == expected);
   CHECK(files.candidates("a.gif", {"c/**/*.gif"}).pairs == expected);
}

TEST_CASE("names that are not UTF-8") {
   const tree files{"a.gif", "c/\xFF.gif"};
   const auto found = files.candidates("a.gif", {"c/*.gif", "\xFE*"});
   CHECK(found.pairs == pairs{{"a.gif", "c/\xFF.gif"}});
   CHECK(found.problems == problems{"a.toml:1:1: the pattern \"\\xFE*\" matches no picture file"});
}

TEST_CASE("folders that cannot be looked into are problems") {
   const tree files{"a.gif", "c/1.gif", "c/closed/2.gif"};
   fs::permissions(files / "c/closed", fs::perms::none);
   const auto found = files.candidates("a.gif", {"c"});
   fs::permissions(files / "c/closed", fs::perms::owner_all);
   if (geteuid() != 0) { // nothing is closed to root
      CHECK(found.pairs == pairs{{"a.gif", "c/1.gif"}});
      CHECK(found.problems == problems{"a.toml:1:1: cannot look into \"c/closed\": Permission denied"});
   }
}

TEST_CASE("the run file's folder may have any name") {
   const tree files{"[x]*/a.gif", "[x]*/b1.gif"};
   const auto found =
       expand_inputs((files / "[x]*").string(), std::vector<run_input>{{"a.gif", "", {"b*.gif"}, "w"}});
   CHECK(found.pairs == pairs{{(files / "[x]*/a.gif").string(), (files / "[x]*/b1.gif").string()}});
}

TEST_CASE("a link on the way keeps its meaning") {
   const tree files{"real/deep/x.gif", "real/a.gif", "a.gif"};
   fs::create_directory_symlink("real/deep", files / "link");
   // link/.. is real, not the folder that the link is in
   const auto found = files.two("a.gif", "link/../a.gif");
   REQUIRE(found.pairs.size() == 1);
   CHECK(fs::equivalent(files / found.pairs[0].distorted, files / "real/a.gif"));
}
