// Level 2 does less than level 1, and gives the same bits.

#include "engine/compare.hpp"
#include "engine/kept_originals.hpp"
#include "engine/repeated_pairs.hpp"
#include "services/sandbox.hpp"

#include "gif_writer.hpp"
#include "scratch_folder.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace giflab;
namespace fs = std::filesystem;

namespace {

// ---- Clips that change little from picture to picture, as recordings of screens do

constexpr int width = 301, height = 241; // enough pixels for every way of counting, and no multiple of anything

uint32_t noise(uint32_t x) { // the finaliser of MurmurHash3
   x = (x ^ x >> 16) * 0x85EBCA6Bu;
   x = (x ^ x >> 13) * 0xC2B2AE35u;
   return x ^ x >> 16;
}

tests::palette colours(uint32_t seed, int count) {
   tests::palette made;
   for (int i = 0; i < count; ++i) {
      const uint32_t value = noise(seed * 1000 + static_cast<uint32_t>(i));
      made.push_back(
          {static_cast<uint8_t>(value), static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value >> 16)});
   }
   return made;
}

struct place {
   int x, y, width, height;
};

// Blocks of 7x5 pixels of one colour each, 15 of them: index 15 stays free for transparency. Every `coarse`-th
// pixel of them is another one.
tests::written_frame frame(const place &where, uint32_t seed, uint32_t coarse) {
   tests::written_frame made;
   made.x = where.x, made.y = where.y, made.width = where.width, made.height = where.height;
   made.code_size = 4;
   for (int y = 0; y < where.height; ++y)
      for (int x = 0; x < where.width; ++x) {
         const auto block = static_cast<uint32_t>((where.y + y) / 5 * 100 + (where.x + x) / 7);
         const uint32_t other = noise(static_cast<uint32_t>(y * 5000 + x) + seed) % coarse == 0 ? 1 : 0;
         made.indices.push_back(static_cast<uint8_t>((noise(block + seed) + other) % 15));
      }
   return made;
}

// Typing, a cursor that blinks twice, a corner far away, a picture that stays, one that is taken back, one that
// is cleared, and frames that are transparent but for a few pixels.
tests::bytes recording(uint32_t coarse) {
   tests::gif_writer file(width, height, colours(1, 16));
   file.frame(frame({0, 0, width, height}, 1, coarse));
   for (uint32_t i = 0; i < 4; ++i)
      file.frame(frame({40 + 9 * static_cast<int>(i), 60, 9, 14}, 10 + i, coarse));
   for (int i = 0; i < 2; ++i) {
      file.frame(frame({90, 60, 4, 14}, 20, coarse));
      file.frame(frame({90, 60, 4, 14}, 21, coarse));
   }
   file.frame(frame({290, 230, 11, 11}, 30, coarse));
   file.frame(frame({290, 230, 11, 11}, 30, coarse));
   tests::written_frame taken_back = frame({100, 100, 60, 40}, 40, coarse);
   taken_back.disposal = 3;
   file.frame(taken_back);
   tests::written_frame cleared = frame({5, 5, 33, 21}, 41, coarse);
   cleared.disposal = 2;
   file.frame(cleared);
   tests::written_frame thin = frame({0, 0, width, height}, 1, coarse);
   thin.transparent = 15;
   for (std::size_t i = 0; i < thin.indices.size(); ++i)
      if (i % 9001 != 0)
         thin.indices[i] = 15;
   file.frame(thin);
   tests::written_frame repainted = frame({120, 20, 80, 50}, 50, coarse);
   repainted.local = colours(2, 16);
   file.frame(repainted);
   return file.trailer().file;
}

