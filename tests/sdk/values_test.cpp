// The metrics among the examples and the new plugins, through the program, against arithmetic written once
// more.

#include "end_to_end/program.hpp"
#include "grey_clip.hpp"
#include "kit_modules.hpp"

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

using namespace end_to_end;
using namespace sdk;
using nlohmann::json;

namespace {

struct clips {
   grey_clip reference, distorted;
   std::string reference_path, distorted_path;
};

clips made(int width, int height) {
   const grey_clip reference = moving_clip(width, height, 4), distorted = noisy(reference, 12);
   const std::string size = std::to_string(width) + "x" + std::to_string(height);
   return {reference, distorted, write_gif(reference, "reference" + size),
           write_gif(distorted, "distorted" + size)};
}

// Large enough for two bands of rows, small enough for the plain arithmetic below.
const clips &pictures() {
   static const clips some = made(53, 71);
   return some;
}

// The document of one comparison by one plugin of the kit.
json compared(const std::string &plugin, std::vector<std::string> options = {}, const clips &of = pictures()) {
   options.insert(options.begin(), {"compare", of.reference_path, of.distorted_path, "--quiet", "--format",
                                    "json", "--plugin", KIT_MODULES, "--metrics", plugin});
   const outcome ended = giflab(options);
   CAPTURE(plugin);
   CAPTURE(ended.err);
   REQUIRE(ended.code == 0);
   return json::parse(ended.out)["metrics"];
}

// A column's name goes on with the parameters that are not at their defaults.
double value(const json &metrics, const std::string &column) {
   for (const auto &[id, metric] : metrics.items())
      if (id == column || id.starts_with(column + "("))
         return metric["value"].get<double>();
   FAIL("no column " << column << " in " << metrics.dump());
   return NAN;
}

// Everything that is said of psnr_y but whose it is.
json psnr_by(const std::string &plugin) {
   json found = compared(plugin);
   found["psnr_y"].erase("plugin");
   return found;
}

// The mean over all pixels of all frames from `first` on.
double mean(const clips &of, const std::function<double(std::size_t frame, int x, int y)> &at,
            std::size_t first = 0) {
   double sum = 0;
   for (std::size_t frame = first; frame < of.reference.frames.size(); ++frame)
      for (int y = 0; y < of.reference.height; ++y)
         for (int x = 0; x < of.reference.width; ++x)
            sum += at(frame, x, y);
   return sum /
          (of.reference.width * of.reference.height * static_cast<double>(of.reference.frames.size() - first));
}

// By the definition: the standard deviation of what lies in the window and in the picture.
double deviation(const grey_clip &clip, std::size_t frame, int x, int y, int radius) {
   double sum = 0, count = 0, squares = 0;
   const auto each = [&](const std::function<void(int)> &visit) {
      for (int v = std::max(0, y - radius); v <= std::min(clip.height - 1, y + radius); ++v)
         for (int u = std::max(0, x - radius); u <= std::min(clip.width - 1, x + radius); ++u)
            visit(clip.at(frame, u, v));
   };
   each([&](int level) { sum += level, ++count; });
   each([&](int level) { squares += (level - sum / count) * (level - sum / count); });
   return std::sqrt(squares / count);
}

// How much more a pixel changed since the frame before than the reference's did.
int added_change(const clips &of, std::size_t frame, int x, int y) {
   const auto change = [&](const grey_clip &clip) {
      return std::abs(clip.at(frame, x, y) - clip.at(frame - 1, x, y));
   };
   return std::max(0, change(of.distorted) - change(of.reference));
}

} // namespace

TEST_CASE("psnr in C, in Rust and built in give the same bits") {
   const double expected =
       10 * std::log10(255.0 * 255.0 / mean(pictures(), [](std::size_t frame, int x, int y) {
                          const int difference =
                              pictures().reference.at(frame, x, y) - pictures().distorted.at(frame, x, y);
                          return static_cast<double>(difference * difference);
                       }));
   const json in_c = psnr_by("org.example.psnr");
   CHECK(value(in_c, "psnr_y") == doctest::Approx(expected).epsilon(1e-12));
   CHECK(in_c == psnr_by("org.giflab.psnr_y"));
   if (built("psnr_rust"))
      CHECK(in_c == psnr_by("org.example.psnr_rust"));
   else
      MESSAGE("skipped: no rustc");
}

