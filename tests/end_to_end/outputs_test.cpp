// The forms of results that host/results/README.md promises, and the files they go to.

#include "pictures.hpp"
#include "program.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

using namespace end_to_end;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

outcome compare_quietly(std::vector<std::string> options) {
   options.insert(options.begin(), {"compare", synthetic_gif(64, 48, 6), synthetic_gif(64, 48, 5), "--quiet"});
   return giflab(options);
}

std::set<std::string> keys(const json &object) {
   std::set<std::string> names;
   for (const auto &[name, value] : object.items())
      names.insert(name);
   return names;
}

using set = std::set<std::string>;

void check_fields_of_a_file(const json &file) {
   CHECK(keys(file) ==
         set{"path", "format", "bytes", "width", "height", "frames", "duration_ms", "loop_count", "warnings"});
   CHECK(file["format"] == "GIF89a");
   CHECK(file["width"] == 64);
   CHECK(file["height"] == 48);
   CHECK(file["loop_count"] == 0);
   CHECK(file["bytes"] == fs::file_size(file["path"].get<std::string>()));
}

void check_fields_of_a_metric(const json &metric) {
   CHECK(keys(metric) == set{"value", "status", "reason", "statistics", "worst", "direction", "unit", "pooling",
                             "plugin", "version", "device", "frames"});
   if (metric["statistics"].is_object())
      CHECK(keys(metric["statistics"]) ==
            set{"mean", "std", "min", "max", "p05", "p95", "first", "middle", "last", "positional_variance"});
   for (const json &worst : metric["worst"])
      CHECK(keys(worst) == set{"pair", "start_ms", "value"});
   CHECK(metric["worst"].size() <= 5);
   CHECK(metric["value"].is_null() == metric["reason"].is_string());
   CHECK(metric["device"] == "cpu");
   CHECK(set{"higher", "lower", "neither"}.contains(metric["direction"]));
}

std::vector<std::string> lines(const std::string &text) {
   std::vector<std::string> all;
   std::istringstream stream(text);
   for (std::string line; std::getline(stream, line);)
      all.push_back(line);
   return all;
}

} // namespace

TEST_CASE("JSON has every documented field and no other") {
   const outcome ended = compare_quietly({"--format", "json"});
   REQUIRE(ended.code == 0);
   const json found = json::parse(ended.out);
   CHECK(keys(found) == set{"schema", "giflab", "reference", "distorted", "alignment", "settings", "metrics"});
   CHECK(found["schema"] == "giflab.compare/1");
   CHECK(giflab({"--version"}).out == fmt::format("giflab {}\n", found["giflab"].get<std::string>()));
   check_fields_of_a_file(found["reference"]);
   check_fields_of_a_file(found["distorted"]);
   CHECK(keys(found["alignment"]) ==
         set{"mode", "pairs", "duration_ms", "dropped", "duplicated", "reordered", "max_drift_ms", "notes"});
   CHECK(found["alignment"]["duration_ms"] == 480);
   CHECK(keys(found["settings"]) == set{"optimization_level", "background"});
   for (const auto &[id, metric] : found["metrics"].items()) {
      CAPTURE(id);
      check_fields_of_a_metric(metric);
   }
}

TEST_CASE("JSON writes infinite values as text and absent ones as null with status and reason") {
   const std::string gif = synthetic_gif(64, 48, 6);
   const json metrics = json::parse(giflab({"compare", gif, gif, "-q", "--format", "json"}).out)["metrics"];
   CHECK(metrics["psnr"]["value"] == "Infinity");
   CHECK(metrics["psnr"]["status"] == "present");
   CHECK(metrics["psnr"]["statistics"]["std"].is_null());
   CHECK(metrics["ms_ssim"]["value"].is_null());
   CHECK(metrics["ms_ssim"]["status"] == "skipped");
   CHECK(has(metrics["ms_ssim"]["reason"], "176x176"));
   CHECK(metrics["ms_ssim"]["statistics"].is_null());
   CHECK(metrics["kilobytes"]["value"] == doctest::Approx(fs::file_size(gif) / 1024.0));
   CHECK(metrics["kilobytes"]["statistics"].is_null());
}

TEST_CASE("rows for every pair are in JSON and JSON lines on request") {
   const json found =
       json::parse(compare_quietly({"--format", "json", "--per-frame", "--metrics", "mse,psnr"}).out);
   REQUIRE(found["frames"].size() == 6);
   CHECK(keys(found["frames"][0]) ==
         set{"pair", "reference_frame", "distorted_frame", "start_ms", "duration_ms", "values"});
   CHECK(found["frames"][5]["distorted_frame"] == 4); // held
   CHECK(found["frames"][5]["start_ms"] == 400);
   CHECK(found["frames"][0]["values"] == json{{"mse", 0}, {"psnr", "Infinity"}});
   const std::string line = compare_quietly({"--format", "jsonl", "--per-frame", "--metrics", "mse,psnr"}).out;
   CHECK(std::count(line.begin(), line.end(), '\n') == 1);
   CHECK(json::parse(line) == found);
   check_refusal(compare_quietly({"--per-frame"}), 2, "--format json, jsonl or csv");
}