// More than 256 colours on the canvas at once: from the second frame on there is no palette.
tests::bytes colourful(uint32_t coarse) {
   tests::gif_writer file(width, height, colours(3, 256));
   for (uint32_t i = 0; i < 4; ++i) {
      tests::written_frame part =
          frame({30 * static_cast<int>(i), 0, i == 0 ? width : 25, height}, 60 + i, coarse);
      part.code_size = 8;
      part.local = colours(4 + i, 256);
      for (std::size_t at = 0; at < part.indices.size(); ++at)
         part.indices[at] = static_cast<uint8_t>(noise(static_cast<uint32_t>(at / 3) + i) % 256);
      file.frame(part);
   }
   return file.trailer().file;
}

class gif_files {
 public:
   gif_files() {
      write("recording.gif", recording(1000)), write("recording-lossy.gif", recording(9));
      write("colourful.gif", colourful(1000)), write("colourful-lossy.gif", colourful(7));
   }

   std::string operator()(const std::string &name) const { return folder_.file(name); }
   void write(const std::string &name, const tests::bytes &file) const {
      std::ofstream(folder_.file(name), std::ios::binary)
          .write(reinterpret_cast<const char *>(file.data()), static_cast<std::streamsize>(file.size()));
   }

 private:
   const tests::scratch_folder folder_;
};

const gif_files &files() {
   static const gif_files made;
   return made;
}

// ---- Comparisons

const modules::catalogue &plugins() {
   static const auto found = modules::catalogue::discover({BUILTIN_PLUGINS, BEHAVIOUR_PLUGINS}, 2);
   REQUIRE(found);
   return *found;
}

struct way {
   int level = 2;
   std::size_t threads = 2, batch_size = 8;
   std::size_t kept_original_bytes = 0;
};

results::comparison compare(const std::string &a, const std::string &b, const std::vector<std::string> &metrics,
                            const way &how, engine::machine &on) {
   const auto plan = engine::select_metrics(plugins(), metrics, {});
   REQUIRE(plan);
   engine::comparison_options options;
   options.level = how.level;
   options.batch_size = how.batch_size;
   options.per_frame = true;
   options.kept_original_bytes = how.kept_original_bytes;
   auto found = engine::compare(a, b, *plan, options, on, nullptr);
   REQUIRE_MESSAGE(found, (found ? "" : found.error().text));
   return std::move(*found);
}

results::comparison compare(const std::string &a, const std::string &b, const std::vector<std::string> &metrics,
                            const way &how) {
   const services::cancellation never;
   engine::machine on(how.threads, never);
   return compare(a, b, metrics, how, on);
}

// Every number and status of a comparison.
struct said {
   std::vector<double> numbers;
   std::vector<std::string> words;
};

said said_by(const results::comparison &found) {
   said all;
   for (const results::metric_value &value : found.metrics) {
      all.words.push_back(fmt::format("{} {} {}", value.id, static_cast<int>(value.status), value.reason));
      all.numbers.push_back(value.value);
   }
   for (const results::pair_row &row : found.pairs)
      all.numbers.insert(all.numbers.end(), row.values.begin(), row.values.end());
   for (const results::file_summary *file : {&found.reference, &found.distorted})
      all.words.push_back(fmt::format("{} {} {} {}", file->format, file->frames, file->loop_count,
                                      fmt::join(file->warnings, "; ")));
   return all;
}

bool same(const said &a, const said &b) {
   return a.words == b.words && a.numbers.size() == b.numbers.size() &&
          std::memcmp(a.numbers.data(), b.numbers.data(), a.numbers.size() * sizeof(double)) == 0;
}

// Level 2 in many ways against level 1 on one thread.
void check_levels(const std::string &a, const std::string &b, const std::vector<std::string> &metrics,
                  const std::vector<way> &ways) {
   CAPTURE(a);
   CAPTURE(b);
   const said expected = said_by(compare(a, b, metrics, {1, 1}));
   for (const way &how : ways) {
      CAPTURE(how.level);
      CAPTURE(how.threads);
      CAPTURE(how.batch_size);
      CHECK(same(said_by(compare(a, b, metrics, how)), expected));
   }
}

const std::vector<way> many_ways = {{2, 1}, {2, 2}, {2, 8}, {2, 1, 1}, {2, 2, 3}, {1, 8}};