TEST_CASE("local contrast is what its definition says, for any radius, size and number of threads") {
   const clips sizes[] = {pictures(), made(1, 1), made(1, 70), made(66, 1), made(3, 130)};
   for (const clips &of : sizes)
      for (const int radius : {1, 2, 16}) {
         CAPTURE(of.reference_path);
         CAPTURE(radius);
         const std::string parameter = "org.example.local_contrast.radius=" + std::to_string(radius);
         const json found =
             compared("org.example.local_contrast", {"--param", parameter, "--threads", "1"}, of);
         CHECK(found == compared("org.example.local_contrast", {"--param", parameter, "--threads", "3"}, of));
         const auto change = [&](std::size_t frame, int x, int y) {
            return deviation(of.distorted, frame, x, y, radius) - deviation(of.reference, frame, x, y, radius);
         };
         const auto lost = [&](std::size_t frame, int x, int y) { return std::max(0.0, -change(frame, x, y)); };
         const auto added = [&](std::size_t frame, int x, int y) { return std::max(0.0, change(frame, x, y)); };
         CHECK(value(found, "contrast_lost") == doctest::Approx(mean(of, lost)).epsilon(1e-9));
         CHECK(value(found, "contrast_added") == doctest::Approx(mean(of, added)).epsilon(1e-9));
      }
}

TEST_CASE("added flicker counts what the reference does not have, from the second picture on") {
   const json found = compared("org.example.added_flicker");
   const double expected = mean(
       pictures(), [](std::size_t frame, int x, int y) { return added_change(pictures(), frame, x, y); }, 1);
   CHECK(value(found, "added_flicker") == doctest::Approx(expected).epsilon(1e-12));
   int flickering = 0;
   for (int y = 0; y < pictures().reference.height; ++y)
      for (int x = 0; x < pictures().reference.width; ++x) {
         bool ever = false;
         for (std::size_t frame = 1; frame < pictures().reference.frames.size(); ++frame)
            ever |= added_change(pictures(), frame, x, y) >= 8;
         flickering += ever;
      }
   CHECK(flickering > 0);
   const int pixels = pictures().reference.width * pictures().reference.height;
   CHECK(value(found, "flickering_area") == doctest::Approx(100.0 * flickering / pixels).epsilon(1e-12));
}

TEST_CASE("added flicker follows small changes, held pictures and changes of one side alone") {
   grey_clip reference{.width = 16, .height = 12}, distorted = reference;
   std::vector<uint8_t> still(16 * 12, 100), corner = still, other = still;
   corner[5] = 180;
   other[16 * 11 + 15] = 90;
   reference.frames = {still, still, corner, corner, still};
   distorted.frames = {still, other, corner, still, still};
   reference.delays = distorted.delays = {10, 10, 10, 10, 10};
   const clips of{reference, distorted, write_gif(reference, "still"), write_gif(distorted, "restless")};
   const json found = compared("org.example.added_flicker", {}, of);
   const double expected = mean(
       of, [&](std::size_t frame, int x, int y) { return added_change(of, frame, x, y); }, 1);
   CHECK(expected > 0);
   CHECK(value(found, "added_flicker") == doctest::Approx(expected).epsilon(1e-12));
   CHECK(value(found, "flickering_area") == doctest::Approx(100.0 * 2 / (16 * 12)).epsilon(1e-12));
}

TEST_CASE("one picture has no flicker: undefined a frame, nothing a clip") {
   const grey_clip one = moving_clip(20, 20, 1);
   const clips of{one, noisy(one, 5), write_gif(one, "one"), write_gif(noisy(one, 5), "one_noisy")};
   const json found = compared("org.example.added_flicker", {}, of);
   CHECK(found["added_flicker"]["value"].is_null());
   CHECK(value(found, "flickering_area") == 0);
}

