// Run files: what they compare, where results go, and what is wrong with them.

#include "pictures.hpp"
#include "program.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

using namespace end_to_end;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

// A folder with an original, what became of it, and a run file of the given text.
fs::path tree_with(const std::string &run_file) {
   const fs::path folder = fresh_folder("run");
   fs::create_directories(folder / "made/deeper");
   fs::copy(synthetic_gif(64, 48, 6), folder / "original.gif");
   fs::copy(synthetic_gif(64, 48, 5), folder / "made/take2.gif");
   fs::copy(synthetic_gif(64, 48, 6), folder / "made/take10.gif");
   fs::copy(synthetic_gif(64, 48, 3), folder / "made/deeper/take1.gif");
   write_file(folder / "run.toml", run_file);
   return folder;
}

outcome run(const std::string &run_file, const std::vector<std::string> &options = {}) {
   std::vector<std::string> arguments = {"run", tree_with(run_file) / "run.toml"};
   arguments.insert(arguments.end(), options.begin(), options.end());
   return giflab(arguments);
}

constexpr const char *as_json = "[metrics]\nselect = [\"mse\"]\n[[outputs]]\nformat = \"json\"\n";

// The distorted files of a run, as its results name them, in their order.
std::vector<std::string> distorted_of(const outcome &ended) {
   CAPTURE(ended.err);
   const json found = json::parse(ended.out);
   CHECK(found["schema"] == "giflab.run/1");
   std::vector<std::string> names;
   for (const json &comparison : found["comparisons"]) {
      CHECK(comparison["schema"] == "giflab.compare/1");
      names.push_back(fs::path(comparison["distorted"]["path"].get<std::string>()).filename());
   }
   return names;
}

using names = std::vector<std::string>;

} // namespace

TEST_CASE("pairs, folders, patterns and placeholders give the comparisons that people expect") {
   const std::pair<const char *, names> expected[] = {
       {"reference = \"original.gif\"\ndistorted = \"made/take2.gif\"\n", {"take2.gif"}},
       {"reference = \"original.gif\"\ncandidates = [\"made/*.gif\"]\n", {"take2.gif", "take10.gif"}},
       {"reference = \"original.gif\"\ncandidates = [\"made/**/*.gif\"]\n",
        {"take1.gif", "take2.gif", "take10.gif"}},
       {"reference = \"original.gif\"\ncandidates = [\"made\"]\n", {"take1.gif", "take2.gif", "take10.gif"}},
       {"reference = \"original.gif\"\ncandidates = [\"made/take2.gif\", \"made/*.gif\"]\n",
        {"take2.gif", "take10.gif"}},
       {"reference = \"*.gif\"\ncandidates = [\"*.gif\", \"made/take2.gif\"]\n", {"take2.gif"}},
       {"reference = \"made\"\ndistorted = \"made\"\n", {"take1.gif", "take2.gif", "take10.gif"}},
   };
   for (const auto &[inputs, distorted] : expected) {
      CAPTURE(std::string(inputs));
      const outcome ended = run(std::string("[[inputs]]\n") + inputs + as_json);
      CHECK(ended.code == 0);
      names found = distorted_of(ended), wanted = distorted;
      if (wanted.size() == 3) { // the order among folders is the walk's
         std::sort(found.begin(), found.end());
         std::sort(wanted.begin(), wanted.end());
      }
      CHECK(found == wanted);
   }
}

TEST_CASE("one run writes several outputs, each complete, below the run file's folder") {
   const fs::path folder =
       tree_with("[[inputs]]\nreference = \"original.gif\"\ncandidates = [\"made/*.gif\"]\n"
                 "[metrics]\nselect = [\"mse\", \"psnr\"]\n"
                 "[[outputs]]\nformat = \"table\"\n"
                 "[[outputs]]\nformat = \"json\"\npath = \"results/all.json\"\n"
                 "[[outputs]]\nformat = \"jsonl\"\npath = \"results/all.jsonl\"\n"
                 "[[outputs]]\nformat = \"csv\"\npath = \"results/all.csv\"\nper_frame = true\n");
   const outcome ended = giflab({"run", folder / "run.toml"});
   CAPTURE(ended.err);
   CHECK(ended.code == 0);
   CHECK(has(ended.err, "[2/2]"));
   CHECK(has(ended.out, "take10.gif"));
   CHECK(names_in(folder / "results") == names{"all.csv", "all.json", "all.jsonl"});
   CHECK(json::parse(contents(folder / "results/all.json"))["comparisons"].size() == 2);
   const std::string csv = contents(folder / "results/all.csv"), jsonl = contents(folder / "results/all.jsonl");
   CHECK(std::count(jsonl.begin(), jsonl.end(), '\n') == 2);
   CHECK(std::count(csv.begin(), csv.end(), '\n') == 1 + 2 * 6 * 2);
}

