#include "config/run_file.hpp"
#include "config/text_file.hpp"
#include "config/toml_nesting.hpp"
#include "scratch_folder.hpp"

#include <doctest/doctest.h>
#include <fstream>

using namespace giflab::config;
using giflab::problem;

namespace {

constexpr std::string_view pair = "[[inputs]]\nreference = \"a.gif\"\ndistorted = \"b.gif\"\n";

run_file parsed(std::string_view text) {
   auto file = parse_run_file(text, "runs/a.toml");
   REQUIRE_MESSAGE(file.has_value(), (file ? std::string() : file.error().text));
   return *file;
}

// The error of a text after a good [[inputs]] of three lines.
std::string error_after_pair(std::string_view text) {
   const auto file = parse_run_file(std::string(pair) + std::string(text), "runs/a.toml");
   REQUIRE_FALSE(file);
   CHECK(file.error().kind == problem::usage);
   return file.error().text;
}

std::string run_file_error(std::string_view text) {
   const auto file = parse_run_file(text, "runs/a.toml");
   REQUIRE_FALSE(file);
   CHECK(file.error().kind == problem::usage);
   return file.error().text;
}

} // namespace

TEST_CASE("everything that a run file can hold") {
   const run_file file = parsed(R"([run]
batch_size = 4
browser_delays = false
max_file_bytes = "2M"
plugin_path = ["plugins", "/abs"]
[[inputs]]
reference = "a.gif"
distorted = "b.gif"
[[inputs]]
reference = "originals/*.gif"
candidates = ["pairs/{stem}/*.gif", "more/"]
[metrics]
select = ["default", "ciede2000"]
[metrics.parameters."org.giflab.ssim"]
sigma = 2
exact = true
weight = 0.1
mode = "fast"
[[outputs]]
format = "csv"
path = "../out.csv"
per_frame = true
[[outputs]]
format = "table"
[gates]
fail_if = ["ssim.p05 < 0.9"]
)");
   CHECK(file.path == "runs/a.toml");
   CHECK(file.folder == "runs");

   settings all;
   REQUIRE(all.apply(file.settings));
   CHECK(all.integer(setting::batch_size) == 4);
   CHECK(all.origin(setting::batch_size) == "file runs/a.toml:2:14");
   CHECK_FALSE(all.enabled(setting::browser_delays));
   CHECK(all.integer(setting::max_file_bytes) == 2 << 20);
   CHECK(all.paths(setting::plugin_path) == std::vector<std::string>{"runs/plugins", "/abs"});

   REQUIRE(file.inputs.size() == 2);
   CHECK(file.inputs[0].reference == "a.gif");
   CHECK(file.inputs[0].distorted == "b.gif");
   CHECK(file.inputs[0].candidates.empty());
   CHECK(file.inputs[0].where == "runs/a.toml:6:1");
   CHECK(file.inputs[1].candidates == std::vector<std::string>{"pairs/{stem}/*.gif", "more/"});

   CHECK(file.metrics == std::vector<std::string>{"default", "ciede2000"});
   REQUIRE(file.parameters.size() == 4);
   for (const run_parameter &parameter : file.parameters)
      CHECK(parameter.plugin == "org.giflab.ssim");
   const auto value_of = [&](std::string_view name) {
      for (const run_parameter &parameter : file.parameters)
         if (parameter.name == name)
            return parameter.text + " at " + parameter.where;
      return std::string();
   };
   CHECK(value_of("sigma") == "2 at runs/a.toml:15:9");
   CHECK(value_of("exact") == "true at runs/a.toml:16:9");
   CHECK(value_of("weight") == "0.1 at runs/a.toml:17:10");
   CHECK(value_of("mode") == "fast at runs/a.toml:18:8");

   REQUIRE(file.outputs.size() == 2);
   CHECK(file.outputs[0].format == output_format::csv);
   CHECK(file.outputs[0].path == "out.csv");
   CHECK(file.outputs[0].per_frame);
   CHECK(file.outputs[1].path == "-");
   REQUIRE(file.gates.size() == 1);
   CHECK(file.gates[0].text == "ssim.p05 < 0.9");
   CHECK(file.gates[0].where == "runs/a.toml:26:12");
}

TEST_CASE("what is left out has a default") {
   const auto file = parse_run_file(pair, "a.toml");
   REQUIRE(file);
   CHECK(file->folder == ".");
   CHECK(file->settings.empty());
   CHECK(file->metrics.empty());
   CHECK(file->outputs.empty());
   CHECK(file->gates.empty());
}