namespace {

// What texture-toy-1.model holds, written down once more.
struct toy_neuron {
   double filter[9], bias, weight;
};
constexpr toy_neuron toy_neurons[] = {
    {{0, 0, 0, 0, 1, 0, 0, 0, 0}, 0, 250},
    {{-.25, 0, .25, -.5, 0, .5, -.25, 0, .25}, -.02, 1000},
    {{-.25, -.5, -.25, 0, 0, 0, .25, .5, .25}, -.02, 1000},
    {{.25, 0, -.25, 0, 0, 0, -.25, 0, .25}, -.01, 800},
    {{0, -.25, 0, -.25, 1, -.25, 0, -.25, 0}, -.015, 600},
    {{.125, -.25, .125, -.25, .5, -.25, .125, -.25, .125}, -.01, 400},
};

double toy_answer(const toy_neuron &neuron, const grey_clip &clip, std::size_t frame, int x, int y) {
   double sum = neuron.bias;
   for (int i = 0; i < 9; ++i)
      sum += neuron.filter[i] * clip.at(frame, x + i % 3 - 1, y + i / 3 - 1) / 255;
   return std::max(sum, 0.0);
}

double toy_distance(std::size_t frame) {
   const grey_clip &reference = pictures().reference;
   double sum = 0, weights = 0;
   for (const toy_neuron &neuron : toy_neurons) {
      weights += neuron.weight;
      for (int y = 0; y < reference.height; ++y)
         for (int x = 0; x < reference.width; ++x)
            sum += neuron.weight * std::pow(toy_answer(neuron, reference, frame, x, y) -
                                                toy_answer(neuron, pictures().distorted, frame, x, y),
                                            2);
   }
   return std::sqrt(sum / (weights * reference.width * reference.height));
}

} // namespace

TEST_CASE("the toy network computes with the weights of its model") {
   double expected = 0;
   for (std::size_t frame = 0; frame < pictures().reference.frames.size(); ++frame)
      expected += toy_distance(frame) / static_cast<double>(pictures().reference.frames.size());
   const json found = compared("org.example.toy_texture", {"--models", EXAMPLES "/toy_texture"});
   CHECK(value(found, "toy_texture") == doctest::Approx(expected).epsilon(1e-5)); // the metric's are floats
}

TEST_CASE("a model that is not there, or is another one, is no value but a sentence") {
   const std::filesystem::path folder = fresh_folder("damaged_model");
   std::string model = contents(EXAMPLES "/toy_texture/texture-toy-1.model");
   model.replace(model.find("1000"), 4, "1001");
   write_file(folder / "texture-toy-1.model", model);
   for (const std::string &place : {std::string(EXAMPLES), folder.string()}) {
      CAPTURE(place);
      const outcome ended =
          giflab({"compare", pictures().reference_path, pictures().distorted_path, "--quiet", "--format",
                  "json", "--plugin", KIT_MODULES, "--metrics", "org.example.toy_texture", "--models", place});
      const json found = json::parse(ended.out)["metrics"]["toy_texture"];
      CHECK(found["value"].is_null());
      CHECK_MESSAGE(has(found["reason"].get<std::string>(), "model texture-toy-1"), found.dump());
   }
}

TEST_CASE("the CUDA example falls back to the processor") {
   if (!built("mse_cuda")) {
      MESSAGE("skipped: no nvcc");
      return;
   }
   const double expected = mean(pictures(), [](std::size_t frame, int x, int y) {
      const int difference = pictures().reference.at(frame, x, y) - pictures().distorted.at(frame, x, y);
      return static_cast<double>(difference * difference);
   });
   CHECK(value(compared("org.example.mse_cuda"), "mse_y") == doctest::Approx(expected).epsilon(1e-12));
}

TEST_CASE("a new metric is the mean absolute difference, in every language") {
   const double expected = mean(pictures(), [](std::size_t frame, int x, int y) {
      return std::abs(pictures().reference.at(frame, x, y) - pictures().distorted.at(frame, x, y));
   });
   for (const std::string name : {"new_metric_c", "new_metric_cpp", "new_metric_rust"}) {
      CAPTURE(name);
      if (built(name))
         CHECK(value(compared("org.example." + name), name) == doctest::Approx(expected).epsilon(1e-12));
      else
         MESSAGE("skipped: no rustc");
   }
}