TEST_CASE("CSV has the documented columns, one line a metric or a pair") {
   const auto rows = lines(compare_quietly({"--format", "csv", "--metrics", "mse,psnr,ms_ssim"}).out);
   REQUIRE(rows.size() == 4);
   CHECK(rows[0] == "reference,distorted,metric,value,status,reason,mean,std,min,p05,p95,max,first,middle,last,"
                    "positional_variance,frames,direction,unit,pooling,plugin,version,device\r");
   CHECK(has(rows[2], ",psnr,"));
   CHECK(has(rows[2], ",Infinity,"));
   CHECK(has(rows[3], ",ms_ssim,,skipped,needs pictures of"));
   const auto pairs = lines(compare_quietly({"--format", "csv", "--per-frame", "--metrics", "mse,psnr"}).out);
   REQUIRE(pairs.size() == 1 + 6 * 2);
   CHECK(pairs[0] ==
         "reference,distorted,pair,reference_frame,distorted_frame,start_ms,duration_ms,metric,value,reason\r");
   CHECK(pairs[2].ends_with(",0,0,0,0,80,psnr,Infinity,\r"));
}

TEST_CASE("a table shows both files, the alignment, every metric and what is absent") {
   const std::string table = compare_quietly({"--metrics", "mse,psnr,ms_ssim"}).out;
   for (const std::string part :
        {"reference  ", "distorted  ", "64 x 48", "6 frames", "5 frames", "aligned    by time", "\nmse ",
         "\npsnr ", "infinite", "ms_ssim  skipped  needs pictures", "is held for"})
      CHECK_MESSAGE(has(table, part), table);
}

TEST_CASE("an unknown format is refused with the nearest") {
   check_refusal(compare_quietly({"--format", "jsn"}), 2, "json");
   check_refusal(giflab({"info", synthetic_gif(64, 48, 6), "--format", "jsn"}), 2, "json");
}

TEST_CASE("--output writes the file and nothing beside it") {
   const fs::path folder = fresh_folder("output");
   for (const char *format : {"table", "json", "jsonl", "csv"}) {
      const fs::path file = folder / "new" / "folders" / format;
      const outcome ended = compare_quietly({"--format", format, "--output", file});
      CHECK(ended.code == 0);
      CHECK(ended.out.empty());
      CHECK(contents(file) == compare_quietly({"--format", format}).out);
   }
   CHECK(names_in(folder / "new" / "folders") == std::vector<std::string>{"csv", "json", "jsonl", "table"});
   CHECK(compare_quietly({"-o", "-"}).out == compare_quietly({}).out);
}

TEST_CASE("an output that fails leaves what was there") {
   const fs::path folder = fresh_folder("output_failures");
   write_file(folder / "old.json", "old");
   const std::string good = synthetic_gif(64, 48, 6);
   const outcome ended =
       giflab({"compare", good, "/nowhere.gif", "--format", "json", "-o", folder / "old.json"});
   check_refusal(ended, 1, "/nowhere.gif");
   CHECK(contents(folder / "old.json") == "old");
   CHECK(names_in(folder) == std::vector<std::string>{"old.json"});
   check_refusal(compare_quietly({"-o", folder}), 1, folder.string());
   check_refusal(compare_quietly({"-o", folder / "old.json" / "below.json"}), 1, "Not a directory");
   check_refusal(compare_quietly({"-o", (folder / "new").string() + "/"}), 1, "Is a directory");
   CHECK(names_in(folder) == std::vector<std::string>{"old.json"});
   CHECK(compare_quietly({"--format", "json", "-o", folder / "old.json"}).code == 0);
   CHECK(json::accept(contents(folder / "old.json")));
}

TEST_CASE("results are not written over what they are about") {
   const fs::path folder = fresh_folder("overwriting");
   fs::copy_file(synthetic_gif(64, 48, 6), folder / "a.gif");
   fs::create_symlink("a.gif", folder / "link.gif");
   const std::string before = contents(folder / "a.gif");
   for (const char *output : {"a.gif", "./a.gif", "link.gif"})
      check_refusal(giflab({.arguments = {"compare", "a.gif", "a.gif", "-q", "-o", output}, .folder = folder}),
                    2, "is one of the files that are read");
   write_file(folder / "run.toml", "[[inputs]]\nreference = \"a.gif\"\ndistorted = \"a.gif\"\n"
                                   "[[outputs]]\nformat = \"csv\"\npath = \"link.gif\"\n");
   check_refusal(giflab({.arguments = {"run", "run.toml", "-q"}, .folder = folder}), 2,
                 "is one of the files that are read");
   CHECK(contents(folder / "a.gif") == before);
}