TEST_CASE("unknown names are errors with a place and a suggestion") {
   CHECK(error_after_pair("[metric]\n") ==
         "runs/a.toml:4:2: unknown key \"metric\" in the file; did you mean metrics?");
   CHECK(error_after_pair("[run]\nbatchsize = 3\n") ==
         "unknown setting \"batchsize\" (runs/a.toml:5:1); did you mean batch_size?");
   CHECK(error_after_pair("[[inputs]]\nrefrence = \"a\"\n")
             .find("runs/a.toml:5:1: unknown key \"refrence\" in "
                   "[[inputs]]; did you mean reference?") == 0);
   CHECK(error_after_pair("[metrics]\nselct = []\n") ==
         "runs/a.toml:5:1: unknown key \"selct\" in [metrics]; did you mean select?");
   CHECK(error_after_pair("[[outputs]]\nformat = \"csw\"\n") ==
         "runs/a.toml:5:10: unknown output format \"csw\"; did you mean csv?");
   CHECK(error_after_pair("[gates]\nfail_in = []\n") ==
         "runs/a.toml:5:1: unknown key \"fail_in\" in [gates]; did you mean fail_if?");
}

TEST_CASE("folders in lists are relative to the file, names of programs are just names") {
   const run_file file =
       parsed(std::string(pair) +
              "[run]\nmodel_path = [\"models\", \"/abs\"]\nallowed_programs = [\"gifski\", \"x264\"]\n");
   settings all;
   REQUIRE(all.apply(file.settings));
   CHECK(all.paths(setting::model_path) == std::vector<std::string>{"runs/models", "/abs"});
   CHECK(all.programs(setting::allowed_programs) == std::vector<std::string>{"gifski", "x264"});
}

TEST_CASE("wrong types are errors with a place") {
   CHECK(error_after_pair("[run]\nbatch_size = \"3\"\n") ==
         "runs/a.toml:5:14: batch_size must be an integer from 1 to 256, not a text");
   CHECK(error_after_pair("[run]\nbrowser_delays = 1\n") ==
         "runs/a.toml:5:18: browser_delays must be true or false, not an integer");
   CHECK(error_after_pair("[run]\nbatch_size = 300\n") ==
         "batch_size must be an integer from 1 to 256, not \"300\" (runs/a.toml:5:14)");
   CHECK(error_after_pair("[run]\nplugin_path = \"a\"\n") ==
         "runs/a.toml:5:15: plugin_path must be a list of texts: plugin_path = [\"...\"]");
   CHECK(error_after_pair("[run]\nplugin_path = [\"a:b\"]\n") ==
         "runs/a.toml:5:16: a folder of plugin_path cannot have ':' in its name");
   CHECK(error_after_pair("[run]\nallowed_programs = [\"a:b\"]\n") ==
         "runs/a.toml:5:21: a program of allowed_programs cannot have ':' in its name");
   CHECK(error_after_pair("[run]\nallowed_programs = [\"/bin/sh\"]\n") ==
         "allowed_programs must be names of programs with ':' between them, not \"/bin/sh\" "
         "(runs/a.toml:5:20)");
   CHECK(error_after_pair("[metrics]\nselect = \"all\"\n") ==
         "runs/a.toml:5:10: select must be a list of texts: select = [\"...\"]");
   CHECK(error_after_pair("[metrics]\nselect = [1]\n") ==
         "runs/a.toml:5:11: here must be a text in quotes, not an integer");
   CHECK(error_after_pair("[metrics]\nselect = [\"\"]\n") ==
         "runs/a.toml:5:11: here must be a text that is not empty");
   CHECK(error_after_pair("[metrics]\nselect = [\"a\\u0000b\"]\n") ==
         "runs/a.toml:5:11: here must be a text without a NUL character");
   CHECK(
       error_after_pair("[metrics.parameters.\"p\"]\nx = [1]\n").find("runs/a.toml:5:5: a parameter must be") ==
       0);
   CHECK(error_after_pair("[metrics.parameters]\nx = 1\n")
             .find("runs/a.toml:5:5: parameters belong in a table") == 0);
   CHECK(error_after_pair("[metrics.parameters.org.giflab.ssim]\nx = 1\n").find("goes in quotes") !=
         std::string::npos);
   CHECK(run_file_error("run = 3\n").find("runs/a.toml:1:7: run must be a table") == 0);
   CHECK(
       run_file_error("[inputs]\nreference = \"a\"\n").find("inputs must be tables, each written [[inputs]]") !=
       std::string::npos);
   CHECK(run_file_error("inputs = [1]\n") ==
         "runs/a.toml:1:11: inputs must be tables, each written [[inputs]]");
   CHECK(error_after_pair("[[outputs]]\nformat = \"csv\"\nper_frame = 1\n") ==
         "runs/a.toml:6:13: per_frame must be true or false, not an integer");
}

