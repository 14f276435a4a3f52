// What `giflab new-plugin` refuses, and what it says.

#include "end_to_end/program.hpp"

#include <doctest/doctest.h>

using namespace end_to_end;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> new_plugin(const std::string &name, const fs::path &into,
                                    const std::string &kind = "metric", const std::string &language = "c") {
   return {"new-plugin", name, "--kind", kind, "--language", language, "--into", into};
}

} // namespace

TEST_CASE("a new plugin's folder has all that belongs to a project, and the next commands are printed") {
   const fs::path folder = fresh_folder("all_of_it");
   const outcome made = giflab(new_plugin("grain", folder));
   CHECK(made.code == 0);
   CHECK(made.err.empty());
   const std::string commands = "\n  cd " + (folder / "grain").string() +
                                "\n  cmake -B build && cmake --build build\n  ctest --test-dir build "
                                "--output-on-failure\n";
   CHECK_MESSAGE(has(made.out, commands), made.out);
   CHECK(names_in(folder / "grain") == std::vector<std::string>{".github", ".gitignore", "CMakeLists.txt",
                                                                "LICENSE", "README.md", "source", "tests"});
   CHECK(names_in(folder / "grain/source") == std::vector<std::string>{"absolute_difference.h", "grain.c"});
   for (const auto &entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file()) {
         const std::string text = contents(entry.path());
         CAPTURE(entry.path().string());
         for (const std::string placeholder :
              {"@name@", "@build@", "@test@", "@needs@", "@folder@", "@module@"})
            CHECK_FALSE(has(text, placeholder));
         CHECK_FALSE(text.empty());
      }
}

TEST_CASE("a folder with something in it is left alone; an empty one is taken") {
   const fs::path folder = fresh_folder("taken");
   fs::create_directories(folder / "mine");
   write_file(folder / "mine/notes", "mine\n");
   check_refusal(giflab(new_plugin("mine", folder)), 2, "is no empty folder");
   CHECK(names_in(folder / "mine") == std::vector<std::string>{"notes"});
   write_file(folder / "file", "mine\n");
   check_refusal(giflab(new_plugin("file", folder)), 2, "is no empty folder");
   CHECK(contents(folder / "file") == "mine\n");
   fs::create_directories(folder / "empty");
   CHECK(giflab(new_plugin("empty", folder)).code == 0);
   CHECK(fs::exists(folder / "empty/CMakeLists.txt"));
}

TEST_CASE("names that cannot be are refused with one that can") {
   const fs::path folder = fresh_folder("names");
   const std::map<std::string, std::string> mended = {
       {"MyMetric", "try mymetric"},
       {"my-metric", "try my_metric"},
       {"2fast", "try my_2fast"},
       {"test", "try my_test"},
       {"a b/../c", "try a_b_c"},
       {"_", "try my_plugin"},
       {"", "try my_plugin"},
       {"über", "try ber"},
       {std::string(80, 'a'), "try " + std::string(64, 'a')},
       {"tail_\n", "try tail"},
   };
   for (const auto &[name, suggestion] : mended) {
      const outcome refused = giflab(new_plugin(name, folder));
      CAPTURE(name);
      check_refusal(refused, 2, suggestion);
      CHECK(has(refused.err, "lowercase letters, digits and '_'"));
   }
   CHECK(names_in(folder).empty());
}

TEST_CASE("kinds and languages that are not there are refused with the nearest") {
   const fs::path folder = fresh_folder("kinds");
   check_refusal(giflab(new_plugin("x", folder, "metrik")), 2, "did you mean metric");
   check_refusal(giflab(new_plugin("x", folder, "metric", "c++")), 2, "cpp");
   check_refusal(giflab(new_plugin("x", folder, "metric", "rst")), 2, "did you mean rust");
   check_refusal(giflab({"new-plugin", "x", "--kind", "metric"}), 2, "--language");
   check_refusal(giflab(new_plugin("x", folder / "nowhere")), 2, "there is no such folder");
   CHECK(names_in(folder).empty());
}
