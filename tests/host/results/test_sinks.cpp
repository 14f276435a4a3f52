#include "examples.hpp"
#include "results/sinks.hpp"
#include "results/words.hpp"
#include "scratch_folder.hpp"

#include <cmath>
#include <cstdlib>
#include <doctest/doctest.h>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

using namespace giflab::results;
using giflab::problem;
using giflab::config::output_format;
using giflab::tests::scratch_folder;
using json = nlohmann::ordered_json;

namespace {

// What a sink makes of some comparisons.
std::string written(sink_options options, const std::vector<comparison> &comparisons) {
   const scratch_folder folder;
   options.path = folder.file("out");
   auto sink = open_sink(options);
   REQUIRE(sink);
   for (const comparison &each : comparisons)
      REQUIRE((*sink)->write(each));
   CHECK_FALSE(std::filesystem::exists(options.path));
   REQUIRE((*sink)->finish());
   CHECK(folder.entries() == 1);
   return content_of(options.path);
}

std::string written(output_format format, const std::vector<comparison> &comparisons, bool per_frame = false,
                    bool many = false) {
   return written({format, "", per_frame, many}, comparisons);
}

// The n-th block of code of a language in host/results/README.md.
std::string readme_block(const std::string &language, int number) {
   std::ifstream readme(SOURCE_DIRECTORY "/host/results/README.md");
   std::string text;
   for (std::string line; std::getline(readme, line);) {
      if (line == "```" + language)
         --number;
      else if (line == "```" && number == 0)
         return text;
      else if (number == 0)
         text += line + "\n";
   }
   FAIL("no such block");
   return {};
}

std::string without_returns(std::string text) {
   std::erase(text, '\r');
   return text;
}

} // namespace

