// `synth`: synthetic clips as files.

#include "program.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace end_to_end;
using nlohmann::json;

TEST_CASE("synthetic clips are GIFs of their size and times, and the same whenever they are made") {
   const auto folder = fresh_folder("synthetic"), again = fresh_folder("synthetic again");
   const std::vector<std::string> names = {"few_colors", "high_contrast", "minimal_frames",
                                           "single_pixel_anim"};
   std::vector<std::string> arguments = {"synth", folder.string()};
   for (const std::string &name : names)
      arguments.insert(arguments.end(), {"--only", name});
   const outcome made = giflab(arguments);
   CAPTURE(made.err);
   CHECK(made.code == 0);
   CHECK(has(made.out, "few_colors.gif: "));
   CHECK(names_in(folder) == std::vector<std::string>{"few_colors.gif", "high_contrast.gif",
                                                      "minimal_frames.gif", "single_pixel_anim.gif"});
   arguments[1] = again.string();
   CHECK(giflab(arguments).code == 0);
   for (const std::string &name : names) {
      CAPTURE(name);
      CHECK(contents(folder / (name + ".gif")) == contents(again / (name + ".gif")));
      const json about =
          json::parse(giflab({"info", (folder / (name + ".gif")).string(), "--format", "json"}).out);
      CHECK(about["width"] == (name == "few_colors" || name == "single_pixel_anim" ? 100 : 120));
      CHECK(about["loop_count"] == 0);
      CHECK(about["frame_count"] == (name == "minimal_frames" ? 2 : 8));
      CHECK(about["duration_ms"] == (name == "minimal_frames" ? 200 : 800));
   }
}

TEST_CASE("what synth does not make it refuses in words") {
   check_refusal(giflab({"synth", "x", "--only", "few_colours"}), 2, "did you mean few_colors?");
   check_refusal(giflab({"synth"}), 2, "name the folder");
   const outcome list = giflab({"synth", "--list", "--targeted"});
   CHECK(list.code == 0);
   CHECK(std::count(list.out.begin(), list.out.end(), '\n') == 18); // with its heading
   CHECK(has(list.out, "noise_large"));
   CHECK_FALSE(has(list.out, "noise_small"));
}