TEST_CASE("what is missing is a row with a reason, the rest is compared, and the exit code tells") {
   const outcome ended = run(std::string("[[inputs]]\nreference = \"original.gif\"\n"
                                         "candidates = [\"made/take2.gif\", \"gone.gif\", \"no*.gif\"]\n") +
                                 as_json,
                             {"--quiet"});
   CHECK(ended.code == 4);
   CHECK(distorted_of(ended) == names{"take2.gif", "gone.gif"});
   CHECK(has(ended.err, "no*.gif"));
   const json found = json::parse(ended.out)["comparisons"];
   CHECK(found[0]["metrics"]["mse"]["status"] == "present");
   CHECK(has(found[1]["failure"], "there is no such file"));
   CHECK(found[1]["alignment"].is_null());
}

TEST_CASE("inputs that give nothing at all are refused") {
   const outcome ended = run("[[inputs]]\nreference = \"no*.gif\"\ncandidates = [\"made\"]\n");
   CHECK(ended.code == 1);
   CHECK(ended.out.empty());
   CHECK(has(ended.err, "no*.gif"));
}

TEST_CASE("gates of the run file and of the command line count together") {
   const std::string inputs = "[[inputs]]\nreference = \"original.gif\"\ncandidates = [\"made/*.gif\"]\n";
   const std::string gates = inputs + "[gates]\nfail_if = [\"mse > 1\"]\n";
   const outcome held = run(gates + as_json, {"-q"});
   CHECK(held.code == 3);
   CHECK(has(held.err, "take2.gif"));
   CHECK_FALSE(has(held.err, "take10.gif")); // identical
   CHECK(run(inputs + as_json).code == 0);
   CHECK(run(inputs + as_json, {"--fail-if", "mse == 0"}).code == 3);
   check_refusal(run(inputs + "[gates]\nfail_if = [\"sim < 1\"]\n"), 2, "did you mean");
}

TEST_CASE("mistakes in a run file name line, column and the nearest known name") {
   const std::string inputs = "[[inputs]]\nreference = \"original.gif\"\ndistorted = \"original.gif\"\n";
   const std::pair<std::string, std::vector<std::string>> mistakes[] = {
       {"[run]\nbatch_sise = 4\n" + inputs, {"run.toml:2:1", "batch_size"}},
       {"[run]\nbatch_size = \"four\"\n" + inputs, {"run.toml:2:", "batch_size"}},
       {"[rum]\n" + inputs, {"run.toml:1:", "run"}},
       {inputs + "distroted = \"b.gif\"\n", {"run.toml:4:1", "distorted"}},
       {inputs + "[metrics]\nslect = [\"mse\"]\n", {"run.toml:5:1", "select"}},
       {inputs + "[metrics]\nselect = [\"ssmi\"]\n", {"ssim"}},
       {inputs + "[[outputs]]\nformat = \"jsn\"\n", {"run.toml:5:", "json"}},
       {inputs + "[[outputs]]\nformat = \"table\"\nper_frame = true\n", {"run.toml:"}},
       {inputs + "[[outputs]]\nformat = \"csv\"\n[[outputs]]\nformat = \"json\"\n", {"run.toml:"}},
       {"[run\n", {"run.toml:1:"}},
       {"", {"run.toml"}},
       {std::string("\0\xFF\xFE", 3), {"run.toml"}},
   };
   for (const auto &[text, words] : mistakes) {
      CAPTURE(text);
      const outcome ended = run(text);
      for (const std::string &word : words)
         check_refusal(ended, 2, word);
   }
}

TEST_CASE("the command line chooses other metrics and settings than the run file") {
   const std::string text = std::string("[run]\nalign = \"index\"\n[[inputs]]\nreference = \"original.gif\"\n"
                                        "distorted = \"made/take2.gif\"\n") +
                            as_json;
   const json plain = json::parse(run(text).out)["comparisons"][0];
   CHECK(plain["alignment"]["mode"] == "index");
   const json other = json::parse(run(text, {"--align", "time", "--metrics", "psnr"}).out)["comparisons"][0];
   CHECK(other["alignment"]["mode"] == "time");
   CHECK(other["metrics"].contains("psnr"));
   CHECK_FALSE(other["metrics"].contains("mse"));
}

TEST_CASE("a pipe is refused as a run file before it blocks") {
   const fs::path pipe = fresh_folder("pipe_as_run_file") / "run.toml";
   REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
   check_refusal(giflab(invocation{.arguments = {"run", pipe}, .seconds = 30}), 2, pipe.string());
}

TEST_CASE("what is no run file is refused") {
   check_refusal(giflab({"run", "/nowhere.toml"}), 2, "/nowhere.toml");
   check_refusal(giflab({"run", synthetic_gif(64, 48, 6)}), 2, "64x48-6.gif");
   check_refusal(giflab({"run", fresh_folder("no_run_file")}), 2, "no_run_file");
   check_refusal(giflab({"run", "/dev/zero"}), 2, "/dev/zero");
   check_refusal(giflab({"run"}), 2, "CONFIG");
}