TEST_CASE("what cannot be meant") {
   CHECK(run_file_error("") == "runs/a.toml: there is nothing to compare; add [[inputs]]");
   CHECK(run_file_error("[[inputs]]\ndistorted = \"a\"\n") == "runs/a.toml:1:1: [[inputs]] needs a reference");
   CHECK(run_file_error("[[inputs]]\nreference = \"a\"\n") ==
         "runs/a.toml:1:1: [[inputs]] needs either distorted or candidates");
   CHECK(run_file_error("[[inputs]]\nreference = \"a\"\ndistorted = \"b\"\ncandidates = [\"c\"]\n") ==
         "runs/a.toml:1:1: [[inputs]] needs either distorted or candidates");
   CHECK(run_file_error("[[inputs]]\nreference = \"a\"\ncandidates = []\n") ==
         "runs/a.toml:1:1: candidates must name at least one file, folder or pattern");
   CHECK(error_after_pair("[metrics]\nselect = []\n") ==
         "runs/a.toml:4:1: select must name at least one metric, plugin or set");
   CHECK(error_after_pair("[[outputs]]\npath = \"a\"\n").find("runs/a.toml:4:1: [[outputs]] needs a format") ==
         0);
   CHECK(error_after_pair("[[outputs]]\nformat = \"table\"\nper_frame = true\n") ==
         "runs/a.toml:6:13: a table cannot hold values per frame; use json, jsonl or csv");
   CHECK(error_after_pair("[[outputs]]\nformat = \"table\"\n[[outputs]]\nformat = \"csv\"\npath = \"-\"\n") ==
         "runs/a.toml:6:1: only one of the outputs can go to standard output");
   CHECK(error_after_pair(
             "[[outputs]]\nformat = \"json\"\npath = \"x\"\n[[outputs]]\nformat = \"csv\"\npath = \"./x\"\n") ==
         "runs/a.toml:7:1: another of the outputs has the same path");
}

TEST_CASE("what is not TOML is an error with a place") {
   CHECK(run_file_error("[run\n").find("runs/a.toml:1:") == 0);
   CHECK(run_file_error("a = 1\na = 2\n").find("runs/a.toml:2:") == 0);
   CHECK(run_file_error("\xFF\xFE").find("runs/a.toml:1:") == 0);
   CHECK(run_file_error(std::string("a = \"\0\"", 7)).find("runs/a.toml:1:") == 0);
   CHECK(run_file_error("GIF89a\x01\x02").find("runs/a.toml:1:") == 0);
}

