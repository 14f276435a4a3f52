// Checks of loading beyond what a faulty module a check can show.

#include "contains.hpp"
#include "scratch_folder.hpp"
#include "validated.hpp"
#include "validator/module_elf.hpp"
#include "validator/verdict_cache.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

using namespace giflab::validator;
using giflab::tests::contains, giflab::tests::scratch_folder;
using namespace validator_tests;

namespace {

const std::string singled_out = LOADING_PLUGINS;

finding found_by(const char *check, const std::string &path) {
   const validation told = validated(path, {check});
   REQUIRE(told.lines.size() == 1);
   return told.lines[0].found;
}

std::vector<std::string> exported_by(const module_elf &file) {
   std::vector<std::string> names;
   for (const auto &symbol : file.exported)
      names.push_back(symbol.name);
   return names;
}

} // namespace

TEST_CASE("a module that takes its time to load is told how long") {
   const finding found = found_by("L06", singled_out + "/slow_to_load.so");
   if (sanitized) {
      CHECK(contains(found.sentence, "not judged"));
      return;
   }
   CHECK(found.verdict == verdict::fail);
   CHECK(contains(found.sentence, "loading it takes 1"));
   CHECK(contains(found.sentence, "at most 100 ms"));
}

TEST_CASE("a module that is never loaded is told once, and no check waits for it again") {
   const validation told = validated(singled_out + "/never_loaded.so");
   CHECK(failures(told) == std::set<std::string>{"L01"});
   CHECK(contains(told.lines[0].found.sentence, "did not come back within"));
   CHECK(contains(told.lines[0].found.sentence, "in loading the file"));
   for (const checked &line : told.lines)
      CHECK(line.wall < std::chrono::seconds(5));
}

TEST_CASE("a batch without end is tried with as many pairs as giflab gives") {
   const finding found = found_by("R05", singled_out + "/endless_batch.so");
   CAPTURE(found.sentence);
   CHECK(found.verdict == verdict::pass);
}

TEST_CASE("a module that names the library it takes a symbol from is warned, not failed") {
   const finding found = found_by("L08", singled_out + "/borrows_blur.so");
   CAPTURE(found.sentence);
   CHECK(found.verdict == verdict::warn);
   CHECK(contains(found.sentence, "blur"));
}

TEST_CASE("what a file says of itself to the loader is read from it") {
   const auto borrows = read_module_elf(singled_out + "/borrows_blur.so");
   REQUIRE(borrows.has_value());
   CHECK(exported_by(*borrows) == std::vector<std::string>{"giflab_module_entry"});
   CHECK(std::binary_search(borrows->imported.begin(), borrows->imported.end(), "blur"));
   CHECK(std::count(borrows->needed.begin(), borrows->needed.end(), "libsmoothing.so") == 1);
   CHECK(std::any_of(borrows->search_paths.begin(), borrows->search_paths.end(),
                     [](const std::string &path) { return path.starts_with("$ORIGIN"); }));
   CHECK(borrows->stack_mode == module_elf::stack::plain);
   CHECK_FALSE(borrows->has_text_relocations);
   const auto smoothing = read_module_elf(singled_out + "/libsmoothing.so");
   REQUIRE(smoothing.has_value());
   CHECK(exported_by(*smoothing) == std::vector<std::string>{"blur"});
   CHECK(smoothing->exported[0].is_function);
}

TEST_CASE("a file that was cut short, or is something else, is an error and no crash") {
   std::ifstream whole_file(singled_out + "/slow_to_load.so", std::ios::binary);
   const std::string whole(std::istreambuf_iterator<char>(whole_file), {});
   const scratch_folder folder;
   const std::string cut = folder.file("cut.so");
   for (std::size_t length = 0; length < whole.size(); length += whole.size() / 40) {
      CAPTURE(length);
      std::ofstream(cut, std::ios::binary) << whole.substr(0, length);
      const auto read = read_module_elf(cut);
      REQUIRE_FALSE(read.has_value());
      CHECK_FALSE(read.error().text.empty());
   }
   CHECK_FALSE(read_module_elf("/nowhere.so").has_value());
}

TEST_CASE("a named pipe is no module, and nobody waits for its writer") {
   const scratch_folder folder;
   const std::string pipe = folder.file("piped.so");
   REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
   const validation told = validated(pipe);
   CHECK(failures(told) == std::set<std::string>{"L01"});
   CHECK(contains(told.lines[0].found.sentence, "it is not a regular file"));
   CHECK_FALSE(sha256_of_file(pipe).has_value()); // so that no verdict is remembered of it
}
