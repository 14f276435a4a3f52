// What `giflab compare` is told, and what comes of it.

#include "pictures.hpp"
#include "program.hpp"

#include <cmath>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace end_to_end;
using nlohmann::json;

namespace {

const std::string &original() {
   static const std::string path = synthetic_gif(200, 180, 9);
   return path;
}
const std::string &changed() {
   static const std::string path = synthetic_gif(200, 180, 7);
   return path;
}

outcome compare(std::vector<std::string> options, const std::string &a = original(),
                const std::string &b = changed()) {
   options.insert(options.begin(), {"compare", a, b});
   return giflab(options);
}

json document(std::vector<std::string> options, const std::string &a = original(),
              const std::string &b = changed()) {
   options.insert(options.end(), {"--quiet", "--format", "json"});
   const outcome ended = compare(options, a, b);
   CAPTURE(ended.err);
   REQUIRE((ended.code == 0 || ended.code == 4));
   CHECK(ended.err.empty());
   return json::parse(ended.out);
}

std::vector<std::string> metrics_of(const json &found) {
   std::vector<std::string> ids;
   for (const auto &[id, metric] : found["metrics"].items())
      ids.push_back(id);
   return ids;
}

double number(const json &value) { return value == "Infinity" ? INFINITY : value.get<double>(); }

// Values within the tolerance that a level may differ by.
void check_alike(const json &one, const json &other) {
   REQUIRE(metrics_of(one) == metrics_of(other));
   for (const auto &[id, metric] : one["metrics"].items()) {
      CAPTURE(id);
      const json &value = other["metrics"][id]["value"];
      REQUIRE(metric["value"].is_null() == value.is_null());
      if (!value.is_null())
         CHECK((number(metric["value"]) == number(value) ||
                number(metric["value"]) == doctest::Approx(number(value)).epsilon(1e-6)));
   }
}

} // namespace

TEST_CASE("any number of threads gives the same document, any level the same values") {
   const json judge = document({"--threads", "1"});
   CHECK(judge == document({"--threads", "2"}));
   CHECK(judge == document({"--max-parallel-workers", "8"}));
   CHECK(judge == document({"--batch-size", "3", "--enable-parallel-metrics", "false"}));
   for (const std::string level : {"0", "1", "2", "3"}) {
      const json other = document({"--opt-level", level});
      CHECK(other["settings"]["optimization_level"] == std::stoi(level));
      check_alike(judge, other);
   }
}

TEST_CASE("metrics are chosen by name, by plugin and by set, in that order and once") {
   CHECK(metrics_of(document({"--metrics", "psnr"})) == std::vector<std::string>{"psnr"});
   CHECK(document({"--metrics", "ssim,mse"})["metrics"].size() == 2);
   CHECK(document({"--metrics", "ssim", "--metrics", "mse,mse"})["metrics"].size() == 2);
   CHECK(document({"--metrics", "org.giflab.error"})["metrics"].size() == 4);
   CHECK(document({"--metrics", "default"}) == document({}));
   CHECK(document({"--metrics", "all"})["metrics"].size() >= document({})["metrics"].size());
   const std::string table = compare({"--metrics", "ssim,mse"}).out;
   CHECK(table.find("\nssim ") < table.find("\nmse "));
}

TEST_CASE("an unknown metric or plugin is refused with the nearest") {
   check_refusal(compare({"--metrics", "ssmi"}), 2, "did you mean ssim?");
   check_refusal(compare({"--metrics", "mse,org.giflab.eror"}), 2, "org.giflab.error");
   check_refusal(compare({"--metrics", ""}), 2, "there is no metric");
}

TEST_CASE("parameters reach the plugin and become part of the id") {
   const std::vector<std::string> options = {"--plugin", BEHAVIOUR_PLUGINS, "--metrics", "tells_parameters"};
   const auto with = [&](const std::string &parameter) {
      std::vector<std::string> all = options;
      all.insert(all.end(), {"--param", parameter});
      return all;
   };
   const json found = document(with("org.test.tells_parameters.gain=3"))["metrics"];
   CHECK(found["tells_parameters(gain=3)"]["value"] == 3);
   CHECK(document(options)["metrics"]["tells_parameters"]["value"] == 1);
   check_refusal(compare(with("org.test.tells_parameters.gian=3")), 2, "did you mean gain?");
   check_refusal(compare(with("org.test.tells_parameters.gain=30")), 2, "from 0 to 10");
   check_refusal(compare(with("org.test.tells_parameters.shape=oval")), 2, "round");
   check_refusal(compare(with("org.test.nowhere.gain=3")), 2, "org.test.nowhere");
   check_refusal(compare(with("gain=3")), 2, "PLUGIN.NAME=VALUE");
}

