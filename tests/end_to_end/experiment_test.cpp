// `run` with [pipelines]: every cell once, whatever happens.

#include "pictures.hpp"
#include "program.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <random>
#include <sstream>
#include <sys/mount.h>
#include <unistd.h>

using namespace end_to_end;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

using words = std::vector<std::string>;

// 12 pipelines of what every machine has.
constexpr const char *pipelines = "[metrics]\nselect = [\"ssim\", \"mse\", \"compression_ratio\"]\n"
                                  "[pipelines]\nframe = [\"none\", { step = \"drop_even\", keep = 0.5 }]\n"
                                  "colour = [{ step = \"palette\", colours = [4, 8, 16] }]\n"
                                  "lossy = [\"gif\", { step = \"resize\", scale = 100 }]\n";

fs::path tree_with(const std::string &name, const std::string &run_file) {
   const fs::path folder = fresh_folder(name);
   fs::create_directories(folder / "in");
   fs::copy(synthetic_gif(32, 24, 4), folder / "in/a.gif");
   fs::copy(synthetic_gif(24, 32, 5), folder / "in/b.gif");
   write_file(folder / "run.toml", run_file);
   return folder;
}

words arguments(const words &more = {}) {
   words all = {"run", "run.toml", "--input", "in", "-q"};
   all.insert(all.end(), more.begin(), more.end());
   return all;
}

outcome run(const fs::path &folder, const words &more = {}) {
   return giflab(invocation{.arguments = arguments(more), .folder = folder});
}

std::vector<json> lines_of(const fs::path &file) {
   std::istringstream text(contents(file));
   std::vector<json> lines;
   for (std::string line; std::getline(text, line);)
      lines.push_back(json::parse(line));
   return lines;
}

constexpr const char *exports[] = {"results.csv", "results.jsonl",  "results.sqlite", "pareto.csv",
                                   "sources.csv", "validation.csv", "elimination.csv"};

void check_same(const fs::path &a, const fs::path &b) {
   for (const char *name : exports)
      CHECK_MESSAGE(contents(a / name) == contents(b / name), name);
   CHECK(names_in(a / "files") == names_in(b / "files"));
   for (const std::string &name : names_in(a / "files"))
      CHECK(contents(a / "files" / name) == contents(b / "files" / name));
}

bool has_tool(const std::string &name) {
   try {
      return run_program(name, {{"--version"}}).code == 0;
   } catch (const std::runtime_error &) {
      MESSAGE("skipped: ", name, " is not installed");
      return false;
   }
}

} // namespace

TEST_CASE("a run has a row for each source, pipeline and metric, a front, and its folder") {
   const fs::path folder = tree_with("experiment", pipelines);
   const outcome ended = run(folder);
   CAPTURE(ended.err);
   CHECK(ended.code == 0);
   CHECK(sanitizer_report(ended).empty());
   CHECK(has(ended.out, "runs/001-run: 24 cells\n"));
   CHECK(has(ended.out, "all sources together: "));
   const fs::path made = folder / "runs/001-run";
   CHECK(names_in(folder / "runs") == words{"001-run", "latest"});
   CHECK(names_in(made) == words{"elimination.csv", "files", "journal.sqlite", "lock", "pareto.csv",
                                 "results.csv", "results.jsonl", "results.sqlite", "sources.csv",
                                 "validation.csv"});
   CHECK(names_in(made / "files").size() == 24);
   const std::string csv = contents(made / "results.csv");
   CHECK(std::count(csv.begin(), csv.end(), '\n') == 1 + 2 * 12 * 3);
   const std::string front = contents(made / "pareto.csv");
   CHECK(std::count(front.begin(), front.end(), '\n') == 1 + 3 * 12);
   for (const json &line : lines_of(made / "results.jsonl")) {
      CHECK(line["schema"] == "giflab.experiment/2");
      CHECK(line["status"] == "present");
      CHECK(line["metrics"]["mse"]["value"].is_number());
   }
   CHECK(has(giflab(invocation{.arguments = {"failures", "runs/latest"}, .folder = folder}).out,
             "nothing failed"));
}