TEST_CASE("deep nesting is refused before it can fill the stack") {
   const std::string deep = "a" + [] {
      std::string dots;
      for (int i = 0; i < 200'000; ++i)
         dots += ".a";
      return dots;
   }();
   CHECK(run_file_error(deep + " = 1\n").find("runs/a.toml:1:1: more than 64 dots") == 0);
   CHECK(run_file_error("\n[" + deep + "]\n").find("runs/a.toml:2:1: more than 64 dots") == 0);
   std::string deepest = "x = ["; // as deep as the limits on dots and on nesting let through
   for (int level = 0; level < 120; ++level)
      deepest += "\n{" + deep.substr(0, 129) + " = [";
   CHECK(run_file_error(deepest).find("runs/a.toml:121:") == 0);
   for (int level = 0; level < 120; ++level)
      deepest += "]}";
   CHECK(run_file_error(deepest + "]\n").find("unknown key \"x\"") != std::string::npos);
   CHECK(run_file_error("x = " + std::string(200'000, '[')).find("runs/a.toml:1:") == 0);
   CHECK(run_file_error("x = " + std::string(200'000, '{')).find("runs/a.toml:1:") == 0);
}

TEST_CASE("dots are counted outside of texts and comments only") {
   CHECK(line_with_too_many_dots("a.b.c = 1", 2) == 0);
   CHECK(line_with_too_many_dots("a.b.c.d = 1", 2) == 1);
   CHECK(line_with_too_many_dots("a.b\nc.d\n\ne.f.g.h", 2) == 4);
   CHECK(line_with_too_many_dots("x = \"....\" # ....\ny = '....'", 2) == 0);
   CHECK(line_with_too_many_dots("x = \"\\\"....\"", 2) == 0);
   CHECK(line_with_too_many_dots("x = \"\"\"..\"..\n..'''..\n\"\"\"", 2) == 0);
   CHECK(line_with_too_many_dots("x = [\"\"\" \"\"\"\", {a.a.a.a = 1}]", 2) == 1); // four quotes end a text too
   CHECK(line_with_too_many_dots("x = [''' \n ''''', {a.a.a.a = 1}]", 2) == 2);    // and five
   CHECK(line_with_too_many_dots("'''", 2) == 0);
   CHECK(line_with_too_many_dots("\"\\", 2) == 0);
}

TEST_CASE("run files from the disk") {
   const giflab::tests::scratch_folder scratch;
   const std::string folder = scratch.path().string(), path = scratch.file("a.toml");
   const auto error_text = [](const std::string &of) {
      const auto file = load_run_file(of);
      return file ? std::string("none") : file.error().text;
   };
   CHECK(error_text(path) == path + ": cannot be read: No such file or directory");
   CHECK(error_text(folder) == folder + ": is a folder, not a run file");
   CHECK(error_text("/dev/zero") == "/dev/zero: is a pipe or a device, not a run file");
   std::ofstream(path) << pair;
   CHECK(error_text(path) == "none");
   CHECK(load_run_file(path)->folder == folder);
   std::ofstream(path) << pair << std::string(longest_text_file - pair.size(), '\n');
   CHECK(error_text(path) == "none");
   std::ofstream(path) << pair << std::string(longest_text_file - pair.size() + 1, '\n');
   CHECK(error_text(path) == path + ": is larger than 1048576 bytes, which is too much for a run file");
}

TEST_CASE("the run files of this tree are good") {
   for (const char *name : {"quickstart", "gate", "candidates", "per_frame", "progressive"}) {
      CAPTURE(name);
      const auto file = load_run_file(std::string(SOURCE_DIRECTORY "/configs/") + name + ".toml");
      CHECK_MESSAGE(file.has_value(), (file ? std::string() : file.error().text));
   }
}

TEST_CASE("the run file in configs/README.md is good") {
   std::ifstream readme(SOURCE_DIRECTORY "/configs/README.md");
   std::string text;
   bool inside = false, any = false;
   for (std::string line; std::getline(readme, line);) {
      if (line.starts_with("```") && inside)
         break;
      if (inside)
         text += line + "\n";
      inside |= line == "```toml" && !any;
      any |= inside;
   }
   CHECK(any);
   parsed(text);
}

TEST_CASE("every key of [progressive], and its defaults") {
   const run_progressive plain = parsed(pair).progressive;
   CHECK(plain.confidence == 0.99);
   CHECK(plain.tiers.empty());
   const run_progressive read = parsed(std::string(pair) + R"toml([progressive]
confidence = 0.9
precision = 0.1
first_frames = 3
worst_frames = 0
most_frames = 20
cheap_nanoseconds = 100
early_exit = false
unasked = "sample"
picture_megabytes = 1
seed = 5
[progressive.precisions]
ssimulacra2 = 2
"lpips(net=vgg)" = 0.01
[[progressive.tiers]]
name = "high"
if = ["ssim.p05 >= 0.98"]
unasked = "measure"
)toml")
                                    .progressive;
   CHECK(read.confidence == 0.9);
   CHECK(read.precision == 0.1);
   CHECK(read.first_frames == 3);
   CHECK(read.worst_frames == 0);
   CHECK(read.most_frames == 20);
   CHECK(read.cheap_nanoseconds == 100);
   CHECK_FALSE(read.early_exit);
   CHECK(read.unasked == unasked_metrics::sample);
   CHECK(read.picture_megabytes == 1);
   CHECK(read.seed == 5);
   CHECK(read.precisions.at("ssimulacra2") == 2);
   CHECK(read.precisions.at("lpips(net=vgg)") == 0.01);
   REQUIRE(read.tiers.size() == 1);
   CHECK(read.tiers[0].name == "high");
   CHECK(read.tiers[0].conditions[0].text == "ssim.p05 >= 0.98");
   CHECK(read.tiers[0].unasked == unasked_metrics::measure);
}

TEST_CASE("what [progressive] refuses") {
   const auto error_of_key = [](const char *line) {
      return error_after_pair(std::string("[progressive]\n") + line + "\n");
   };
   CHECK(error_of_key("confidence = 1.0").find("runs/a.toml:5:14: confidence must be from 0.5 to 0.999999") ==
         0);
   CHECK(error_of_key("precision = 0").find("precision must be from") != std::string::npos);
   CHECK(error_of_key("first_frames = 1").find("first_frames must be a whole number from 2") !=
         std::string::npos);
   CHECK(error_of_key("unasked = \"skipp\"").find("did you mean skip?") != std::string::npos);
   CHECK(error_of_key("confidense = 0.9").find("did you mean confidence?") != std::string::npos);
   CHECK(error_of_key("precisions = { ssim = 0 }").find("the precision of ssim must be") != std::string::npos);
   CHECK(error_of_key("[[progressive.tiers]]\nname = \"x\"").find("a tier needs a name, and conditions") !=
         std::string::npos);
}

TEST_CASE("configs/README.md tells of every key of [progressive], and its example is good") {
   std::ifstream readme(SOURCE_DIRECTORY "/configs/README.md");
   const std::string page((std::istreambuf_iterator<char>(readme)), {});
   const std::size_t chapter = page.find("## Progressive"), begin = page.find("```toml\n", chapter) + 8;
   REQUIRE(chapter != std::string::npos);
   CHECK(parsed(page.substr(begin, page.find("```", begin) - begin)).progressive.tiers.size() == 1);
   for (const char *key :
        {"confidence", "precision", "precisions", "first_frames", "worst_frames", "most_frames",
         "cheap_nanoseconds", "early_exit", "unasked", "picture_megabytes", "seed", "tiers"})
      CHECK_MESSAGE(page.find(std::string("| `") + key + "` |", chapter) != std::string::npos, key);
}

TEST_CASE("configs/README.md tells of every key of [pipelines], and its example is good") {
   std::ifstream readme(SOURCE_DIRECTORY "/configs/README.md");
   const std::string page((std::istreambuf_iterator<char>(readme)), {});
   const std::size_t chapter = page.find("## Pipelines"), begin = page.find("```toml\n", chapter) + 8;
   REQUIRE(chapter != std::string::npos);
   const run_file file = parsed(page.substr(begin, page.find("```", begin) - begin));
   REQUIRE(file.pipelines);
   CHECK(file.pipelines->slots[1].size() == 2);
   CHECK(file.pipelines->quality == "ssimulacra2.p05");
   for (const char *key : {"frame", "colour", "lossy", "step", "instead", "design", "most", "seed", "quality"})
      CHECK_MESSAGE(page.find(std::string("`") + key + "`", chapter) != std::string::npos, key);
   using enum pipeline_design;
   for (const pipeline_design design : {full, stratified, fraction, quick, random})
      CHECK(page.find("`" + std::string(name_of(design)) + "`", chapter) != std::string::npos);
}

TEST_CASE("pipelines: values, ranges and what cannot be meant") {
   const run_file file =
       parsed("[pipelines]\nmost = 3\nlossy = [{ step = \"gifsicle\", dither = \"o3\", lossy = { "
              "from = 0.1, to = 0.3, step = 0.1 }, instead = \"none\" }]\n");
   const run_step &step = file.pipelines->slots[2].at(0);
   CHECK(step.name == "gifsicle");
   CHECK(step.where == "runs/a.toml:3:10");
   CHECK(step.parameters.at(0).values == std::vector<std::string>{"o3"});
   CHECK(step.parameters.at(1).values == std::vector<std::string>{"0.1", "0.2", "0.3"});
   CHECK(step.instead.at(0).name == "none");
   CHECK(file.pipelines->most == 3);
   CHECK(run_file_error("[pipelines]\nmost = 0\n") == "runs/a.toml:2:8: most must be a whole number from 1 on");
   CHECK(run_file_error("[pipelines]\nframes = []\n").find("did you mean frame?") != std::string::npos);
   CHECK(run_file_error("[pipelines]\nlossy = [{ lossy = 3 }]\n")
             .find("runs/a.toml:2:10: a step is a name, or") == 0);
   CHECK(run_file_error("[pipelines]\nlossy = [{ step = \"a\", b = [] }]\n").find("at least one") !=
         std::string::npos);
   CHECK(run_file_error("[pipelines]\nlossy = [{ step = \"a\", b = \"x,y=3\" }]\n").find("without a comma") !=
         std::string::npos);
   CHECK(error_after_pair("[pipelines]\n").find("inputs and [pipelines] do not go together") !=
         std::string::npos);
   CHECK(run_file_error("[[sources]]\npath = \"a\"\n").find("[[sources]] are for [pipelines]") !=
         std::string::npos);
}
