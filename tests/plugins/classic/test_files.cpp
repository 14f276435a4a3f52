// Files: decoded as Pillow decodes them, and compared as GifLab 0.2.0 compared them.

#include "fake_host.hpp"

#include "comparison.hpp"
#include "outputs.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <numeric>
#include <set>

namespace giflab::classic {
namespace {

namespace fs = std::filesystem;

const fs::path shared = SHARED_DIRECTORY;

bool here(const fs::path &path) {
   const bool found = fs::exists(path);
   if (!found)
      std::cout << "skipped: " << path.string() << " is not here\n";
   return found;
}

uint32_t crc32(uint32_t before, std::span<const uint8_t> bytes) {
   uint32_t crc = ~before;
   for (const uint8_t byte : bytes) {
      crc ^= byte;
      for (int bit = 0; bit < 8; ++bit)
         crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
   }
   return ~crc;
}

// CRC-32 of the RGB bytes of all pictures, one behind the other.
uint32_t checksum(const gif_file &file) {
   test::fake_call call;
   pulse beat(call.c);
   std::vector<uint32_t> all(file.images.size());
   std::iota(all.begin(), all.end(), 0);
   uint32_t crc = 0;
   show_pictures(file, all, beat, [&](uint32_t, const colour_planes &planes) {
      std::vector<uint8_t> rgb;
      for (size_t i = 0; i < planes.red.size(); ++i)
         rgb.insert(rgb.end(), {planes.red[i], planes.green[i], planes.blue[i]});
      crc = crc32(crc, rgb);
   });
   return crc;
}

TEST_CASE("pictures are Pillow's, hidden colours and all") {
   if (!here(shared / "corpus"))
      return;
   // For each file: image.seek(i); crc = zlib.crc32(image.convert("RGB").tobytes(), crc). Pillow 9.4.
   const struct {
      const char *name;
      size_t frames;
      uint32_t crc;
   } pillow[] = {
       {"alpha-cogs", 5, 0x6cbd91c7u},
       {"alpha-x-interlaced", 1, 0x6e181b6cu},
       {"dispose-bgnd-alpha", 10, 0x31c3f429u},
       {"dispose-bgnd", 5, 0x4e68fe5eu},
       {"dispose-mixed", 5, 0xe5123218u},
       {"dispose-none", 5, 0xbf97e562u},
       {"dispose-prev-full", 3, 0xac31882au},
       {"dispose-prev", 5, 0x5efaedf1u},
       {"edge-1x1-alpha", 1, 0x3e705aacu},
       {"edge-4x2", 2, 0x12f2ac5du},
       {"edge-gif87a", 1, 0xb803c24cu},
       {"edge-truecolor-tiles", 4, 0x351c75f3u},
       {"edge-zero-delays", 4, 0xd95bc4bfu},
       {"pixel-crab-walk", 6, 0x989f3336u},
       {"photo-muybridge-tiny", 15, 0x5311770fu},
       {"still-hopper-interlaced", 1, 0x3104db2eu},
   };
   for (const auto &[name, frames, crc] : pillow) {
      INFO(name);
      const gif_file file = gif_file::read((shared / "corpus" / (std::string(name) + ".gif")).string());
      CHECK(file.images.size() == frames);
      CHECK(checksum(file) == crc);
   }
}

TEST_CASE("what is no GIF or damaged is refused in words") {
   const auto status_of = [](const std::string &bytes) {
      try {
         gif_file::parse({bytes.begin(), bytes.end()});
         return GIFLAB_OK + 0;
      } catch (const failure &refused) {
         CHECK(std::strlen(refused.what()) > 10);
         return refused.status();
      }
   };
   CHECK(status_of("") == GIFLAB_UNSUPPORTED);
   CHECK(status_of("\x89PNG\r\n\x1a\n and so on") == GIFLAB_UNSUPPORTED);
   CHECK(status_of("GIF89a") == GIFLAB_IO);
   CHECK(status_of(std::string("GIF89a\1\0\1\0\0\0\0;", 14)) == GIFLAB_IO);
   const std::string huge("GIF89a\1\0\1\0\0\0\0,\0\0\0\0\xFF\xFF\xFF\xFF\0\2", 24);
   CHECK(status_of(huge) == GIFLAB_UNSUPPORTED);
   CHECK_THROWS_AS(gif_file::read("/nowhere/at/all.gif"), failure);
}

// README.md's bound for values of whole files, relative.
constexpr double tolerance = 1e-4;

void check_pair(const nlohmann::json &pair, const test::values &found) {
   size_t numbers = 0;
   for (const auto &[name, value] : pair["values"].items()) {
      INFO(name);
      const auto at = found.find("classic_" + name);
      REQUIRE(at != found.end());
      CHECK(std::fabs(at->second - value.get<double>()) <= tolerance * std::fabs(value.get<double>()));
      ++numbers;
   }
   CHECK(numbers >= 110);
}

// Through the module, as the host calls it.
test::values inspected(const fs::path &reference, const fs::path &distorted) {
   const giflab_plugin &plugin = test::plugin_of("classic", "org.giflab.classic");
   test::fake_call call;
   const giflab_setup setup = {};
   void *instance = nullptr;
   REQUIRE(plugin.create(&call.c, &setup, &instance) == GIFLAB_OK);
   giflab_file files[2] = {};
   const std::string paths[2] = {reference.string(), distorted.string()};
   files[0].path = paths[0].c_str();
   files[1].path = paths[1].c_str();
   giflab_comparison comparison = {};
   comparison.reference = &files[0];
   comparison.distorted = &files[1];
   const giflab_status status = plugin.metric->inspect(instance, &call.c, &comparison);
   plugin.destroy(instance);
   test::values values;
   if (status == GIFLAB_OK)
      for (const auto &[at, value] : call.scores)
         values[plugin.outputs[at.second].id] = value;
   return values;
}

TEST_CASE("values of whole files are the old package's") {
   const fs::path reference = shared / "reference" / "classic.json";
   if (!here(reference))
      return;
   std::ifstream file(reference);
   const auto pairs = nlohmann::json::parse(file);
   for (const auto &[name, pair] : pairs.items()) {
      INFO(name);
      check_pair(pair, inspected(shared / "reference" / pair["reference"].get<std::string>(),
                                 shared / "reference" / pair["distorted"].get<std::string>()));
   }
}

TEST_CASE("a file against itself") {
   const fs::path file = shared / "corpus" / "alpha-cogs.gif";
   if (!here(file))
      return;
   const test::values found = inspected(file, file);
   CHECK(found.size() == KEY_COUNT);
   for (const giflab_output &output : outputs) {
      INFO(output.id);
      if (!std::isnan(output.identical))
         CHECK(found.at(output.id) == output.identical);
   }
   CHECK(inspected(file, "/nowhere/at/all.gif").empty());
}

TEST_CASE("files of two sizes meet at the smaller one") {
   const fs::path large = shared / "corpus" / "photo-muybridge-tiny.gif",
                  small = shared / "corpus" / "alpha-cogs.gif";
   if (!here(large))
      return;
   const test::values found = inspected(large, small);
   CHECK(found.size() == KEY_COUNT);
   CHECK(found.at("classic_frame_count") == 15);
   CHECK(found.at("classic_compressed_frame_count") == 5);
   CHECK(found.at("classic_ssim") < 0.5);
   CHECK(found.at("classic_deltae_mean") == 0); // unequal counts
}

TEST_CASE("outputs have names of their own") {
   std::set<std::string> ids;
   for (const giflab_output &output : outputs)
      CHECK(ids.insert(output.id).second);
}

} // namespace
} // namespace giflab::classic