TEST_CASE("results are not written over run files, formulas and one another") {
   const fs::path folder = fresh_folder("overwriting_more");
   const auto refused = [&](std::vector<std::string> arguments, const std::string &words) {
      arguments.push_back("-q");
      check_refusal(giflab({.arguments = arguments, .folder = folder}), 2, words);
   };
   const std::string gif = synthetic_gif(64, 48, 6),
                     formulas = "[[formulas]]\nid = \"x\"\nversion = \"1\"\ncombine = \"weighted_mean\"\nterms "
                                "= [{ metric = \"mse\", weight = 1 }]\n";
   write_file(folder / "f.toml", formulas);
   refused({"compare", gif, gif, "--formulas", "f.toml", "-o", "f.toml"}, "is one of the files that are read");
   CHECK(contents(folder / "f.toml") == formulas);
   refused({"compare", gif, gif, "-o", "x.json", "--trace", "./x.json"}, "written twice");
   const std::string pixels = contents(gif);
   refused({"compare", gif, gif, "--trace", gif}, "is one of the files that are read");
   CHECK(contents(gif) == pixels);
   const std::string run = fmt::format("[[inputs]]\nreference = \"{0}\"\ndistorted = \"{0}\"\n"
                                       "[[outputs]]\nformat = \"csv\"\npath = \"run.toml\"\n",
                                       gif);
   write_file(folder / "run.toml", run);
   refused({"run", "run.toml"}, "is one of the files that are read");
   CHECK(contents(folder / "run.toml") == run);
   CHECK(fmt::format("{}", fmt::join(names_in(folder), " ")) == "f.toml run.toml");
   CHECK(giflab({"compare", gif, gif, "-q", "-o", "/dev/null", "--trace", "/dev/null"}).code == 0);
}

TEST_CASE("a file that is written again is no more open to others than it was") {
   const fs::path file = fresh_folder("mode") / "private.json";
   write_file(file, "old");
   fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
   CHECK(compare_quietly({"--format", "json", "-o", file}).code == 0);
   CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("a standard error that nobody can write to costs no results") {
   const fs::path folder = fresh_folder("deaf");
   const std::string a = synthetic_gif(64, 48, 6), b = synthetic_gif(64, 48, 5);
   std::string inputs;
   for (int i = 0; i < 6; ++i)
      inputs += fmt::format("[[inputs]]\nreference = \"{}\"\ndistorted = \"{}\"\n", a, b);
   write_file(folder / "run.toml", inputs + "[metrics]\nselect = [\"mse\"]\n[[outputs]]\nformat = \"jsonl\"\n");
   const std::string program = GIFLAB;
   for (const char *stream : {"2>/dev/full", "2>&-"})
      for (const auto &[command, code] :
           {std::pair("run run.toml --threads 2", 0), std::pair("run run.toml --threads 1", 0),
            std::pair("compare A B --format json", 0), std::pair("compare A B --fail-if 'mse > 0'", 3),
            std::pair("compare A B --profile", 0), std::pair("compare A nowhere.gif", 1),
            std::pair("process A made.gif", 0), std::pair("compare --nonsense", 2)}) {
         std::string line = program + " " + command;
         for (const auto &[name, path] : {std::pair(" A", a), std::pair(" B", b)})
            if (const std::size_t at = line.find(name); at != std::string::npos)
               line.replace(at, 2, " '" + path + "'");
         CAPTURE(line);
         const outcome ended = run_program(
             "/bin/sh", {.arguments = {"-c", line + " " + stream}, .folder = folder, .seconds = 60});
         CHECK_FALSE(ended.hung);
         CHECK(ended.code == code);
         CHECK(ended.out.empty() == (code == 1 || code == 2));
      }
}

TEST_CASE("a standard output that cannot be written is told by every command") {
   const std::string program = GIFLAB;
   for (const std::string &command : {"info " + synthetic_gif(64, 48, 6), std::string("plugins"),
                                      std::string("config show"), std::string("doctor"), std::string("--help"),
                                      std::string("compare --help"), std::string("--version")}) {
      CAPTURE(command);
      const outcome ended =
          run_program("/bin/sh", {.arguments = {"-c", program + " " + command + " > /dev/full"}});
      CHECK(ended.code == 1);
      CHECK(has(ended.err, "standard output cannot be written: No space left on device"));
   }
}

TEST_CASE("a full disk is told, and fails") {
   check_refusal(compare_quietly({"-o", "/dev/full"}), 1, "/dev/full");
}
