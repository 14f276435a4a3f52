// The values of independent implementations, where they and the weights lie beside the checkout.

#include "engine/compare.hpp"
#include "engine/selection.hpp"
#include "fake_host.hpp"
#include "media/reader.hpp"
#include "modules/catalogue.hpp"
#include "weights.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

namespace giflab::test {
namespace {

namespace fs = std::filesystem;
using lpips::arithmetic;

const fs::path shared = SHARED_DIRECTORY;
const fs::path reference = shared / "reference", images = shared / "corpus" / "images",
               models = shared / "models";
constexpr char squeeze_file[] = "lpips-squeeze-0.1.safetensors";
constexpr double tolerance = 1e-5; // absolute, of the reference's README

// Under a sanitizer, whose tests come beside those of a release build, small pictures do.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int64_t most_pixels = 64 * 64;
#else
constexpr int64_t most_pixels = INT64_MAX;
#endif

bool here(const fs::path &path) {
   const bool found = fs::exists(path);
   if (!found)
      std::cout << "skipped: " << path.string() << " is not here\n";
   return found;
}

// The first picture of a file, over white.
picture first_picture(const fs::path &path) {
   const services::cancellation never;
   engine::machine on(1, never);
   const auto opened = media::open(path.string(), {}, on.pixels());
   REQUIRE_MESSAGE(opened, path.string());
   const auto next = (*opened)->next();
   REQUIRE(next);
   REQUIRE(*next);
   const media::picture &found = **next;
   picture made(found.width, found.height);
   bool opaque_or_not = true;
   for (int32_t y = 0; y < found.height; ++y)
      for (int32_t x = 0; x < found.width; ++x)
         for (int32_t c = 0; c < 3; ++c) {
            const uint8_t *rgba = found.rgba().row<uint8_t>(y) + 4 * x;
            opaque_or_not &= rgba[3] == 0 || rgba[3] == 255;
            made.rgb[made.at(x, y, c)] = rgba[3] == 0 ? 255 : rgba[c];
         }
   REQUIRE(opaque_or_not);
   return made;
}

lpips::distances compare(const lpips::network &network, const picture &a, const picture &b, arithmetic choice) {
   const fake_image first(a, 0, 0xAA), second(b, 1, 0x55);
   fake_call call;
   return network.compare(call.c, first.image, second.image, choice);
}

// ---- Trained weights

struct trained {
   std::vector<std::byte> bytes = bytes_of_file((models / squeeze_file).string());
   lpips::safetensors file{bytes};
   lpips::network network{lpips::squeeze, [this](const std::string &name, std::span<const int64_t> shape) {
                             return file.floats(name, shape);
                          }};
};

// Every `step`-th pair of a table, its first picture, where that is no larger than `most`.
void check_published(const char *table, size_t step, arithmetic choice, int64_t most) {
   if (!here(reference / table) || !here(models / squeeze_file))
      return;
   const trained weights;
   const auto published = nlohmann::json::parse(std::ifstream(reference / table));
   size_t number = 0;
   for (const auto &[name, pair] : published.items()) {
      if (number++ % step != 0 || pair["width"].get<int64_t>() * pair["height"].get<int64_t>() > most ||
          !pair["pairs"]["0"].contains("lpips_squeeze"))
         continue;
      CAPTURE(name);
      const double wanted = pair["pairs"]["0"]["lpips_squeeze"].get<double>();
      const picture a = first_picture(reference / pair["reference"].get<std::string>());
      const picture b = first_picture(reference / pair["distorted"].get<std::string>());
      const double found = compare(weights.network, a, b, choice).total;
      CAPTURE(found);
      CHECK(std::abs(found - wanted) <= tolerance);
   }
}

TEST_CASE("published values of stills, in vectors and plainly") {
   check_published("published_stills.json", 1, arithmetic::vector, most_pixels);
   check_published("published_stills.json", 1, arithmetic::scalar, 64 * 64);
}
TEST_CASE("published values of GIF pairs") {
   check_published("published.json", 5, arithmetic::vector, std::min<int64_t>(most_pixels, 500 * 500));
}

// ---- Generated weights, layer by layer

const lpips::trunk &trunk_of(const std::string &name) {
   for (const lpips::trunk *one : {&lpips::alex, &lpips::vgg, &lpips::squeeze})
      if (one->name == name)
         return *one;
   throw std::runtime_error("no trunk " + name);
}

void check_layers(const std::string &name, arithmetic choice, int64_t most) {
   const fs::path heads = models / ("lpips-" + name + "-heads-0.1.safetensors");
   if (!here(reference / "lpips_generated_weights.json") || !here(heads))
      return;
   const auto bytes = bytes_of_file(heads.string());
   const lpips::safetensors file(bytes);
   const generated_network made(trunk_of(name), &file);
   const auto published = nlohmann::json::parse(std::ifstream(reference / "lpips_generated_weights.json"));
   size_t checked = 0;
   for (const auto &pair : published["pairs"]) {
      const std::string distorted = pair["distorted"];
      if (pair["width"].get<int64_t>() * pair["height"].get<int64_t>() > most || distorted.ends_with(".jpg"))
         continue; // decoders of JPEG differ
      INFO(name, " ", distorted);
      const lpips::distances found =
          compare(made.network, first_picture(images / pair["reference"].get<std::string>()),
                  first_picture(images / distorted), choice);
      const auto &wanted = pair[name]["layers"];
      for (size_t i = 0; i < wanted.size(); ++i)
         CHECK(std::abs(found.layers[i] - wanted[i].get<double>()) <= 1e-6);
      CHECK(std::abs(found.total - pair[name]["distance"].get<double>()) <= tolerance);
      ++checked;
   }
   CHECK(checked >= 2);
}

TEST_CASE("every layer of SqueezeNet, AlexNet and VGG16 is PyTorch's, with generated weights") {
   check_layers("squeeze", arithmetic::vector, most_pixels);
   check_layers("squeeze", arithmetic::scalar, 64 * 64);
   check_layers("alex", arithmetic::vector, most_pixels);
   if (most_pixels == 64 * 64)
      return; // the rest runs the same code for a long time
   check_layers("alex", arithmetic::scalar, 64 * 64);
   check_layers("vgg", arithmetic::vector, 64 * 64);
}

// ---- The module

TEST_CASE("without its weights the metric says what is missing, with them it scores") {
   const fs::path distorted = images / "lpips-ex_p0.png";
   if (!here(distorted))
      return;
   const auto found = modules::catalogue::discover({MODULE_DIRECTORY}, 1);
   REQUIRE(found);
   const services::cancellation never;
   const auto run = [&](std::vector<std::string> folders) {
      engine::lending lent;
      lent.model_folders = std::move(folders);
      engine::machine on(2, never, lent);
      const auto plan =
          engine::select_metrics(*found, {"mse", "lpips_squeeze", "org.giflab.lpips_layers"}, {}, &on);
      REQUIRE(plan);
      const auto compared =
          engine::compare((images / "lpips-ex_ref.png").string(), distorted.string(), *plan, {}, on, nullptr);
      REQUIRE_MESSAGE(compared, (compared ? "" : compared.error().text));
      return *compared;
   };
   const auto value_of = [](const results::comparison &from, const std::string &id) {
      for (const results::metric_value &one : from.metrics)
         if (one.id == id)
            return one;
      throw std::runtime_error("no column " + id);
   };
   const auto without = run({});
   CHECK(value_of(without, "lpips_squeeze").reason.find("lpips-squeeze-0.1") != std::string::npos);
   CHECK(value_of(without, "mse").reason.empty());
   if (!here(models / squeeze_file))
      return;
   const auto with = run({models.string()});
   CHECK(std::abs(value_of(with, "lpips_squeeze").value - 0.7110475301742554) <= tolerance);
   double sum = 0;
   for (int layer = 1; layer <= 7; ++layer)
      sum += value_of(with, "lpips_squeeze_layer" + std::to_string(layer)).value;
   CHECK(std::abs(sum - 0.7110475301742554) <= tolerance);
}

} // namespace
} // namespace giflab::test
