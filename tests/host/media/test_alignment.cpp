// Which picture meets which, for how long, and what is said about the timing of the two.

#include "made_up_reader.hpp"

#include <doctest/doctest.h>
#include <ostream>

namespace giflab::tests {

namespace {

using media::alignment_mode;

struct met {
   int reference, distorted;
   int64_t start_ms, duration_ms;

   bool operator==(const met &) const = default;
   friend std::ostream &operator<<(std::ostream &to, const met &pair) {
      return to << pair.reference << "|" << pair.distorted << " at " << pair.start_ms << " for "
                << pair.duration_ms;
   }
};

struct outcome {
   std::vector<met> pairs; // by shade
   media::alignment_report report;
};

outcome aligned(const std::vector<moment> &reference, const std::vector<moment> &distorted,
                alignment_mode mode = alignment_mode::time) {
   made_up_reader left("reference.gif", reference), right("distorted.gif", distorted);
   const auto walk = media::align(left, right, mode);
   REQUIRE(walk);
   outcome found;
   for (;;) {
      const auto next = (*walk)->next();
      REQUIRE(next);
      if (!*next)
         break;
      const auto &pair = **next;
      found.pairs.push_back({static_cast<int>(pair.reference->content) - 1,
                             static_cast<int>(pair.distorted->content) - 1, pair.start_us / 1000,
                             pair.duration_us / 1000});
   }
   found.report = (*walk)->report();
   CHECK(found.report.pairs == static_cast<int64_t>(found.pairs.size()));
   return found;
}

// dropped, duplicated, reordered, drift in ms
using counts = std::array<int64_t, 4>;

counts counts_of(const outcome &found) {
   const auto &report = found.report;
   return {report.dropped, report.duplicated, report.reordered, report.max_drift_us / 1000};
}

} // namespace

TEST_CASE("time: equal clips meet picture by picture") {
   const std::vector<moment> clip{{0, 100}, {50, 200}, {100, 50}};
   const auto found = aligned(clip, clip);
   CHECK(found.pairs == std::vector<met>{{0, 0, 0, 100}, {50, 50, 100, 200}, {100, 100, 300, 50}});
   CHECK(counts_of(found) == counts{0, 0, 0, 0});
   CHECK(found.report.notes.empty());
   CHECK(found.report.reference_us == 350'000);
}

TEST_CASE("time: a stretch in which neither side changes is one pair") {
   const auto found = aligned({{0, 100}, {50, 100}}, {{0, 70}, {50, 130}});
   CHECK(found.pairs == std::vector<met>{{0, 0, 0, 70}, {0, 50, 70, 30}, {50, 50, 100, 100}});
   CHECK(counts_of(found) == counts{0, 0, 0, 30});
}

TEST_CASE("time: every second picture dropped") {
   const auto found = aligned({{0, 100}, {50, 100}, {100, 100}, {150, 100}}, {{0, 200}, {100, 200}});
   CHECK(found.pairs.size() == 4);
   CHECK(found.pairs[1] == met{50, 0, 100, 100});
   CHECK(counts_of(found) == counts{2, 0, 0, 0});
}

TEST_CASE("time: a repeated picture counts where the reference moves on, and not where it repeats") {
   CHECK(counts_of(aligned({{0, 100}, {50, 100}, {100, 100}}, {{0, 100}, {0, 100}, {100, 100}})) ==
         counts{1, 1, 0, 0});
   const std::vector<moment> frozen{{0, 100}, {0, 100}, {100, 100}};
   CHECK(counts_of(aligned(frozen, frozen)) == counts{0, 0, 0, 0});
}

TEST_CASE("time: two pictures that changed places") {
   const auto found =
       aligned({{0, 100}, {80, 100}, {160, 100}, {240, 100}}, {{0, 100}, {160, 100}, {80, 100}, {240, 100}});
   CHECK(counts_of(found) == counts{0, 0, 1, 0});
}

TEST_CASE("time: a clip that goes back and forth is in order if its copy does the same") {
   const std::vector<moment> clip{{0, 100}, {80, 100}, {160, 100}, {80, 100}, {0, 100}, {80, 100}};
   const std::vector<moment> noisy{{1, 100}, {82, 100}, {159, 100}, {81, 100}, {2, 100}, {79, 100}};
   CHECK(counts_of(aligned(clip, noisy)) == counts{0, 0, 0, 0});
}

TEST_CASE("time: a late copy is drift, not disorder") {
   const auto found =
       aligned({{0, 100}, {60, 100}, {120, 100}, {180, 100}}, {{0, 140}, {60, 100}, {120, 100}, {180, 60}});
   CHECK(counts_of(found) == counts{0, 0, 0, 40});
   const auto static_start = aligned({{0, 100}, {1, 100}, {60, 100}, {120, 100}, {180, 100}},
                                     {{0, 100}, {1, 100}, {0, 100}, {1, 100}, {60, 100}, {120, 100}});
   CHECK(static_start.report.reordered == 0);
}

TEST_CASE("time: twice as fast, and then held") {
   const auto found =
       aligned({{0, 100}, {60, 100}, {120, 100}, {180, 100}}, {{0, 50}, {60, 50}, {120, 50}, {180, 50}});
   CHECK(found.pairs.back() == met{180, 180, 300, 100});
   CHECK(found.report.reordered == 0);
   CHECK(found.report.dropped == 2);
   CHECK(found.report.max_drift_us == 50'000);
   REQUIRE(found.report.notes.size() == 1);
   CHECK(found.report.notes[0] == "distorted.gif ends at 0.200 s; its last picture is held for 0.200 s more");
}

TEST_CASE("time: an equally near answer is the earlier one") {
   const auto found = aligned({{0, 100}, {60, 100}, {120, 100}}, {{0, 50}, {60, 100}, {120, 150}});
   // 50 ms lies between 0 and 100, 150 ms between 100 and 200.
   CHECK(counts_of(found) == counts{1, 0, 0, 50});
}

TEST_CASE("time: a still is held for as long as the other side lasts") {
   const auto found = aligned({{7, 0}}, {{0, 100}, {50, 100}});
   CHECK(found.pairs == std::vector<met>{{7, 0, 0, 100}, {7, 50, 100, 100}});
   REQUIRE(found.report.notes.size() == 1);
   CHECK(found.report.notes[0] == "reference.gif does not move; it is held for 0.200 s");
   CHECK(aligned({{0, 100}, {50, 100}}, {{7, 0}}).pairs == std::vector<met>{{0, 7, 0, 100}, {50, 7, 100, 100}});
}

TEST_CASE("time: two stills are one pair without duration") {
   const auto found = aligned({{7, 0}}, {{8, 0}});
   CHECK(found.pairs == std::vector<met>{{7, 8, 0, 0}});
   CHECK(counts_of(found) == counts{0, 0, 0, 0});
}

TEST_CASE("time: pictures of no duration are never seen, but the last stays") {
   const auto found = aligned({{0, 100}, {50, 0}, {100, 100}, {150, 0}}, {{0, 300}});
   CHECK(found.pairs == std::vector<met>{{0, 0, 0, 100}, {100, 0, 100, 100}, {150, 0, 200, 100}});
   CHECK(aligned({{0, 0}, {50, 0}}, {{1, 0}, {2, 0}}).pairs == std::vector<met>{{50, 2, 0, 0}});
}

TEST_CASE("time: that a file ends begins no pair, as its last picture stays") {
   const auto early = aligned({{0, 100}, {50, 200}, {90, 100}}, {{0, 100}, {50, 100}});
   CHECK(early.pairs == std::vector<met>{{0, 0, 0, 100}, {50, 50, 100, 200}, {90, 50, 300, 100}});
   CHECK(aligned({{0, 100}, {50, 100}}, {{0, 100}, {50, 200}, {90, 100}}).pairs ==
         std::vector<met>{{0, 0, 0, 100}, {50, 50, 100, 200}, {50, 90, 300, 100}});
   CHECK(aligned({{0, 100}, {50, 200}}, {{0, 100}, {50, 100}}).pairs ==
         std::vector<met>{{0, 0, 0, 100}, {50, 50, 100, 200}});
   CHECK(aligned({{0, 100}}, {{0, 300}}).pairs == std::vector<met>{{0, 0, 0, 300}});
}

TEST_CASE("time: last pictures of no duration meet, though both files end there") {
   CHECK(aligned({{0, 100}, {50, 0}}, {{0, 100}, {90, 0}}).pairs ==
         std::vector<met>{{0, 0, 0, 100}, {50, 90, 100, 0}});
   CHECK(aligned({{0, 100}, {50, 0}}, {{0, 100}}).pairs == std::vector<met>{{0, 0, 0, 100}, {50, 0, 100, 0}});
   CHECK(aligned({{0, 100}}, {{0, 100}, {40, 0}, {50, 0}}).pairs ==
         std::vector<met>{{0, 0, 0, 100}, {0, 50, 100, 0}});
}

TEST_CASE("index: frame by frame, and what is left over is said") {
   const auto found = aligned({{0, 100}, {50, 20}, {100, 30}}, {{0, 10}, {50, 10}}, alignment_mode::index);
   CHECK(found.pairs == std::vector<met>{{0, 0, 0, 100}, {50, 50, 100, 20}});
   REQUIRE(found.report.notes.size() == 1);
   CHECK(found.report.notes[0] == "reference.gif has 1 frame more than the other file; it is not compared");
   CHECK(found.report.reference_us == 150'000);
   CHECK(aligned({{0, 0}}, {{1, 10}, {2, 10}}, alignment_mode::index).pairs == std::vector<met>{{0, 1, 0, 0}});
}

TEST_CASE("content: each picture meets the one that it resembles") {
   std::vector<moment> reference, backwards;
   for (int i = 0; i < 30; ++i) {
      reference.push_back({static_cast<uint8_t>(i * 8), 100});
      backwards.push_back({static_cast<uint8_t>((29 - i) * 8 + 1), 50});
   }
   const auto found = aligned(reference, backwards, alignment_mode::content);
   REQUIRE(found.pairs.size() == 30);
   for (int i = 0; i < 30; ++i)
      CHECK(found.pairs[static_cast<std::size_t>(i)] == met{(29 - i) * 8, (29 - i) * 8 + 1, i * 50, 50});
   CHECK(found.report.reordered > 20);
}

TEST_CASE("content: equal pictures are told apart by time") {
   const auto found =
       aligned({{0, 100}, {90, 100}, {0, 100}}, {{0, 100}, {90, 100}, {0, 100}}, alignment_mode::content);
   CHECK(found.pairs.size() == 3);
   CHECK(found.report.reordered == 0);
   CHECK(aligned({{3, 0}}, {{0, 100}, {9, 100}}, alignment_mode::content).pairs ==
         std::vector<met>{{3, 0, 0, 100}, {3, 9, 100, 100}});
}

TEST_CASE("sizes must be equal") {
   class narrow_reader : public media::reader {
    public:
      narrow_reader() { facts_.width = facts_.height = 1; }
      result<media::picture_pointer> next() override { return media::picture_pointer{}; }
      result<void> rewind() override { return {}; }
      const media::file_facts &facts() const override { return facts_; }

    private:
      media::file_facts facts_;
   } narrow;
   made_up_reader wide("wide.gif", {{0, 0}});
   const auto walk = media::align(wide, narrow, alignment_mode::time);
   REQUIRE_FALSE(walk);
   CHECK(contains(walk.error().text, "wide.gif is 32x32 but"));
}

TEST_CASE("no way of aligning keeps more pictures as clips grow") {
   for (const auto mode : {alignment_mode::time, alignment_mode::index, alignment_mode::content}) {
      const auto peak = [mode](int frames) {
         std::vector<moment> clip;
         for (int i = 0; i < frames; ++i)
            clip.push_back({static_cast<uint8_t>(i * 7 % 251), 20});
         services::block_pool pool(0);
         made_up_reader left("a", clip, pool), right("b", clip, pool);
         const auto walk = media::align(left, right, mode);
         for (auto next = (*walk)->next(); next && *next; next = (*walk)->next()) {
         }
         return pool.peak_bytes();
      };
      CHECK(peak(300) == peak(20));
   }
}

} // namespace giflab::tests