TEST_CASE("every source has a platform and a class, every cell a status, and the files say why") {
   const fs::path folder = tree_with("experiment_decisions", pipelines);
   fs::create_directories(folder / "in/tenor/two_cats");
   fs::copy(synthetic_gif(40, 40, 3), folder / "in/tenor/two_cats/c.gif");
   write_file(folder / "in/d.gif", "GIF89a, or is it?");
   const outcome ended = run(folder, {"--output", "out"});
   CAPTURE(ended.err);
   CHECK(ended.code == 4); // of the corrupt one
   CHECK(has(ended.out, "1 unclassified"));
   CHECK(has(ended.out, "12 UNKNOWN"));
   CHECK(has(ended.out, "not judged, for want of values: colours, composite_quality,"));
   CHECK(has(ended.out, "nothing is kept by efficiency: the run has no such metric"));
   const std::string sources = contents(folder / "out/sources.csv");
   CHECK(has(sources, ",tenor,two cats,,"));
   CHECK(has(sources, ",changed_area_reference,colours_reference.max,"));
   std::size_t halved = 0;
   for (const json &line : lines_of(folder / "out/results.jsonl")) {
      const json &validation = line["validation"];
      const bool corrupt = line["status"] == "failed";
      CHECK((validation["status"] == "UNKNOWN") == corrupt);
      CHECK((line["source"]["class"] == "unclassified") == corrupt);
      for (const json &issue : validation["issues"])
         CHECK(issue["value"].is_number());
      halved += line["pipeline"]["frame"] != "none";
   }
   CHECK(halved == 4 * 6);
   const std::string judged = contents(folder / "out/validation.csv");
   CHECK(std::count(judged.begin(), judged.end(), '\n') == 1 + 4 * 12 * 15);
   CHECK(has(judged, ",frame_count,frame_share_deviation,0,"));

   write_file(folder / "strict.toml", "[[validation]]\nid = \"tiny\"\nvalue = \"size_percent\"\nartifact = "
                                      "\"> 0\"\n");
   const outcome strict = run(folder, {"--output", "strict", "--decisions", "strict.toml"});
   CHECK(has(strict.out, "validation: 36 ARTIFACT, 12 UNKNOWN"));
   check_refusal(run(folder, {"--output", "x", "--decisions", "nowhere.toml"}), 2, "nowhere.toml");
   write_file(folder / "typo.toml", "[[content_classes]]\nname = \"x\"\nall = [\"flat_are > 1\"]\n");
   check_refusal(run(folder, {"--output", "x", "--decisions", "typo.toml"}), 2, "flat_area");
}

