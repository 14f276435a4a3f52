// `check`: its table, its JSON, its exit codes, and what it leaves behind.

#include "program.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace end_to_end;
namespace fs = std::filesystem;

namespace {

const std::string good = BUILTIN_PLUGINS "/error.so";
const std::string bad = BAD_PLUGINS "/wrong_major.so";

// A run whose temporary files lie in a folder of their own.
outcome check_in(const fs::path &temporary, std::vector<std::string> arguments, bool interrupt = false) {
   arguments.insert(arguments.begin(), "check");
   return giflab(invocation{
       .arguments = arguments, .variables = {{"TMPDIR", temporary.string()}}, .interrupt = interrupt});
}

} // namespace

TEST_CASE("check tells a line for every check, and how many passed") {
   const fs::path temporary = fresh_folder("check_temporary");
   const outcome ended = check_in(temporary, {good, "--only", "L03", "--only", "S01"});
   CAPTURE(ended.err);
   CHECK(ended.code == 0);
   CHECK(ended.err.empty());
   CHECK(sanitizer_report(ended).empty());
   CHECK(has(ended.out, "L03  pass  (file)"));
   CHECK(has(ended.out, "S01  pass  org.giflab.error"));
   CHECK(has(ended.out, "S01  pass  org.giflab.psnr_y"));
   CHECK(has(ended.out, "3 passed, 0 warned, 0 failed, 0 skipped in "));
   CHECK_FALSE(has(ended.out, "\x1b")); // no colours where no terminal is
   CHECK(names_in(temporary).empty());
}

TEST_CASE("a failed check makes exit code 1, and says how to see it again") {
   const outcome ended = giflab({"check", bad, "--only", "L03", "--only", "S01", "--seed", "5"});
   CHECK(ended.code == 1);
   CHECK(has(ended.out, "L03  fail  (file)"));
   CHECK(has(ended.out, "ABI 2.0"));
   CHECK(has(ended.out, "reproduce with --only L03 --seed 5\n"));
   CHECK(giflab({"check", "--in-process", good, "--only", "S01"}).code == 0);
}

TEST_CASE("check --json has an object for every file") {
   const outcome ended = giflab({"check", good, bad, "--only", "L03", "--json"});
   CHECK(ended.code == 1);
   const auto document = nlohmann::json::parse(ended.out);
   REQUIRE(document.size() == 2);
   CHECK(document[0]["path"] == good);
   CHECK(document[0]["counts"]["pass"] == 1);
   CHECK(document[1]["checks"][0]["id"] == "L03");
   CHECK(document[1]["checks"][0]["verdict"] == "fail");
   CHECK(document[1]["plugins"].empty());
}

TEST_CASE("a folder is its modules, by name") {
   const fs::path folder = fresh_folder("check_folder");
   fs::copy(good, folder / "b.so");
   fs::copy(bad, folder / "a.so");
   write_file(folder / "notes.txt", "no module");
   const outcome ended = giflab({"check", folder, "--only", "L03"});
   CHECK(ended.code == 1);
   CHECK(ended.out.find("/a.so\n") < ended.out.find("/b.so\n"));
   CHECK(has(ended.out, "/b.so\n"));
   check_refusal(giflab({"check", fresh_folder("check_nothing")}), 2, "no *.so");
}

TEST_CASE("the list of checks has sixty lines") {
   const outcome ended = giflab({"check", "--list"});
   CHECK(ended.code == 0);
   CHECK(std::count(ended.out.begin(), ended.out.end(), '\n') == 60);
   CHECK(ended.out.starts_with("L01  "));
}

TEST_CASE("what check cannot mean is refused") {
   check_refusal(giflab({"check"}), 2, "FILE");
   check_refusal(giflab({"check", "/nowhere.so"}), 2, "/nowhere.so");
   check_refusal(giflab({"check", good, "--only", "S99"}), 2, "did you mean");
   check_refusal(giflab({"check", good, "--fuzz", "10"}), 2, "90s, 10m or 1h");
   check_refusal(giflab({"check", good, "--fuzz", "99999999999999h"}), 2, "90s, 10m or 1h");
   check_refusal(giflab({"check", good, "--seed", "some"}), 2, "--seed");
   check_refusal(giflab({"check", good, "--jsno"}), 2, "did you mean --json?");
}

TEST_CASE("a run of all checks is remembered, one of some is not") {
   const fs::path folder = fresh_folder("check_remembered"), cache = fresh_folder("check_cache");
   const auto check = [&](const std::vector<std::string> &more) {
      std::vector<std::string> arguments = {"check", bad};
      arguments.insert(arguments.end(), more.begin(), more.end());
      return giflab(invocation{.arguments = arguments, .variables = {{"XDG_CACHE_HOME", cache.string()}}});
   };
   CHECK(check({"--only", "L03"}).code == 1);
   CHECK(names_in(cache).empty());
   CHECK(check({}).code == 1);
   CHECK(names_in(cache / "giflab/checks").size() == 1);
   const outcome listed =
       giflab(invocation{.arguments = {"plugins", "--all"}, .variables = {{"XDG_CACHE_HOME", cache.string()}}});
   CHECK(has(listed.out, "error.so (unchecked: run giflab check on it)\n"));
   fs::remove_all(cache);
   write_file(cache, "no folder");
   const outcome ended = check({});
   CHECK(ended.code == 1); // for the check, not for the cache
   CHECK(has(ended.err, "the verdict is not remembered"));
}

TEST_CASE("an interruption ends check within a second and leaves nothing behind") {
   const fs::path temporary = fresh_folder("check_interrupted");
   const outcome ended = check_in(temporary, {good, "--only", "P03", "--fuzz", "1h"}, true);
   CAPTURE(ended.out);
   CHECK_FALSE(ended.hung);
   CHECK(ended.code == 130);
   CHECK(ended.seconds < 30); // it stops within one; the others are for a busy machine
   CHECK(ended.err == "giflab: stopped on request\n");
   CHECK(names_in(temporary).empty());
}