TEST_CASE("gates decide the exit code") {
   const auto gated = [](const std::string &condition) {
      return compare({"--quiet", "--metrics", "mse,psnr,ms_ssim", "--fail-if", condition},
                     synthetic_gif(64, 48, 6), synthetic_gif(64, 48, 6));
   };
   CHECK(gated("mse > 0").code == 0);
   CHECK(gated("mse > 0").err.empty());
   CHECK(gated("psnr < inf").code == 0);
   const outcome held = gated("mse.max <= 0");
   CHECK(held.code == 3);
   CHECK(has(held.err, "mse.max <= 0"));
   CHECK(has(held.out, "mse")); // the values are there all the same
   const outcome absent = gated("ms_ssim < 0.5");
   CHECK(absent.code == 3);
   CHECK(has(absent.err, "is unknown"));
   check_refusal(gated("sim < 0.5"), 2, "sim");
   check_refusal(gated("mse.p5 < 0.5"), 2, "p05");
   check_refusal(gated("mse below 3"), 2, "mse below 3");
   CHECK(compare({"-q", "--fail-if", "mse < 0", "--fail-if", "ssim <= 1"}).code == 3);
}

TEST_CASE("progress is a line on standard error where there is no terminal, and none with --quiet") {
   const outcome loud = compare({"--metrics", "mse"});
   CHECK(has(loud.err, "[1/1]"));
   CHECK(has(loud.err, "9 pairs"));
   CHECK_FALSE(has(loud.err, "\r"));
   CHECK_FALSE(has(loud.out, "[1/1]"));
   CHECK(compare({"--metrics", "mse", "--quiet"}).err.empty());
   CHECK(compare({"--metrics", "mse", "-q"}).err.empty());
}

TEST_CASE("alignment is chosen") {
   CHECK(document({"--metrics", "mse"})["alignment"]["pairs"] == 9);
   const json by_index = document({"--metrics", "mse", "--align", "index"});
   CHECK(by_index["alignment"]["mode"] == "index");
   CHECK(by_index["alignment"]["pairs"] == 7);
   CHECK(document({"--metrics", "mse", "--align", "content"})["alignment"]["mode"] == "content");
   check_refusal(compare({"--align", "indx"}), 2, "time, index or content");
}

TEST_CASE("either side is resized on request") {
   const std::string small = synthetic_gif(100, 90, 9);
   for (const char *side : {"reference", "distorted"})
      for (const char *filter : {"nearest", "bilinear", "bicubic", "area", "lanczos"}) {
         CAPTURE(fmt::format("{}:{}", side, filter));
         const json found =
             document({"--metrics", "mse", "--resize", fmt::format("{}:{}", side, filter)}, original(), small);
         CHECK(found["metrics"]["mse"]["status"] == "present");
      }
   check_refusal(compare({"--resize", "both:area"}), 2, "reference or distorted");
}

TEST_CASE("a resized file is told in its own size") {
   const std::string small = synthetic_gif(100, 90, 9);
   const json found = document({"--metrics", "mse", "--resize", "distorted:area"}, original(), small);
   CHECK(found["distorted"]["width"] == 100);
   CHECK(found["distorted"]["height"] == 90);
}

TEST_CASE("the background shows through what is transparent") {
   const auto folder = fresh_folder("background");
   write_file(folder / "holes.gif", bytes_of({.frames = {{.colour = 5, .transparent = 5}}}));
   write_file(folder / "red.gif", bytes_of({.frames = {{.colour = 2}}}));
   write_file(folder / "white.gif", bytes_of({.frames = {{.colour = 1}}}));
   const auto error = [&](const char *against, const char *background) {
      return document({"--metrics", "mse", "--background", background}, folder / "holes.gif",
                      folder / against)["metrics"]["mse"]["value"];
   };
   CHECK(error("red.gif", "#ff0000") == 0);
   CHECK(error("white.gif", "white") == 0);
   CHECK(error("red.gif", "white") == 2 * 65025 / 3);
   CHECK(error("red.gif", "#000000") == 65025 / 3);
   check_refusal(compare({"--background", "#12345"}), 2, "#rrggbb");
}

TEST_CASE("a plugin that fails costs its value and the exit code") {
   const json found = document({"--plugin", BEHAVIOUR_PLUGINS, "--metrics", "mse,throws,absent"});
   CHECK(found["metrics"]["mse"]["status"] == "present");
   CHECK(found["metrics"]["throws"]["status"] == "failed");
   CHECK(has(found["metrics"]["throws"]["reason"], "a word of its own"));
   CHECK(found["metrics"]["absent"]["status"] == "unavailable");
   CHECK(compare({"--plugin", BEHAVIOUR_PLUGINS, "--metrics", "mse,throws"}).code == 4);
   CHECK(compare({"--plugin", BEHAVIOUR_PLUGINS, "--metrics", "mse,absent"}).code == 0);
   CHECK(compare({"--plugin", BEHAVIOUR_PLUGINS, "--metrics", "throws", "--fail-if", "throws < 1"}).code == 3);
}

TEST_CASE("a device that is not there is refused") {
   check_refusal(compare({"--device", "cuda:255"}), 2, "device is cuda:255 (option --device), but ");
   for (const char *text : {"gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:256", "cuda:1 "})
      check_refusal(compare({"--device", text}), 2, "device must be auto, cpu, cuda or cuda:N");
}