TEST_CASE("select writes a run file that run takes as it stands, and time is estimated from a run") {
   const fs::path folder = tree_with("experiment_select", pipelines);
   const outcome tried = run(folder, {"--estimate", "--output", "out"});
   CHECK(tried.code == 0);
   CHECK(has(tried.out, "24 cells left: about "));
   CHECK(has(tried.out, "from the times of 8 cells, tried just now; 16 of the cells left"));
   CHECK_FALSE(fs::exists(folder / "out"));
   REQUIRE(run(folder, {"--output", "out"}).code == 0);
   CHECK(has(run(folder, {"--estimate", "--output", "out"}).out, "nothing is left to do"));
   const outcome again = run(folder, {"--estimate", "--output", "other"});
   CHECK(has(again.out, "tried just now"));
   CHECK(run(folder, {"--estimate", "--output", "out", "--max-pipelines", "6"}).code == 2); // as without
   REQUIRE(run(folder).code == 0);
   const outcome fewer = run(folder, {"--estimate", "--max-pipelines", "6"});
   CHECK(has(fewer.out, "from the times of 24 cells of runs/001-run\n"));

   const auto select = [&](words more) {
      more.insert(more.begin(), {"select", "out"});
      return giflab(invocation{.arguments = std::move(more), .folder = folder});
   };
   const outcome chosen = select({"--top", "2", "--by", "ssim.p05", "--output", "best.toml"});
   CAPTURE(chosen.err);
   CHECK(chosen.code == 0);
   CHECK(has(chosen.out, "of 12 pipelines by ssim.p05 (higher is better) over 2 sources"));
   const outcome ran = giflab(invocation{
       .arguments = {"run", "best.toml", "--input", "in", "--output", "best", "-q"}, .folder = folder});
   CAPTURE(ran.err);
   CHECK(ran.code == 0);
   const auto lines = lines_of(folder / "best/results.jsonl");
   CHECK(lines.size() >= 4);
   for (const json &line : lines) {
      CHECK(line["pipeline"]["frame"] == "none"); // a picture that is left out costs at the worst moments
      CHECK(line["metrics"].size() == 3);
   }
   CHECK(has(select({"--status", "PASS"}).out, "rank"));
   CHECK(has(select({"--where", "size_percent < 1000", "--output", "-"}).out, "chosen = ["));
   const outcome none = select({"--where", "ssim > 2"});
   CHECK(none.code == 1);
   CHECK(has(none.err, "pipeline 12: in/"));
   const std::string journal = contents(folder / "out/journal.sqlite"), source = contents(folder / "in/a.gif");
   fs::create_symlink("out/journal.sqlite", folder / "link");
   for (const char *own : {"out/journal.sqlite", "out/results.csv", "out/files/1-1.gif", "link"})
      check_refusal(select({"--output", own}), 2, "is a file of the run: write somewhere else");
   check_refusal(select({"--output", "in/a.gif"}), 2, "is one of the files that are read");
   CHECK(contents(folder / "out/journal.sqlite") == journal);
   CHECK(contents(folder / "in/a.gif") == source);
   for (int i = 0; i < 2; ++i)
      CHECK(select({"--output", "out/best.toml"}).code == 0);
   check_refusal(select({"--by", "sim"}), 2, "did you mean ssim?");
   check_refusal(select({"--class", "nothing"}), 2, "no source of the class");
   for (const char *command : {"select", "failures"})
      check_refusal(giflab({command, (folder / "nothere").string()}), 1, "name the folder of a run");
}

TEST_CASE("threads, and how often it was begun, do not change a byte") {
   const fs::path folder = tree_with("experiment_threads", pipelines);
   CHECK(run(folder, {"--output", "one", "--threads", "1"}).code == 0);
   CHECK(run(folder, {"--output", "four", "--threads", "4"}).code == 0);
   check_same(folder / "one", folder / "four");
   const outcome again = run(folder, {"--output", "one", "--resume"});
   CHECK(again.code == 0);
   CHECK(has(again.out, "24 cells (24 of them done before)"));
   check_same(folder / "one", folder / "four");
}

TEST_CASE("killed at any moment and gone on with, a run ends in the same bytes") {
   const fs::path folder = tree_with("experiment_kills", pipelines);
   const outcome undisturbed = run(folder, {"--output", "whole"});
   REQUIRE(undisturbed.code == 0);
   std::mt19937 chance(20261126);
   const int longest = std::max(50, static_cast<int>(undisturbed.seconds * 1000));
   int killed = 0, finished = 0;
   for (int i = 0; i < 20; ++i) {
      const outcome ended =
          giflab(invocation{.arguments = arguments({"--output", "killed"}),
                            .folder = folder,
                            .kill_after_ms = static_cast<int>(chance() % static_cast<unsigned>(longest))});
      CAPTURE(ended.err);
      CHECK((ended.code == 0 || ended.code == 128 + 9));
      killed += ended.code != 0;
      if (ended.code != 0)
         continue;
      ++finished;
      check_same(folder / "whole", folder / "killed");
      fs::remove_all(folder / "killed");
   }
   MESSAGE(killed, " runs were killed, ", finished, " came to an end");
   CHECK(killed > 0);
   CHECK(run(folder, {"--output", "killed"}).code == 0);
   check_same(folder / "whole", folder / "killed");
   CHECK(names_in(folder / "killed") == names_in(folder / "whole"));
}

