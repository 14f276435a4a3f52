// Where values of settings come from, and who wins.

#include "program.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sstream>

using namespace end_to_end;
namespace fs = std::filesystem;

namespace {

// Value and origin of a setting, as `giflab config show` prints them: "3 environment GIFLAB_BATCH_SIZE".
std::string shown(const outcome &ended, const std::string &setting) {
   CAPTURE(ended.err);
   CHECK(ended.code == 0);
   std::istringstream lines(ended.out);
   for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string name, value, origin;
      words >> name >> value >> std::ws;
      std::getline(words, origin);
      if (name == setting)
         return value + " " + origin;
   }
   return "no such setting";
}

using variables = std::map<std::string, std::string>;

outcome show(const std::vector<std::string> &options, const variables &environment = {}) {
   std::vector<std::string> arguments = {"config", "show"};
   arguments.insert(arguments.end(), options.begin(), options.end());
   return giflab(invocation{.arguments = arguments, .variables = environment});
}

} // namespace

TEST_CASE(
    "a setting comes from its default, the run file, the environment or the command line; the last wins") {
   const fs::path file = fresh_folder("settings") / "run.toml";
   write_file(file, "[run]\nbatch_size = 3\n[[inputs]]\nreference = \"a.gif\"\ndistorted = \"b.gif\"\n");
   const variables environment = {{"GIFLAB_BATCH_SIZE", "4"}};
   CHECK(shown(show({}), "batch_size") == "8 default");
   CHECK(shown(show({file}), "batch_size") == fmt::format("3 file {}:2:14", file.string()));
   CHECK(shown(show({file}, environment), "batch_size") == "4 environment GIFLAB_BATCH_SIZE");
   CHECK(shown(show({file, "--batch-size", "5"}, environment), "batch_size") == "5 option --batch-size");
   CHECK(shown(show({"--batch-size=5", "--batch-size=6"}), "batch_size") == "6 option --batch-size");
}

TEST_CASE("an empty variable counts as unset") {
   CHECK(shown(show({}, {{"GIFLAB_BATCH_SIZE", ""}}), "batch_size") == "8 default");
}

TEST_CASE("folders of plugins add up") {
   const std::string a = fresh_folder("plugins_a"), b = fresh_folder("plugins_b"),
                     c = fresh_folder("plugins_c");
   const outcome ended = show({"--plugin", a, "--plugin", b}, {{"GIFLAB_PLUGIN_PATH", c}});
   CHECK(has(ended.out, fmt::format("{}:{}:{}", a, b, c)));
   CHECK(has(ended.out, "option --plugin, environment GIFLAB_PLUGIN_PATH"));
   CHECK(has(show({}, {{"GIFLAB_PLUGIN_PATH", "/nowhere"}}).err,
             "environment GIFLAB_PLUGIN_PATH: there is no folder \"/nowhere\""));
}

TEST_CASE("an unknown variable is refused by every command with the nearest known one") {
   const variables environment = {{"GIFLAB_BATCHSIZE", "4"}};
   for (const std::vector<std::string> &arguments : {std::vector<std::string>{"config", "show"},
                                                     {"doctor"},
                                                     {"plugins"},
                                                     {"info", "/nowhere.gif"},
                                                     {"compare", "/nowhere.gif", "/nowhere.gif"}}) {
      const outcome ended = giflab(invocation{.arguments = arguments, .variables = environment});
      check_refusal(ended, 2, "GIFLAB_BATCHSIZE");
      check_refusal(ended, 2, "GIFLAB_BATCH_SIZE");
   }
}

TEST_CASE("a value that makes no sense is refused with its origin and what is accepted") {
   check_refusal(show({}, {{"GIFLAB_BATCH_SIZE", "many"}}), 2, "environment GIFLAB_BATCH_SIZE");
   check_refusal(show({"--batch-size", "0"}), 2, "an integer from 1 to 256");
   check_refusal(show({"--batch-size", "99999999999999999999"}), 2, "an integer from 1 to 256");
   check_refusal(show({"--opt-level", "4"}), 2, "an integer from 0 to 3");
   check_refusal(show({"--browser-delays", "perhaps"}), 2, "true or false");
   check_refusal(show({"--log-level", "loud"}), 2, "debug");
   check_refusal(show({"--max-file-bytes", "1T"}), 2, "K, M or G");
   check_refusal(show({"--batch-size"}), 2, "--batch-size");
}
