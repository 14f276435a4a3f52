#include "experiments/expansion.hpp"

#include <doctest/doctest.h>

using namespace giflab::experiments;
using giflab::config::parse_run_file;

namespace {

slot_levels expanded(const std::string &pipelines, bool available = true) {
   const auto file = parse_run_file("[pipelines]\n" + pipelines, "a.toml");
   REQUIRE_MESSAGE(file.has_value(), (file ? std::string() : file.error().text));
   auto levels = levels_of(*file->pipelines, [&](const std::string &) { return available; });
   REQUIRE(levels);
   return *levels;
}

std::vector<std::string> steps_of(const std::vector<level> &levels) {
   std::vector<std::string> steps;
   for (const level &one : levels)
      steps.push_back(one.step);
   return steps;
}

using steps = std::vector<std::string>;

} // namespace

TEST_CASE("lists and ranges multiply, and nothing is swallowed") {
   const slot_levels levels =
       expanded("lossy = [\"none\", { step = \"gifsicle\", optimise = [1, 3], lossy = { from = 0, to = 80, "
                "step = 40 } }]\n"
                "frame = [{ step = \"drop_even\", keep = { from = 0.1, to = 0.4, step = 0.1 } }]\n");
   CHECK(steps_of(levels[0]) ==
         steps{"drop_even:keep=0.1", "drop_even:keep=0.2", "drop_even:keep=0.3", "drop_even:keep=0.4"});
   CHECK(steps_of(levels[1]) == steps{"none"}); // passed through
   CHECK(steps_of(levels[2]) == steps{"none", "gifsicle:lossy=0,optimise=1", "gifsicle:lossy=0,optimise=3",
                                      "gifsicle:lossy=40,optimise=1", "gifsicle:lossy=40,optimise=3",
                                      "gifsicle:lossy=80,optimise=1", "gifsicle:lossy=80,optimise=3"});
}

TEST_CASE("what is there twice counts once") {
   CHECK(steps_of(expanded("frame = [\"none\", \"none\", { step = \"resize\", scale = [50, 50] }]\n")[0]) ==
         steps{"none", "resize:scale=50"});
}

TEST_CASE("what stands ready instead is taken where a tool is missing, and only there") {
   const std::string text =
       "lossy = [{ step = \"animately\", lossy = 40, instead = { step = \"gifsicle\", lossy = [40, 80] } }]\n";
   CHECK(steps_of(expanded(text)[2]) == steps{"animately:lossy=40"});
   CHECK(steps_of(expanded(text, false)[2]) == steps{"gifsicle:lossy=40", "gifsicle:lossy=80"});
   CHECK(steps_of(expanded("lossy = [\"animately\"]\n", false)[2]) == steps{"animately"});
}

TEST_CASE("more pipelines than anybody means are refused") {
   const std::string slot = " = [{ step = \"gif\", a = { from = 1, to = 999, step = 1 } }]\n";
   const auto file = parse_run_file("[pipelines]\nframe" + slot + "colour" + slot + "lossy" + slot, "a.toml");
   REQUIRE(file);
   const auto levels = levels_of(*file->pipelines, [](const std::string &) { return true; });
   REQUIRE_FALSE(levels);
   CHECK(levels.error().text.find("more than 1000000 pipelines") != std::string::npos);
}