TEST_CASE("a run whose folder lies among its sources goes on, and takes nothing that it made for a source") {
   const fs::path folder = tree_with("experiment_inside", pipelines);
   const auto again = [&](const words &more) {
      words all = {"run", "run.toml", "-q", "--input"};
      all.insert(all.end(), more.begin(), more.end());
      return giflab(invocation{.arguments = all, .folder = folder});
   };
   for (const char *made : {"runs/001-run", "runs/002-run"}) {
      const outcome whole = again({"."});
      CAPTURE(whole.err);
      CHECK(whole.code == 0);
      CHECK(has(whole.out, std::string(made) + ": 24 cells\n"));
   }
   CHECK(has(again({".", "--resume"}).out, "24 cells (24 of them done before)"));
   CHECK(has(again({".", "--estimate"}).out, "2 sources x 12 of 12 pipelines = 24 cells"));
   REQUIRE(again({"in", "--output", "in"}).code == 0);
   CHECK(has(again({"in", "--output", "in"}).out, "24 cells (24 of them done before)"));
}

TEST_CASE("another run in a folder is refused, with what differs") {
   const fs::path folder = tree_with("experiment_other", pipelines);
   REQUIRE(run(folder, {"--output", "out"}).code == 0);
   const std::string before = contents(folder / "out/results.csv");
   const outcome other = run(folder, {"--output", "out", "--background", "black"});
   CHECK(other.code == 2);
   CHECK(has(other.err, "setting background: was #ffffff, is #000000\n"));
   CHECK(has(other.err, "holds another run"));
   CHECK(contents(folder / "out/results.csv") == before);
   fs::copy(synthetic_gif(24, 24, 3), folder / "in/c.gif");
   CHECK(has(run(folder, {"--output", "out"}).err, "source 000003: was not there"));
   const outcome estimated = run(folder, {"--output", "out", "--background", "black", "--estimate"});
   CHECK(estimated.code == 2);
   CHECK(has(estimated.err, "setting background: was #ffffff, is #000000\n"));
   for (const words &more : {words{}, words{"--estimate"}}) {
      words named = {"--output", "empty", "--resume"}, numbered = {"--resume"};
      named.insert(named.end(), more.begin(), more.end());
      numbered.insert(numbered.end(), more.begin(), more.end());
      check_refusal(run(folder, named), 2, "holds no run to go on with");
      check_refusal(run(folder, numbered), 2, "there is no run \"run\" to go on with");
   }
   CHECK_FALSE(fs::exists(folder / "empty"));
}

TEST_CASE("corrupt sources and missing tools are rows with reasons; the former make the exit code 4") {
   const fs::path folder =
       tree_with("experiment_corrupt", "[metrics]\nselect = [\"mse\"]\n[pipelines]\n"
                                       "lossy = [\"gif\", { step = \"gifski\", quality = 50 }]\n");
   const std::map<std::string, std::string> nowhere = {{"GIFLAB_GIFSKI_PATH", "/nowhere/gifski"}};
   const auto again = [&](const words &more) {
      return giflab(invocation{.arguments = arguments(more), .variables = nowhere, .folder = folder});
   };
   const outcome missing = again({"--output", "missing"});
   CAPTURE(missing.err);
   CHECK(missing.code == 0);
   CHECK(has(missing.out, "4 cells, 2 unavailable"));
   write_file(folder / "in/c.gif", "GIF89a, or is it?");
   write_file(folder / "in/d.gif", "");
   const outcome ended = again({"--output", "out"});
   CAPTURE(ended.err);
   CHECK(ended.code == 4);
   const std::vector<json> lines = lines_of(folder / "out/results.jsonl");
   REQUIRE(lines.size() == 8);
   for (const json &line : lines) {
      const bool corrupt = line["source"]["path"] == "in/c.gif" || line["source"]["path"] == "in/d.gif";
      const bool gifski = has(line["pipeline"]["lossy"], "gifski");
      CHECK(line["status"] == (corrupt ? "failed" : gifski ? "unavailable" : "present"));
      CHECK(line["reason"].is_null() == (!corrupt && !gifski));
      CHECK(line["metrics"]["mse"]["value"].is_null() == (corrupt || gifski));
   }
   const outcome told = giflab(invocation{.arguments = {"failures", "out"}, .folder = folder});
   CHECK(told.code == 0);
   CHECK(has(told.out, "   in/c.gif, every pipeline\n"));
   CHECK(has(told.out, "   in/a.gif, pipeline 2: gifski:quality=50\n"));
}

