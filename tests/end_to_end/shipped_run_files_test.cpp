// The run files in configs/, as they stand, on files like those that tools/quickstart makes.

#include "pictures.hpp"
#include "program.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace end_to_end;
namespace fs = std::filesystem;

namespace {

// What gifsicle makes of the original; without gifsicle, a shorter clip of the same size.
void compress(const std::vector<std::string> &options, const fs::path &original, const fs::path &made) {
   std::vector<std::string> arguments = options;
   arguments.insert(arguments.end(), {original, "-o", made});
   try {
      REQUIRE(run_program("gifsicle", {arguments}).code == 0);
   } catch (const std::runtime_error &) {
      MESSAGE("gifsicle is not on PATH: a shorter clip stands in for ", made.filename().string());
      fs::copy_file(synthetic_gif(160, 120, 7), made);
   }
}

fs::path quickstart_tree() {
   const fs::path root = fresh_folder("quickstart"), files = root / "build/quickstart";
   fs::create_directories(files / "candidates");
   fs::copy(fs::path(SOURCE_DIRECTORY) / "configs", root / "configs", fs::copy_options::recursive);
   const fs::path original = files / "original.gif";
   fs::copy_file(synthetic_gif(160, 120, 8), original);
   compress({"-O3", "--lossy=80", "--colors", "64"}, original, files / "compressed.gif");
   compress({"-O3", "--colors", "16"}, original, files / "candidates/colors16.gif");
   compress({"-O3", "--colors", "64"}, original, files / "candidates/colors64.gif");
   compress({"-O3", "--lossy=80"}, original, files / "candidates/lossy80.gif");
   compress({"-O3", "--lossy=200"}, original, files / "candidates/lossy200.gif");
   return root;
}

} // namespace

TEST_CASE("the five run files run as they stand") {
   const fs::path root = quickstart_tree(), results = root / "build/quickstart/results";
   const auto run = [&](const char *name) {
      const outcome ended =
          giflab(invocation{.arguments = {"run", (fs::path("configs") / name).string(), "-q"}, .folder = root});
      CAPTURE(std::string(name));
      CAPTURE(ended.err);
      CHECK(ended.code == 0);
      CHECK(ended.err.empty());
      return ended.out;
   };
   CHECK(has(run("quickstart.toml"), "compressed.gif"));
   const std::string table = run("candidates.toml");
   CHECK(table.find("lossy80.gif") < table.find("lossy200.gif"));
   CHECK(nlohmann::json::parse(contents(results / "candidates.json"))["comparisons"].size() == 4);
   CHECK(has(run("gate.toml"), "compression_ratio"));
   CHECK(has(run("progressive.toml"), "no gate asks for it"));
   CHECK(run("per_frame.toml").empty());
   const std::string rows = contents(results / "per_frame.csv"),
                     documents = contents(results / "per_frame.jsonl");
   CHECK(std::count(rows.begin(), rows.end(), '\n') == 1 + 3 * 8 * 3);
   CHECK(std::count(documents.begin(), documents.end(), '\n') == 3);
   CHECK(names_in(results) == std::vector<std::string>{"candidates.json", "per_frame.csv", "per_frame.jsonl"});
}

TEST_CASE("the gate fails for a file that is larger than the original") {
   const fs::path root = quickstart_tree();
   const fs::path files = root / "build/quickstart";
   write_file(files / "compressed.gif", contents(files / "original.gif") + std::string(1000, '\0'));
   const outcome ended = giflab({"run", root / "configs/gate.toml", "-q"});
   CHECK(ended.code == 3);
   CHECK(has(ended.err, "compression_ratio < 1"));
}

TEST_CASE("the search runs as it stands, and says so where its tool is missing") {
   const fs::path root = quickstart_tree();
   const outcome ended = giflab(
       invocation{.arguments = {"run", "configs/search.toml", "-q", "--output", "found"}, .folder = root});
   CAPTURE(ended.err);
   CAPTURE(ended.out);
   CHECK(ended.code == 0);
   CHECK(has(ended.out, "ssimulacra2.p05 >= 70") != has(ended.out, "unavailable: "));
   const std::string answers = contents(root / "found/search.jsonl");
   CHECK(std::count(answers.begin(), answers.end(), '\n') == 3);
}
