// Whatever is sampled, every level of every slot is there as often as the others, give or take one.

#include "experiments/design.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

using namespace giflab::experiments;
using giflab::config::pipeline_design;

namespace {

slot_levels made_up_levels(std::size_t frame, std::size_t colour, std::size_t lossy) {
   slot_levels levels;
   const std::size_t counts[] = {frame, colour, lossy};
   for (std::size_t slot = 0; slot < slot_count; ++slot)
      for (std::size_t i = 0; i < counts[slot]; ++i) {
         const std::string tool = "tool" + std::to_string(i % 3);
         levels[slot].push_back({tool + ":x=" + std::to_string(i), {tool}, {}});
      }
   return levels;
}

// The most often less the least often chosen of the levels of a slot.
std::size_t spread(const std::vector<combination> &chosen, const slot_levels &levels, std::size_t slot) {
   std::vector<std::size_t> counts(levels[slot].size());
   for (const combination &one : chosen)
      ++counts.at(one[slot]);
   return *std::max_element(counts.begin(), counts.end()) - *std::min_element(counts.begin(), counts.end());
}

void check_even(const slot_levels &levels, const sampling &how, std::size_t count) {
   CAPTURE(static_cast<int>(how.design));
   CAPTURE(count);
   const std::vector<combination> chosen = sampled(levels, how);
   CHECK(chosen.size() == count);
   CHECK(std::is_sorted(chosen.begin(), chosen.end()));
   CHECK(std::set<combination>(chosen.begin(), chosen.end()).size() == chosen.size());
   for (std::size_t slot = 0; slot < slot_count; ++slot)
      CHECK(spread(chosen, levels, slot) <= 1);
   CHECK(sampled(levels, how) == chosen);
}

} // namespace

TEST_CASE("samples of any size are distinct, even, and the same every time") {
   for (const auto &levels : {made_up_levels(5, 17, 11), made_up_levels(3, 3, 3), made_up_levels(1, 1, 10),
                              made_up_levels(4, 2, 6)}) {
      const std::size_t all = levels[0].size() * levels[1].size() * levels[2].size();
      for (std::size_t size = 1; size <= all; size += size < 20 ? 1 : 41)
         for (const auto design : {pipeline_design::stratified, pipeline_design::random})
            check_even(levels, {design, 7, size, {}}, size);
   }
}

TEST_CASE("designs have the size that they say") {
   const slot_levels levels = made_up_levels(5, 17, 11);
   check_even(levels, {pipeline_design::full, 1, {}, {}}, 935);
   check_even(levels, {pipeline_design::full, 1, 100, {}}, 100);
   check_even(levels, {pipeline_design::stratified, 1, {}, {}}, 141);
   check_even(levels, {pipeline_design::stratified, 1, 300, 20}, 20);
   check_even(levels, {pipeline_design::random, 1, {}, {}}, 141);
   check_even(levels, {pipeline_design::quick, 1, {}, {}}, 17);
   check_even(levels, {pipeline_design::fraction, 1, {}, {}}, 17 * 11);
   check_even(levels, {pipeline_design::fraction, 1, {}, 50}, 50);
   check_even(levels, {pipeline_design::quick, 1, {}, 5000}, 17);
}

TEST_CASE("a fraction has every pair of levels of any two slots") {
   const slot_levels levels = made_up_levels(4, 6, 3);
   std::set<std::pair<std::size_t, std::size_t>> pairs[3];
   for (const combination &one : sampled(levels, {pipeline_design::fraction, 1, {}, {}})) {
      pairs[0].emplace(one[0], one[1]);
      pairs[1].emplace(one[0], one[2]);
      pairs[2].emplace(one[1], one[2]);
   }
   CHECK(pairs[0].size() == 24);
   CHECK(pairs[1].size() == 12);
   CHECK(pairs[2].size() == 18);
}

TEST_CASE("another seed is another sample") {
   const slot_levels levels = made_up_levels(5, 17, 11);
   for (const auto design : {pipeline_design::stratified, pipeline_design::random, pipeline_design::quick})
      CHECK(sampled(levels, {design, 1, {}, {}}) != sampled(levels, {design, 2, {}, {}}));
}

TEST_CASE("a stratified sample is even for tools too, where their levels are fewer than the sample") {
   const slot_levels levels = made_up_levels(9, 9, 9);
   std::map<std::string, std::size_t> tools;
   for (const combination &one : sampled(levels, {pipeline_design::stratified, 3, 6, {}}))
      ++tools[levels[0][one[0]].labels.front()];
   for (const auto &[tool, count] : tools)
      CHECK(count == 2);
   CHECK(tools.size() == 3);
}