TEST_CASE("what failed for want of memory is tried again by the same command, and ends in the same bytes") {
   const fs::path folder = tree_with("experiment_memory", pipelines);
   const outcome poor = giflab(invocation{.arguments = arguments({"--output", "out"}),
                                          .variables = {{"GIFLAB_MAX_MEMORY_MB", "10"}},
                                          .folder = folder});
   CAPTURE(poor.err);
   CHECK(poor.code != 0);
   CHECK(run(folder, {"--output", "out"}).code == 0);
   CHECK(run(folder, {"--output", "whole"}).code == 0);
   check_same(folder / "out", folder / "whole");
}

TEST_CASE("two runs beside each other leave each other alone") {
   const fs::path folder = tree_with("experiment_beside", pipelines);
   const std::vector<outcome> both = giflab_each({invocation{.arguments = arguments(), .folder = folder},
                                                  invocation{.arguments = arguments(), .folder = folder}});
   for (const outcome &ended : both)
      CHECK_MESSAGE(ended.code == 0, ended.err);
   REQUIRE(names_in(folder / "runs") == words{"001-run", "002-run", "latest"});
   check_same(folder / "runs/001-run", folder / "runs/002-run");
}

TEST_CASE("folders that cannot be written, or are full, are one sentence") {
   const fs::path folder = tree_with("experiment_disk", pipelines);
   check_refusal(run(folder, {"--output", "/proc/giflab"}), 1, "cannot be written");
   const fs::path small = folder / "small";
   fs::create_directories(small);
   if (mount("giflab-test", small.c_str(), "tmpfs", 0, "size=192k") != 0) {
      MESSAGE("skipped: no file system may be mounted here, so none can be full");
      return;
   }
   const outcome full = run(folder, {"--output", "small/out"});
   umount(small.c_str());
   CHECK(full.code == 1);
   CHECK(has(full.err, "full") != has(full.err, "No space left on device"));
   CHECK(std::count(full.err.begin(), full.err.end(), '\n') == 1);
}

TEST_CASE("a run is told of and chosen from where nothing can be written") {
   const fs::path folder = tree_with("experiment_read_only", pipelines);
   REQUIRE(run(folder, {"--output", "out"}).code == 0);
   const std::string seen = "archive 100%?#";
   fs::create_directories(folder / seen);
   const std::string from = folder.string(), to = (folder / seen).string();
   if (mount(from.c_str(), to.c_str(), nullptr, MS_BIND, nullptr) != 0 ||
       mount(nullptr, to.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) != 0) {
      MESSAGE("skipped: nothing may be mounted here, so everything can be written");
      return;
   }
   const outcome told = giflab({"failures", to + "/out"});
   const outcome chosen = giflab({"select", to + "/out"});
   const outcome estimated = run(folder, {"--estimate", "--output", seen + "/out"});
   umount(to.c_str());
   CHECK_MESSAGE(told.code == 0, told.err);
   CHECK(has(told.out, "nothing failed"));
   CHECK_MESSAGE(chosen.code == 0, chosen.err);
   CHECK_MESSAGE(estimated.code == 0, estimated.err);
}