// Metrics of FRAME scope that look at pictures, beside the default set: what looks back is of interest here.
const std::vector<std::string> with_lookback = {"default", "org.giflab.temporal", "org.giflab.disposal"};

} // namespace

TEST_CASE("recordings and colourful clips: level 2 has the bits of level 1, whatever the threads and batches") {
   check_levels(files()("recording.gif"), files()("recording-lossy.gif"), with_lookback, many_ways);
   check_levels(files()("colourful.gif"), files()("colourful-lossy.gif"), {"default"}, many_ways);
   check_levels(files()("recording.gif"), files()("colourful.gif"), {"default"}, {{2, 2}});
   check_levels(files()("recording.gif"), files()("recording.gif"), {"default"}, {{2, 2}});
}

TEST_CASE("the corpus: level 2 has the bits of level 1") {
   // GIFLAB_TEST_WHOLE_CORPUS: all pairs there are, which takes minutes.
   const fs::path corpus = fs::path(SHARED_DIRECTORY) / "corpus";
   std::vector<fs::path> variants;
   std::error_code absent;
   for (const fs::directory_entry &entry : fs::recursive_directory_iterator(corpus / "pairs", absent))
      if (entry.path().extension() == ".gif" && entry.path().stem() != "resize50")
         variants.push_back(entry.path());
   if (variants.empty()) {
      MESSAGE("skipped: corpus not found");
      return;
   }
   std::sort(variants.begin(), variants.end());
   const bool whole = std::getenv("GIFLAB_TEST_WHOLE_CORPUS") != nullptr;
   std::size_t compared = 0;
   for (const fs::path &variant : variants) {
      const fs::path original = corpus / (variant.parent_path().filename().string() + ".gif");
      if (!whole && fs::file_size(original) + fs::file_size(variant) > 220'000)
         continue;
      ++compared;
      check_levels(original.string(), variant.string(), {"default"},
                   whole ? std::vector<way>{{2, 1}, {2, 2}, {2, 8}, {1, 2}, {1, 8}} : std::vector<way>{{2, 2}});
   }
   CHECK(compared > 0);
   MESSAGE(compared << " of " << variants.size() << " pairs");
}

TEST_CASE("a pair that was measured is not measured again") {
   const std::string gif = files()("recording.gif");
   for (const auto &[metric, distinct] :
        std::vector<std::pair<std::string, double>>{{"measured_so_far", 12}, {"measured_behind_one", 14}}) {
      CAPTURE(metric);
      for (std::size_t threads : {1u, 2u, 8u}) {
         const results::comparison found = compare(gif, gif, {metric}, {2, threads, 3});
         REQUIRE(found.metrics.at(0).statistics);
         CHECK(found.metrics.at(0).statistics->max == distinct);
         CHECK(found.metrics.at(0).frames == 15);
      }
      CHECK(compare(gif, gif, {metric}, {1, 1}).metrics.at(0).statistics->max == 15);
   }
   // The cursor shows again what it showed, and the corner stays.
   const results::comparison found = compare(gif, gif, {"measured_so_far"}, {2, 1});
   CHECK(found.pairs.at(5).values.at(0) == found.pairs.at(7).values.at(0));
   CHECK(found.pairs.at(6).values.at(0) == found.pairs.at(8).values.at(0));
   CHECK(found.pairs.at(9).values.at(0) == found.pairs.at(10).values.at(0));
}

TEST_CASE("repeated pairs are found by both contents and by what is looked back at") {
   engine::repeated_pairs alone(0);
   CHECK(alone.next(0, {1, 2}) == -1);
   CHECK(alone.next(1, {2, 1}) == -1);
   CHECK(alone.next(2, {1, 1}) == -1);
   CHECK(alone.next(3, {1, 2}) == 0);
   CHECK(alone.next(4, {1, 2}) == 0);
   CHECK(alone.next(7, {3, 2}) == -1);
   CHECK(alone.next(8, {3, 2}) == 7);

   engine::repeated_pairs behind(1);
   const std::vector<int64_t> expected = {-1, -1, -1, -1, 2, 3};
   std::vector<int64_t> found;
   for (uint64_t content : {1, 1, 2, 1, 2, 1})
      found.push_back(behind.next(static_cast<int64_t>(found.size()), {content, content}));
   CHECK(found == expected); // the first of all has nothing before it, and so is like no other
}

TEST_CASE("a full memory of pairs begins anew") {
   engine::repeated_pairs small(0, 3);
   for (uint64_t content : {1, 2, 3})
      CHECK(small.next(static_cast<int64_t>(content) - 1, {content, content}) == -1);
   CHECK(small.next(3, {1, 1}) == -1);
   CHECK(small.next(4, {2, 2}) == -1);
   CHECK(small.next(5, {1, 1}) == 3);
}

TEST_CASE("an original is read once for all of its candidates") {
   const services::cancellation never;
   engine::machine on(2, never);
   const way keeping{2, 2, 8, std::size_t{64} << 20};
   const std::string original = files()("recording.gif");
   const std::vector<std::string> candidates = {files()("recording-lossy.gif"), files()("colourful.gif"),
                                                original};
   for (std::size_t i = 0; i < candidates.size(); ++i) {
      const said expected = said_by(compare(original, candidates[i], {"default"}, {1, 1}));
      CHECK(same(said_by(compare(original, candidates[i], {"default"}, keeping, on)), expected));
      CHECK(on.originals().reused() == static_cast<int64_t>(i));
   }
   // Other metrics want other forms.
   const said expected = said_by(compare(original, candidates[0], {"butteraugli", "mdsi"}, {1, 1}));
   CHECK(same(said_by(compare(original, candidates[0], {"butteraugli", "mdsi"}, keeping, on)), expected));
   CHECK(on.originals().reused() == 3);
}

TEST_CASE("an original that changed, another one, and one that is too large are read again") {
   const services::cancellation never;
   engine::machine on(2, never);
   const way keeping{2, 2, 8, std::size_t{64} << 20};
   files().write("changing.gif", recording(50));
   const std::string original = files()("changing.gif"), candidate = files()("recording-lossy.gif");
   compare(original, candidate, {"mse"}, keeping, on);
   files().write("changing.gif", recording(51));
   const said expected = said_by(compare(original, candidate, {"mse"}, {1, 1}));
   CHECK(same(said_by(compare(original, candidate, {"mse"}, keeping, on)), expected));
   compare(files()("recording.gif"), candidate, {"mse"}, keeping, on);
   compare(original, candidate, {"mse"}, keeping, on);
   CHECK(on.originals().reused() == 0);

   const way small{2, 2, 8, std::size_t{300} << 10}; // less than two pictures
   const std::size_t before = on.pixels().bytes_in_use();
   for (int i = 0; i < 2; ++i)
      compare(files()("recording.gif"), candidate, {"mse"}, small, on);
   CHECK(on.originals().reused() == 0);
   CHECK(on.pixels().bytes_in_use() <= before);
}

namespace {

// Keeps originals in files on the disk that the tests are built on: where the system keeps temporary files may
// be memory.
engine::lending mapping() {
   engine::lending lent;
   lent.memory_mapping = true;
   lent.temporary_folder = fs::current_path();
   return lent;
}

} // namespace

TEST_CASE(
    "an original that does not fit is read once all the same where it may lie in a file, with the same bits") {
   const services::cancellation never;
   engine::machine on(2, never, mapping());
   const way small{2, 2, 8, std::size_t{1} << 20}; // a picture or two of it
   const std::string original = files()("recording.gif");
   const std::vector<std::string> candidates = {files()("recording-lossy.gif"), files()("colourful.gif"),
                                                original};
   for (const std::vector<std::string> &metrics :
        {std::vector<std::string>{"default"}, {"butteraugli", "mdsi"}})
      for (const std::string &candidate : candidates) {
         const said expected = said_by(compare(original, candidate, metrics, {1, 1}));
         CHECK(same(said_by(compare(original, candidate, metrics, small, on)), expected));
         CHECK(on.originals().lies_in_file());
      }
   CHECK(on.originals().reused() == 5);
   // An original of more colours than a palette has.
   const std::string other = files()("colourful.gif");
   for (int i = 0; i < 2; ++i)
      CHECK(same(said_by(compare(other, original, {"default"}, small, on)),
                 said_by(compare(other, original, {"default"}, {1, 1}))));
   CHECK(on.originals().reused() == 6);
}

TEST_CASE("under pressure what is kept moves to a file, or is forgotten") {
   const services::cancellation never;
   const way keeping{2, 2, 8, std::size_t{64} << 20};
   const std::string original = files()("recording.gif"), candidate = files()("recording-lossy.gif");
   const said expected = said_by(compare(original, candidate, {"default"}, {1, 1}));
   for (const bool files_too : {true, false}) {
      engine::machine on(2, never, files_too ? mapping() : engine::lending());
      compare(original, candidate, {"default"}, keeping, on);
      CHECK_FALSE(on.originals().lies_in_file());
      on.originals().let_go();
      CHECK(on.originals().lies_in_file() == files_too);
      CHECK(on.pixels().bytes_in_use() == 0);
      CHECK(same(said_by(compare(original, candidate, {"default"}, keeping, on)), expected));
      CHECK(on.originals().reused() == (files_too ? 1 : 0));
   }
}

TEST_CASE("where no file can be made or filled, an original that does not fit is read again") {
   const services::cancellation never;
   const std::string original = files()("recording.gif");
   services::sandbox full(fs::current_path(), 600'000); // less than two pictures
   int asked = 0;
   for (const bool made : {false, true}) {
      engine::original_store store([&]() -> result<std::shared_ptr<services::unnamed_file>> {
         ++asked;
         if (made)
            return full.open_unnamed();
         return failed(problem::input, "read-only");
      });
      services::block_pool pool(0);
      const engine::original_request request{original, {}, {}, 9, std::size_t{1} << 20};
      std::vector<uint64_t> contents[2];
      for (auto &seen : contents) {
         auto opened = store.open(request, pool);
         REQUIRE(opened);
         for (auto picture = opened->reader->next(); *picture; picture = opened->reader->next())
            seen.push_back((*picture)->content);
      }
      CHECK(contents[0] == contents[1]);
      CHECK(contents[0].size() == 15);
      CHECK(store.reused() == 0);
      CHECK_FALSE(store.lies_in_file());
   }
   CHECK(asked == 2); // once each: the second reading does not try again
}

TEST_CASE("what is told of a file grows with its pictures, kept or not, and again behind a rewind") {
   const services::cancellation never;
   engine::machine on(1, never);
   const engine::original_request request{files()("recording.gif"), {}, {}, 9, std::size_t{64} << 20};
   const auto told = [](media::reader &from) {
      std::vector<std::string> all;
      for (;;) {
         const media::file_facts &facts = from.facts();
         all.push_back(fmt::format("{} {} {} {}", facts.frames.size(), facts.showings.size(),
                                   facts.transparency, facts.loop_count));
         const auto picture = from.next();
         REQUIRE(picture);
         if (!*picture)
            return all;
         all.back() += fmt::format(" {:x} {}", (*picture)->content, (*picture)->start_us);
      }
   };
   std::vector<std::vector<std::string>> all;
   for (int i = 0; i < 2; ++i) {
      auto opened = on.originals().open(request, on.pixels());
      REQUIRE(opened);
      all.push_back(told(*opened->reader));
      REQUIRE(opened->reader->rewind());
      CHECK(told(*opened->reader).size() == all.back().size());
   }
   CHECK(on.originals().reused() == 1);
   CHECK(all[0] == all[1]);
   CHECK(all[0].size() == 16);
}
