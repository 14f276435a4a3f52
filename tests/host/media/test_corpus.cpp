// Real files, where they are at hand: all of them read to the end, the valid ones compared with Pillow.

#include "media/signature.hpp"
#include "reading.hpp"
#include "services/sha256.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <doctest/doctest.h>
#include <map>
#include <set>
#include <span>
#include <sstream>

namespace giflab::tests {

namespace {

namespace fs = std::filesystem;

// Where Pillow is not our judge. It paints what no frame covers, or what disposal clears, in the file's
// background colour unless a frame uses transparency; browsers and we leave it transparent.
const std::set<std::string> pillow_paints_background{"dispose-bgnd.gif", "edge-truecolor-tiles.gif"};

fs::path corpus() { return fs::path(SHARED_DIRECTORY) / "corpus"; }

bool found_corpus() {
   if (fs::is_directory(corpus()))
      return true;
   std::puts("skipped: corpus not found");
   return false;
}

std::vector<std::string> files_below(const fs::path &folder, bool corrupt) {
   std::vector<std::string> files;
   for (const auto &each : fs::recursive_directory_iterator(folder)) {
      const std::string ending = each.path().extension().string();
      const bool is_corrupt = each.path().parent_path().filename() == "corrupt";
      if ((ending == ".gif" || ending == ".png" || ending == ".jpg") && is_corrupt == corrupt)
         files.push_back(each.path().string());
   }
   std::sort(files.begin(), files.end());
   return files;
}

std::string checksum(const media::picture &of) {
   services::sha256 sum;
   for (int y = 0; y < of.height; ++y)
      sum.add(std::as_bytes(std::span(of.rgba().row<uint32_t>(y), static_cast<std::size_t>(of.width))));
   return sum.digest().value();
}

// Frames of one file, here and by Pillow: some have hundreds that are all of a kind.
constexpr std::size_t some_frames = 12, all_frames = 1'000'000;

// Path and then one checksum a frame, as pillow_checksums.py prints them; empty without Pillow.
std::map<std::string, std::vector<std::string>> pillow_checksums(const std::vector<std::string> &files,
                                                                 std::size_t most_compared) {
   std::string command = "/usr/bin/python3 '" SOURCE_DIRECTORY "/tests/host/media/pillow_checksums.py' " +
                         std::to_string(most_compared);
   for (const std::string &file : files)
      command += " '" + file + "'";
   command += " 2>/dev/null";
   std::map<std::string, std::vector<std::string>> found;
   FILE *pipe = ::popen(command.c_str(), "r");
   if (!pipe)
      return found;
   std::string output;
   std::array<char, 4096> part{};
   while (const std::size_t count = std::fread(part.data(), 1, part.size(), pipe))
      output.append(part.data(), count);
   ::pclose(pipe);
   std::istringstream lines(output);
   for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string path, word;
      words >> path;
      while (words >> word)
         found[path].push_back(word);
   }
   return found;
}

bool indices_agree(const media::picture &of) {
   if (!of.indexed())
      return true;
   const auto *palette = of.indexed()->palette.row<uint32_t>(0);
   uint32_t difference = 0;
   for (int y = 0; y < of.height; ++y) {
      const auto *indices = of.indexed()->indices.row<uint8_t>(y);
      const auto *colours = of.rgba().row<uint32_t>(y);
      for (int x = 0; x < of.width; ++x)
         difference |= palette[indices[x]] ^ colours[x];
   }
   return difference == 0;
}

// Pixel by pixel.
media::changes plain_changes(const media::picture &before, const media::picture &now) {
   const int32_t across = (now.width + 15) / 16, down = (now.height + 15) / 16;
   media::changes found{
       {}, std::vector<uint8_t>(static_cast<std::size_t>(across) * static_cast<std::size_t>(down))};
   for (int32_t y = 0; y < now.height; ++y) {
      const auto *old_row = before.rgba().row<uint32_t>(y), *new_row = now.rgba().row<uint32_t>(y);
      for (int32_t x = 0; x < now.width; ++x)
         if (old_row[x] != new_row[x]) {
            found.squares[static_cast<std::size_t>(y / 16 * across + x / 16)] = 1;
            found.area = media::united(found.area, {x, y, 1, 1});
         }
   }
   return found;
}

// Reads to the end; checks what must hold for every file, and keeps the checksums alone.
std::vector<std::string> checked_checksums(const std::string &file, std::size_t most_compared) {
   CAPTURE(file);
   std::vector<std::string> sums;
   const auto opened = media::open(file, {}, test_pool());
   REQUIRE(opened);
   media::picture_pointer before;
   media::signature look;
   for (;;) {
      const auto next = (*opened)->next();
      REQUIRE(next);
      if (!*next)
         break;
      const media::picture &now = **next;
      if (sums.size() < most_compared) {
         sums.push_back(checksum(now));
         CHECK(now.content == media::content_id(now));
         CHECK(indices_agree(now));
      }
      if (before) {
         CHECK((now.content == before->content) == now.changed.area.empty());
         if (sums.size() < most_compared) {
            const media::changes plain = plain_changes(*before, now);
            CHECK(now.changed.squares == plain.squares);
            CHECK(now.changed.area == plain.area);
         }
      }
      look = before ? media::signature_of(now, look) : media::signature_of(now);
      CHECK(look.means == media::signature_of(now).means);
      before = *next;
   }
   CHECK(sums.size() == std::min(most_compared, (*opened)->facts().showings.size()));
   return sums;
}

void compare_with_pillow(std::size_t most_compared) {
   if (!found_corpus())
      return;
   const auto files = files_below(corpus(), false);
   const auto expected = pillow_checksums(files, most_compared);
   if (expected.empty())
      std::puts("skipped: Pillow not found");
   for (const std::string &file : files) {
      CAPTURE(file);
      const auto sums = checked_checksums(file, most_compared);
      const auto theirs = expected.find(file);
      if (theirs == expected.end())
         continue;
      const bool excepted = pillow_paints_background.contains(fs::path(file).filename().string());
      CHECK((sums == theirs->second) != excepted);
   }
}

} // namespace

TEST_CASE("corpus: valid files are whole and look as in Pillow") { compare_with_pillow(some_frames); }

// In tools/test all: ctest's test_media_at_length.
TEST_CASE("corpus: every frame of valid files looks as in Pillow" * doctest::skip()) {
   compare_with_pillow(all_frames);
}

TEST_CASE("corpus: malformed files give whole pictures with a warning, or an error with a reason") {
   if (!found_corpus())
      return;
   // Odd, but nothing is missing: the background colour is never drawn, and codes that fill up the last byte
   // are read by nobody.
   const std::set<std::string> sound{"pillow-background-index.gif", "wuffs-pixel-too-many.gif"};
   for (const std::string &file : files_below(corpus() / "corrupt", true)) {
      CAPTURE(file);
      const auto once = read_all(media::open(file, {}, test_pool()));
      const auto twice = read_all(media::open(file, {}, test_pool()));
      CHECK(once.refusal == twice.refusal);
      CHECK(once.facts.warnings == twice.facts.warnings);
      CHECK(once.pictures.size() == twice.pictures.size());
      CHECK(once.pictures.empty() == !once.refusal.empty());
      CHECK((once.refusal.empty() && once.facts.warnings.empty()) ==
            sound.contains(fs::path(file).filename().string()));
   }
}

} // namespace giflab::tests