TEST_CASE("estimates do nothing, and what cannot be meant is refused") {
   const fs::path folder = tree_with("experiment_plans", pipelines);
   const outcome told = run(folder, {"--estimate", "--max-pipelines", "6"});
   CHECK(told.code == 0);
   CHECK(has(told.out, "2 sources x 6 of 12 pipelines = 12 cells\n"));
   CHECK(has(told.out, "palette:colours=8: 2 times"));
   CHECK_FALSE(fs::exists(folder / "runs"));
   const auto refused = [&](const std::string &text, const std::string &words_of_it) {
      write_file(folder / "run.toml", text);
      check_refusal(run(folder), 2, words_of_it);
   };
   refused("[pipelines]\nlossy = [{ step = \"gifsicl\" }]\n", "did you mean gifsicle?");
   refused("[pipelines]\nlossy = [{ step = \"gifsicle\", lossi = [1, 2] }]\n", "run.toml:2:10");
   refused("[pipelines]\nlossy = [{ step = \"gifsicle\", lossy = 301 }]\n", "from 0 to 300");
   refused("[pipelines]\ndesign = \"ful\"\n", "did you mean full?");
   refused("[pipelines]\nlossy = [{ step = \"gif\", x = { from = 3, to = 1, step = 1 } }]\n", "a range is");
   refused("[pipelines]\n[[outputs]]\nformat = \"csv\"\n", "do not go together");
   refused("[pipelines]\nquality = \"sim\"\n", "which the run does not compute");
   refused("[[inputs]]\nreference = \"in/a.gif\"\ndistorted = \"in/b.gif\"\n", "has no [pipelines]");
   refused("[pipelines]\nchosen = [{ lossy = \"gif\" }]\nlossy = [\"gif\"]\n", "leave out lossy");
   refused("[pipelines]\nchosen = [{ lossy = \"gifsicl\" }]\n", "did you mean gifsicle?");
   write_file(folder / "run.toml", "[pipelines]\n");
   check_refusal(giflab(invocation{.arguments = {"run", "run.toml"}, .folder = folder}), 2,
                 "there is no source");
}

TEST_CASE("gates are judged for every cell") {
   const fs::path folder = tree_with("experiment_gates", pipelines);
   CHECK(run(folder, {"--fail-if", "ssim < 0"}).code == 0);
   const outcome held = run(folder, {"--fail-if", "ssim >= 0"});
   CHECK(held.code == 3);
   CHECK(std::count(held.err.begin(), held.err.end(), '\n') == 24);
}

TEST_CASE("the preset quick-test runs gifsicle, ImageMagick and FFmpeg") {
   if (!has_tool("gifsicle") || !has_tool("convert"))
      return;
   try {
      (void)run_program("ffmpeg", {{"-version"}});
   } catch (const std::runtime_error &) {
      MESSAGE("skipped: ffmpeg is not installed");
      return;
   }
   const fs::path folder = tree_with("experiment_quick", "");
   const outcome ended = giflab(
       invocation{.arguments = {"run", std::string(SOURCE_DIRECTORY) + "/configs/presets/quick-test.toml",
                                "--input", "in", "-q", "--output", "out"},
                  .folder = folder});
   CAPTURE(ended.err);
   CHECK(ended.code == 0);
   CHECK(ended.err.empty());
   const std::vector<json> lines = lines_of(folder / "out/results.jsonl");
   CHECK(lines.size() == 2 * 8);
   for (const json &line : lines)
      CHECK(line["status"] == "present");
}

