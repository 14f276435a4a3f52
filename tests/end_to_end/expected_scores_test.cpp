// `check --write-expected`, and what `check` makes of the table.

#include "program.hpp"

#include <doctest/doctest.h>

using namespace end_to_end;
namespace fs = std::filesystem;

namespace {

fs::path copy_of(const char *module, const std::string &folder) {
   const fs::path copy = fresh_folder(folder) / (std::string(module) + ".so");
   fs::copy(fs::path(BUILTIN_PLUGINS) / copy.filename(), copy);
   return copy;
}

outcome check_table(const fs::path &module) { return giflab({"check", "--only", "S14", module}); }

} // namespace

TEST_CASE("scores are written beside their module, and drift from them fails") {
   const fs::path module = copy_of("error", "expected"), table = module.parent_path() / "error.expect.tsv";
   CHECK(has(check_table(module).out, "no error.expect.tsv beside it"));

   const outcome written = giflab({"check", "--write-expected", module});
   CHECK(written.code == 0);
   CHECK(written.out == table.string() + ": written\n");
   CHECK(names_in(module.parent_path()) == std::vector<std::string>{"error.expect.tsv", "error.so"});
   const outcome same = check_table(module);
   CHECK(same.code == 0);
   CHECK(has(same.out, "scores as in the table"));

   std::string text = contents(table);
   const std::size_t value = text.find("scene.1\tmse\t");
   REQUIRE(value != std::string::npos);
   text.insert(value + 12, "1");
   write_file(table, text);
   const outcome drifted = check_table(module);
   CHECK(drifted.code == 1);
   CHECK(has(drifted.out, "mse of scene.1 is "));
}

TEST_CASE("a table that is cut off fails with its line") {
   const fs::path module = copy_of("gmsd", "cut_off");
   REQUIRE(giflab({"check", "--write-expected", module}).code == 0);
   const fs::path table = module.parent_path() / "gmsd.expect.tsv";
   write_file(table, contents(table).substr(0, 300));
   const outcome ended = check_table(module);
   CHECK(ended.code == 1);
   CHECK(has(ended.out, "gmsd.expect.tsv, line "));
   CHECK(has(ended.out, "the file was cut off"));
}

TEST_CASE("no table is written of what cannot be measured") {
   const fs::path folder = fresh_folder("no_module");
   write_file(folder / "text.so", "no library\n");
   check_refusal(giflab({"check", "--write-expected", folder}), 1, "text.so");
   CHECK(names_in(folder) == std::vector<std::string>{"text.so"});
}
