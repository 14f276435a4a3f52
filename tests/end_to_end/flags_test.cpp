// Settings whose effect no other file shows.

#include "pictures.hpp"
#include "program.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace end_to_end;
namespace fs = std::filesystem;

TEST_CASE("a tool that is not where it is said to be is told of with that place") {
   const fs::path folder = fresh_folder("wrong_places");
   for (const auto &[tool, variable] :
        {std::pair{"ffmpeg", "GIFLAB_FFMPEG_PATH"}, std::pair{"gifski", "GIFLAB_GIFSKI_PATH"},
         std::pair{"animately", "GIFLAB_ANIMATELY_PATH"}}) {
      CAPTURE(tool);
      const outcome ended =
          giflab({.arguments = {"process", synthetic_gif(32, 24, 2), folder / "a.gif", "--step", tool, "-q"},
                  .variables = {{variable, "/nowhere/tool"}}});
      check_refusal(ended, 1, "is not at /nowhere/tool");
   }
   CHECK(names_in(folder).empty());
}

TEST_CASE("temporary files are made where they are said to be") {
   const fs::path folder = fresh_folder("temporary"), pictures = fresh_folder("shrunk");
   // What cannot be written to shows that it is used.
   const fs::path file = folder / "file";
   write_file(file, "no folder");
   const auto process = [&](const fs::path &where) {
      return giflab({.arguments = {"process", synthetic_gif(32, 24, 2), pictures / "a.gif", "--step",
                                   "drop_even:keep=0.5", "--step", "gif", "--step", "drop_even", "-q"},
                     .variables = {{"GIFLAB_TEMP_DIR", where.string()}}});
   };
   check_refusal(process(file), 1, (folder / "file").string() + ": no temporary folder can be made there");
   const outcome ended = process(folder);
   CHECK_MESSAGE(ended.code == 0, ended.err);
   CHECK(names_in(folder) == std::vector<std::string>{"file"});
}

TEST_CASE("the seed reaches metrics that are seeded") {
   const auto value = [](const std::vector<std::string> &more) {
      std::vector<std::string> arguments = {"compare",
                                            synthetic_gif(64, 48, 3),
                                            synthetic_gif(64, 48, 2),
                                            "--format",
                                            "json",
                                            "--plugin",
                                            BEHAVIOUR_PLUGINS,
                                            "--metrics",
                                            "tells_seed",
                                            "-q"};
      arguments.insert(arguments.end(), more.begin(), more.end());
      const outcome ended = giflab(arguments);
      CHECK_MESSAGE(ended.code == 0, ended.err);
      return nlohmann::json::parse(ended.out)["metrics"]["tells_seed"]["value"].get<double>();
   };
   const double plain = value({});
   CHECK(value({"--random-seed", "0"}) == plain);
   CHECK(value({"--random-seed", "1"}) != plain);
   CHECK(value({"--random-seed", "1"}) == value({"--random-seed", "1"}));
   CHECK(value({"--random-seed", "2"}) != value({"--random-seed", "1"}));
}