TEST_CASE("numbers read back as what they were") {
   for (const double value : {0.0, -0.0, 0.1, 1.0 / 3, 1e300, 5e-324, 38.25, -2.5e-7, 123456789012345680.0}) {
      CHECK(std::strtod(exact_number(value).c_str(), nullptr) == value);
      const std::string text = written(output_format::jsonl, {[&] {
                                          comparison about = readme_comparison();
                                          about.metrics[0].value = value;
                                          return about;
                                       }()});
      CHECK(json::parse(text)["metrics"]["psnr"]["value"].get<double>() == value);
   }
   CHECK(exact_number(std::numeric_limits<double>::infinity()) == "Infinity");
   CHECK(exact_number(-std::numeric_limits<double>::infinity()) == "-Infinity");
   CHECK(exact_number(std::nan("")).empty());
   CHECK(exact_milliseconds(100'000) == "100");
   CHECK(exact_milliseconds(33'333) == "33.333");
}

TEST_CASE("JSON of a comparison is as the README shows it") {
   CHECK(written(output_format::json, {readme_comparison()}, true) == readme_block("json", 1));
}

TEST_CASE("JSON without values per frame, and of what failed") {
   const json good = json::parse(written(output_format::json, {readme_comparison()}));
   CHECK(good["schema"] == "giflab.compare/1");
   CHECK(good["giflab"] == GIFLAB_VERSION);
   CHECK_FALSE(good.contains("frames"));
   CHECK_FALSE(good.contains("failure"));

   const json bad = json::parse(written(output_format::json, {failed_comparison()}));
   CHECK(bad["failure"] == "broken.gif is not a GIF");
   CHECK(bad["distorted"] == json{{"path", "broken.gif"}, {"warnings", json::array()}});
   CHECK(bad["alignment"].is_null());
   CHECK(bad["metrics"] == json::object());
}

TEST_CASE("JSON of a run holds the documents of its comparisons") {
   for (const bool per_frame : {false, true}) {
      const std::vector<comparison> all{readme_comparison(), failed_comparison()};
      const std::string text = written(output_format::json, all, per_frame, true);
      const json run = json::parse(text);
      CHECK(run["schema"] == "giflab.run/1");
      REQUIRE(run["comparisons"].size() == 2);
      for (std::size_t i = 0; i < all.size(); ++i)
         CHECK(run["comparisons"][i] == json::parse(written(output_format::json, {all[i]}, per_frame)));
      CHECK(text == run.dump(3) + "\n"); // written piece by piece, but as if at once
   }
   const json empty = json::parse(written(output_format::json, {}, false, true));
   CHECK(empty["comparisons"] == json::array());
}

TEST_CASE("JSON lines are one document a line") {
   const std::string text = written(output_format::jsonl, {readme_comparison(), failed_comparison()}, true);
   const std::size_t end = text.find('\n');
   CHECK(json::parse(text.substr(0, end)) == json::parse(readme_block("json", 1)));
   CHECK(json::parse(text.substr(end + 1))["failure"] == "broken.gif is not a GIF");
   CHECK(text.back() == '\n');
   CHECK(written(output_format::jsonl, {}).empty());
}

TEST_CASE("bytes that are not UTF-8 do not stop JSON") {
   comparison about = readme_comparison();
   about.distorted.path = "a\xFF\xC3\xBC\n\"\\.gif";
   about.distorted.warnings = {"\xC0"};
   about.metrics[1].reason = "\xED\xA0\x80";
   const json document = json::parse(written(output_format::json, {about}));
   CHECK(document["distorted"]["path"] == "a\\xFF\xC3\xBC\n\"\\.gif");
   CHECK(document["distorted"]["warnings"][0] == "\\xC0");
   CHECK(document["metrics"]["ms_ssim"]["reason"] == "\\xED\\xA0\\x80");
}

TEST_CASE("CSV is as the README shows it") {
   CHECK(without_returns(written(output_format::csv, {readme_comparison()})) == readme_block("csv", 1));
   CHECK(without_returns(written(output_format::csv, {readme_comparison()}, true)) == readme_block("csv", 2));
}

TEST_CASE("CSV of comparisons that failed, and of none") {
   const std::string header = written(output_format::csv, {});
   CHECK(header.ends_with(",device\r\n"));
   CHECK(written(output_format::csv, {failed_comparison()}) ==
         header + "original.gif,broken.gif,,,failed,broken.gif is not a GIF,,,,,,,,,,,0,neither,,,,,\r\n");
   CHECK(written(output_format::csv, {failed_comparison()}, true) == written(output_format::csv, {}, true));
}

TEST_CASE("CSV quotes what has to be quoted") {
   comparison about = failed_comparison();
   about.reference.path = "a,b.gif";
   about.distorted.path = "say \"hi\".gif";
   about.failure = "line\r\nline \xFF";
   const std::string text = written(output_format::csv, {about});
   CHECK(text.find("\r\n\"a,b.gif\",\"say \"\"hi\"\".gif\",,,failed,\"line\r\nline \\xFF\",") !=
         std::string::npos);
}

TEST_CASE("values of the whole clip are not among those per frame") {
   comparison about = readme_comparison();
   about.metrics[0].pooling = "";
   const std::string text = written(output_format::csv, {about}, true);
   CHECK(text.find(",psnr,") == std::string::npos);
   CHECK(text.find(",ms_ssim,") != std::string::npos);
   const json document = json::parse(written(output_format::json, {about}, true));
   CHECK(document["frames"][0]["values"] == json{{"ms_ssim", nullptr}});
}

TEST_CASE("a pair without a value says why in CSV") {
   comparison about = readme_comparison();
   about.pairs[0].values[0] = std::nan("");
   CHECK(written(output_format::csv, {about}, true).find(",psnr,,the metric has no value for this pair\r\n") !=
         std::string::npos);
   about.pairs[0].values[0] = -std::numeric_limits<double>::infinity();
   CHECK(written(output_format::csv, {about}, true).find(",psnr,-Infinity,\r\n") != std::string::npos);
}

TEST_CASE("the table of a comparison") {
   comparison about = readme_comparison();
   about.alignment.notes = {"the distorted file ends 100 ms early"};
   metric_value ratio;
   ratio.id = "compression_ratio";
   ratio.value = 2.469134;
   ratio.direction = direction::higher;
   metric_value dropped;
   dropped.id = "frames_dropped";
   dropped.value = 2;
   dropped.direction = direction::lower;
   metric_value small;
   small.id = "mse";
   small.value = 0.0000123456;
   small.unit = "1"; // a plain number, which the table does not say
   small.pooling = "mean";
   about.metrics.insert(about.metrics.end(), {ratio, dropped, small});
   CHECK(written(output_format::table, {about}) ==
         R"(reference  original.gif    GIF89a  480 x 130  30 frames  2.50 s  1,234,567 bytes
distorted  compressed.gif  GIF89a  480 x 130  28 frames  2.50 s    500,000 bytes
size       40.5 % of the reference
aligned    by time: 30 pairs over 2.50 s; 2 dropped, 0 duplicated, 0 reordered, up to 40.5 ms off
settings   optimization level 2, background #ffffff
note       the distorted file ends 100 ms early
warning    compressed.gif: the file ends inside frame 28

metric                 value  unit     mean  std      min      p05       p95       max  frames  better
psnr                 38.2500  dB    38.5000    -  30.1000  31.0000  infinite  infinite      30  higher
compression_ratio     2.4691              -    -        -        -         -         -       -  higher
frames_dropped             2              -    -        -        -         -         -       -  lower
mse                1.235e-05              -    -        -        -         -         -       -  -

without a value
ms_ssim  skipped  needs pictures of at least 176x176 pixels; these are 480x130
)");
}

TEST_CASE("the table of what failed") {
   CHECK(written(output_format::table, {failed_comparison()}) == "reference  original.gif\n"
                                                                 "distorted  broken.gif\n"
                                                                 "failed     broken.gif is not a GIF\n");
}

TEST_CASE("the table of a run") {
   comparison other = readme_comparison();
   other.distorted.path = "gr\xC3\xBC\x1b\xFF.gif";
   other.metrics[0].value = std::numeric_limits<double>::infinity();
   metric_value mse;
   mse.id = "mse";
   mse.value = 1.5;
   mse.pooling = "mean";
   other.metrics.push_back(mse);
   CHECK(written(output_format::table, {readme_comparison(), failed_comparison(), other}, false, true) ==
         "reference     distorted          size      psnr  ms_ssim     mse\n"
         "original.gif  compressed.gif   40.5 %   38.2500        -       -\n"
         "original.gif  broken.gif            -         -        -       -\n"
         "original.gif  gr\xC3\xBC\\x1B\\xFF.gif  40.5 %  infinite        -  1.5000\n"
         "\n"
         "without a value\n"
         "ms_ssim     skipped  2 times  needs pictures of at least 176x176 pixels; these are 480x130\n"
         "broken.gif  failed    1 time  broken.gif is not a GIF\n");
}

TEST_CASE("sinks that cannot be had") {
   const auto table = open_sink({output_format::table, "-", true, false});
   REQUIRE_FALSE(table);
   CHECK(table.error().kind == problem::usage);
   CHECK(table.error().text == "a table cannot hold values per frame; use json, jsonl or csv");
   CHECK_FALSE(open_sink({output_format::csv, "/proc/giflab.csv", false, false}));
}

TEST_CASE("every sink tells of a full disk, and leaves nothing when it is given up") {
   for (const output_format format :
        {output_format::table, output_format::json, output_format::jsonl, output_format::csv}) {
      auto full = open_sink({format, "/dev/full", false, false});
      REQUIRE(full);
      const auto row = (*full)->write(readme_comparison());
      CHECK((!row || !(*full)->finish()));

      const scratch_folder folder;
      {
         auto sink = open_sink({format, folder.file("out"), false, true});
         REQUIRE((*sink)->write(readme_comparison()));
      }
      CHECK(folder.entries() == 0);
   }
}

TEST_CASE("JSON lines and CSV reach a reader comparison by comparison") {
   const scratch_folder folder;
   for (const output_format format : {output_format::jsonl, output_format::csv}) {
      const std::string path = folder.file("pipe");
      REQUIRE(mkfifo(path.c_str(), 0600) == 0);
      std::FILE *reader = std::fopen(path.c_str(), "r+");
      auto sink = open_sink({format, path, false, true});
      REQUIRE((*sink)->write(readme_comparison()));
      char first = 0;
      CHECK(std::fread(&first, 1, 1, reader) == 1); // would wait for ever if it were held back
      std::fclose(reader);
      std::filesystem::remove(path);
   }
}

TEST_CASE("a sampled value is never shown as if complete") {
   comparison sampled = readme_comparison();
   sampled.metrics[0].sample = sample{40, 0.95, {{"value", 37, 39.5}, {"p05", 20, 33}}};
   sampled.metrics[0].reason = "by 30 of 40 pairs";
   const json document = json::parse(written(output_format::json, {sampled}));
   CHECK(
       document["metrics"]["psnr"]["sample"].dump() ==
       R"({"pairs":40,"confidence":0.95,"intervals":{"value":{"low":37.0,"high":39.5},"p05":{"low":20.0,"high":33.0}}})");
   CHECK_FALSE(document["metrics"]["ms_ssim"].contains("sample"));
   for (const bool many : {false, true}) {
      const std::string table = written(output_format::table, {sampled}, false, many);
      CHECK(table.find(" ~38.25") != std::string::npos);
      if (!many)
         CHECK(table.find("psnr: by 30 of 40 pairs") != std::string::npos);
   }
   sink_options with_samples{output_format::csv};
   with_samples.samples = true;
   const std::string csv = written(with_samples, {sampled});
   CHECK(csv.find(",device,sample_of,confidence,low,high\r\n") != std::string::npos);
   CHECK(csv.find(",cpu,40,0.95,37,39.5\r\n") != std::string::npos);
   CHECK(csv.find(",cpu,,,,\r\n") != std::string::npos);
   CHECK(written(output_format::csv, {sampled}).find("sample_of") == std::string::npos);
}
