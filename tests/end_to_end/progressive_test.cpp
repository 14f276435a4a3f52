// Level 3 as a user meets it: the same verdicts as level 1 for less, and what it says of itself.

#include "pictures.hpp"
#include "program.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace end_to_end;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

struct two_files {
   std::string reference = synthetic_gif(96, 72, 30), distorted = synthetic_gif(96, 72, 29);
};

outcome compare_with_mdsi(std::vector<std::string> more,
                          const std::map<std::string, std::string> &variables = {}) {
   const two_files files;
   std::vector<std::string> arguments = {"compare",      files.reference, files.distorted, "--metrics",
                                         "default,mdsi", "--format",      "json"};
   arguments.insert(arguments.end(), more.begin(), more.end());
   return giflab(invocation{.arguments = arguments, .variables = variables});
}

json mdsi_of(const outcome &ended) {
   CAPTURE(ended.err);
   return json::parse(ended.out)["metrics"]["mdsi"];
}

} // namespace

TEST_CASE("level 3 samples, lower levels do not, and the flag overrules both") {
   const std::string flag = "GIFLAB_ENABLE_PROGRESSIVE_CALCULATION";
   const auto settled = [](std::vector<std::string> more,
                           const std::map<std::string, std::string> &variables = {}) {
      more.insert(more.end(), {"--fail-if", "mdsi > 0.9"}); // a few pairs settle it
      return compare_with_mdsi(std::move(more), variables);
   };
   CHECK(mdsi_of(settled({"--opt-level", "3"})).contains("sample"));
   CHECK_FALSE(mdsi_of(settled({})).contains("sample"));
   CHECK_FALSE(mdsi_of(settled({"--opt-level", "3"}, {{flag, "false"}})).contains("sample"));
   CHECK(mdsi_of(settled({"--opt-level", "1"}, {{flag, "true"}})).contains("sample"));
   CHECK_FALSE(mdsi_of(settled({"--opt-level", "0"}, {{flag, "true"}})).contains("sample"));
}

TEST_CASE("exit codes are those of level 1, and what was left out is told") {
   for (const char *gate : {"mdsi > 0.001", "mdsi > 0.9", "ssim < 0.1", "mdsi.p05 > 0.9", "mdsi.std > 0.9"}) {
      CAPTURE(std::string(gate));
      const outcome all = compare_with_mdsi({"--opt-level", "1", "--fail-if", gate}),
                    some = compare_with_mdsi({"--opt-level", "3", "--fail-if", gate});
      CHECK(some.code == all.code);
      CHECK(has(some.err, "saved by what a pair cost here"));
      CHECK_FALSE(has(all.err, "saved"));
   }
   CHECK(mdsi_of(compare_with_mdsi({"--opt-level", "3", "--fail-if", "ssim < 0"}))["status"] == "skipped");
   const outcome verified =
       compare_with_mdsi({"--opt-level", "3", "--fail-if", "mdsi > 0.9", "--verify-progressive", "-q"});
   CHECK(has(verified.err, "1 of 1 verdicts, 1 of 1 gates (0 not judged), 1 of 1 intervals hold"));
   check_refusal(compare_with_mdsi({"--verify-progressive"}), 2, "--opt-level 3");
}

TEST_CASE("pictures that have no value beside themselves have none at level 3 either") {
   const std::string flat = (fresh_folder("flat") / "flat.gif").string();
   write_file(flat, bytes_of({.width = 40, .height = 40, .frames = {{.colour = 2}, {.colour = 3}}}));
   const auto fsim_at = [&](const char *level) {
      const outcome ended =
          giflab({"compare", flat, flat, "--metrics", "ssim,fsim", "--format", "json", "--opt-level", level});
      CAPTURE(ended.err);
      return json::parse(ended.out)["metrics"]["fsim"];
   };
   CHECK(fsim_at("2")["status"] == "undefined");
   CHECK(fsim_at("3") == fsim_at("2"));
}

TEST_CASE("a run file's tiers and conditions") {
   const two_files files;
   const fs::path folder = fresh_folder("progressive");
   const auto run = [&](const std::string &more) {
      write_file(
          folder / "run.toml",
          fmt::format("[run]\noptimization_level = 3\n[[inputs]]\nreference = \"{}\"\ndistorted = \"{}\"\n"
                      "[metrics]\nselect = [\"default\", \"mdsi\"]\n[[outputs]]\nformat = \"csv\"\n"
                      "[progressive]\n{}",
                      files.reference, files.distorted, more));
      return giflab({"run", folder / "run.toml", "-q"});
   };
   const outcome sampled = run("precision = 0.5\n");
   CHECK(has(sampled.out, "sample_of,confidence,low,high"));
   CHECK(has(sampled.out, "progressive: by "));
   const std::string tier = "[[progressive.tiers]]\nname = \"any\"\nif = [\"{}\"]\nunasked = \"skip\"\n";
   CHECK(has(run(fmt::format(fmt::runtime(tier), "ssim >= 0")).out, "no gate asks for it (tier any)"));
   check_refusal(run(fmt::format(fmt::runtime(tier), "ssimm >= 0")), 2, "did you mean ssim?");
}
