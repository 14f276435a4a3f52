// The presets in configs/presets sweep what they say.

#include "experiments/design.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>

using namespace giflab;
namespace fs = std::filesystem;

TEST_CASE("each preset expands to so many pipelines, and runs so many of them") {
   // With every tool there.
   const std::map<std::string, std::pair<std::size_t, std::size_t>> expected = {
       {"color-optimization", {102, 102}},
       {"color-parameter-sweep", {11, 11}},
       {"custom-gif-frame-study", {25, 25}},
       {"dithering-focus", {18, 18}},
       {"frame-focus", {45, 45}},
       {"frame-parameter-sweep", {10, 10}},
       {"gifsicle-color-validation", {4, 4}},
       {"gifsicle-frame-validation", {5, 5}},
       {"gifsicle-lossy-only", {1, 1}},
       {"gifsicle-lossy-validation", {4, 4}},
       {"gifsicle-only", {1, 1}},
       {"lossy-parameter-sweep", {14, 14}},
       {"lossy-quality-sweep", {41, 41}},
       {"png-optimization", {36, 36}},
       {"quick-test", {8, 8}},
       {"tool-comparison-baseline", {1440, 200}},
   };
   std::size_t seen = 0;
   for (const fs::directory_entry &entry :
        fs::directory_iterator(fs::path(SOURCE_DIRECTORY) / "configs/presets")) {
      const std::string name = entry.path().stem().string();
      CAPTURE(name);
      REQUIRE(expected.contains(name));
      ++seen;
      const auto file = config::load_run_file(entry.path().string());
      REQUIRE_MESSAGE(file.has_value(), (file ? std::string() : file.error().text));
      REQUIRE(file->pipelines);
      const auto levels = experiments::levels_of(*file->pipelines, [](const std::string &) { return true; });
      REQUIRE(levels);
      CHECK((*levels)[0].size() * (*levels)[1].size() * (*levels)[2].size() == expected.at(name).first);
      experiments::sampling how{file->pipelines->design, 1, {}, {}};
      if (file->pipelines->most)
         how.size = static_cast<std::size_t>(*file->pipelines->most);
      CHECK(experiments::sampled(*levels, how).size() == expected.at(name).second);
   }
   CHECK(seen == 16);
}
