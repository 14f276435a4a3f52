// What `giflab info` tells of a file.

#include "pictures.hpp"
#include "program.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace end_to_end;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

json facts_of(const fs::path &file) {
   const outcome ended = giflab({"info", file, "--format", "json"});
   CAPTURE(ended.err);
   REQUIRE(ended.code == 0);
   CHECK(ended.err.empty());
   return json::parse(ended.out);
}

} // namespace

TEST_CASE("a GIF is told frame by frame") {
   const std::string gif = synthetic_gif(64, 48, 6);
   const std::string table = giflab({"info", gif}).out;
   for (const std::string part :
        {"GIF89a", "64 x 48", "480 ms", "for ever", "global 256 colours", "64x48+0+0", "keep"})
      CHECK_MESSAGE(has(table, part), table);
   const json facts = facts_of(gif);
   CHECK(facts["schema"] == "giflab.info/1");
   CHECK(facts["path"] == gif);
   CHECK(facts["bytes"] == fs::file_size(gif));
   CHECK(facts["width"] == 64);
   CHECK(facts["frame_count"] == 6);
   CHECK(facts["duration_ms"] == 480);
   CHECK(facts["loop_count"] == 0);
   CHECK(facts["global_colours"] == 256);
   CHECK(facts["warnings"].empty());
   REQUIRE(facts["frames"].size() == 6);
   CHECK(facts["frames"][5]["start_ms"] == 400);
   CHECK(facts["frames"][5]["stored_delay_ms"] == 80);
}

TEST_CASE("delays as stored and as played, transparency and plays are told apart") {
   const fs::path file = fresh_folder("info") / "fast.gif";
   write_file(file, bytes_of({.frames = {{0, 1, 0}, {1, 2, 1}, {2, 200}}}));
   const json facts = facts_of(file);
   CHECK(facts["loop_count"] == 1);
   CHECK(facts["transparency"] == true);
   CHECK(facts["frames"][0]["stored_delay_ms"] == 10);
   CHECK(facts["frames"][0]["duration_ms"] == 100); // as browsers play it
   CHECK(facts["frames"][1]["duration_ms"] == 20);
   CHECK(facts["frames"][1]["transparent_index"] == 1);
   CHECK(facts["duration_ms"] == 2120);
}

TEST_CASE("damage is a warning beside the facts") {
   const fs::path file = fresh_folder("info_damage") / "cut.gif";
   const std::string whole = contents(synthetic_gif(64, 48, 6));
   write_file(file, whole.substr(0, whole.size() / 2));
   const json facts = facts_of(file);
   CHECK(facts["warnings"].size() >= 1);
   CHECK(facts["frame_count"] < 6);
   CHECK(has(giflab({"info", file}).out, "warning"));
}

TEST_CASE("a still and a folder of stills") {
   const fs::path folder = fresh_folder("info_stills");
   for (const uint8_t grey : {10, 20, 30})
      write_file(folder / ("frame" + std::to_string(grey) + ".png"), png_bytes(20, 10, grey));
   const json still = facts_of(folder / "frame10.png");
   CHECK(still["format"] == "PNG");
   CHECK(still["width"] == 20);
   CHECK(still["height"] == 10);
   CHECK(still["frame_count"] == 1);
   const json sequence = facts_of(folder);
   CHECK(sequence["format"] == "PNG sequence");
   CHECK(sequence["frame_count"] == 3);
   CHECK(has(giflab({"info", folder}).out, "PNG sequence"));
   CHECK(giflab({"compare", folder, folder, "-q", "--fail-if", "mse > 0"}).code == 0);
   const outcome grey =
       giflab({"compare", folder / "frame10.png", folder / "frame30.png", "-q", "--format", "json"});
   CHECK(json::parse(grey.out)["metrics"]["mae"]["value"] == 20);
}