TEST_CASE("a search ends in the smallest file that meets its goal, each trial once, whatever happens") {
   const std::string run_file = "[metrics]\nselect = [\"mse\"]\n"
                                "[pipelines]\nlossy = [{ step = \"palette\", dither = [\"none\", \"ordered\"], "
                                "colours = { from = 64, to = 2, step = -2 } }]\n";
   const std::string search = "[search]\ngoal = [\"mse <= 60\"]\nknob = [\"palette.colours\"]\n";
   const fs::path folder = tree_with("experiment_search", run_file + search);
   const outcome whole = run(folder, {"--output", "whole"});
   CAPTURE(whole.err);
   CAPTURE(whole.out);
   CHECK(whole.code == 0);
   CHECK(sanitizer_report(whole).empty());

   // What trying everything finds.
   write_file(folder / "run.toml", run_file);
   REQUIRE(run(folder, {"--output", "sweep"}).code == 0);
   std::map<std::string, int64_t> smallest;
   for (const json &line : lines_of(folder / "sweep/results.jsonl"))
      if (line["metrics"]["mse"]["value"] <= 60) {
         int64_t &least = smallest.try_emplace(line["source"]["path"], line["bytes"]).first->second;
         least = std::min<int64_t>(least, line["bytes"]);
      }
   REQUIRE(smallest.size() == 2);
   const auto answers = lines_of(folder / "whole/search.jsonl");
   CHECK(answers.size() == 4);
   for (const json &line : answers) {
      CHECK(line["schema"] == "giflab.search/1");
      CHECK(line["outcome"] == "found");
      CHECK(line["trials"].size() < 16); // of 32
      if (line["smallest"] == true)
         for (const json &trial : line["trials"])
            if (trial["pipeline"] == line["answer"])
               CHECK(trial["bytes"] == smallest[line["source"]["path"]]);
   }

   // Killed again and again.
   write_file(folder / "run.toml", run_file + search);
   outcome last;
   for (int round = 0; round < 100 && last.code != 0; ++round)
      last = giflab(invocation{.arguments = arguments({"--output", "killed"}),
                               .folder = folder,
                               .kill_after_ms = round < 6 ? 60 + 40 * round : -1});
   CHECK(last.code == 0);
   check_same(folder / "whole", folder / "killed");
   for (const char *name : {"search.csv", "search.jsonl"})
      CHECK(contents(folder / "whole" / name) == contents(folder / "killed" / name));

   // Another goal goes on with the same trials; one out of reach says so.
   write_file(folder / "run.toml",
              run_file + "[search]\ngoal = [\"mse < 0\"]\nknob = [\"palette.colours\"]\nneighbours = 0\n");
   const outcome unreachable = run(folder, {"--output", "whole"});
   CHECK(unreachable.code == 3);
   CHECK(has(unreachable.out, "unreachable: even colours=64 misses the goal mse < 0: it is "));
   CHECK(lines_of(folder / "whole/search.jsonl")[0]["answer"].is_null());
}

TEST_CASE("searches that mean nothing are refused") {
   const auto refused = [](const std::string &text, const std::string &words) {
      const fs::path folder = tree_with("experiment_search_refused", "[metrics]\nselect = [\"mse\"]\n" + text);
      check_refusal(run(folder), 2, words);
   };
   const std::string lossy = "[pipelines]\nlossy = [{ step = \"palette\", colours = [8, 4] }]\n";
   refused(lossy + "[search]\nknob = [\"colours\"]\n", "needs a goal");
   refused(lossy + "[search]\ngoal = [\"mse < 1\"]\n", "needs a knob");
   refused(lossy + "[search]\ngoal = [\"mse < 1\"]\nknob = [\"colors\"]\n", "did you mean palette.colours?");
   refused(lossy + "[search]\ngoal = [\"ssim > 1\"]\nknob = [\"colours\"]\n", "not among the metrics");
   refused(lossy + "design = \"quick\"\n[search]\ngoal = [\"mse < 1\"]\nknob = [\"colours\"]\n",
           "leave design and most out");
   refused(lossy + "[gates]\nfail_if = [\"mse > 1\"]\n[search]\ngoal = [\"mse < 1\"]\nknob = [\"colours\"]\n",
           "do not go together");
}
