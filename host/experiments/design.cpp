#include "experiments/design.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <set>

namespace giflab::experiments {

namespace {

using sizes = std::array<std::size_t, slot_count>;

sizes sizes_of(const slot_levels &levels) {
   sizes made{};
   for (std::size_t slot = 0; slot < slot_count; ++slot)
      made[slot] = levels[slot].size();
   return made;
}

std::size_t product_of(const sizes &of) {
   return std::accumulate(of.begin(), of.end(), std::size_t{1}, std::multiplies<>());
}

combination combination_of(const sizes &of, std::size_t number) {
   combination made{};
   for (std::size_t slot = slot_count; slot-- > 0; number /= of[slot])
      made[slot] = number % of[slot];
   return made;
}

// Chooses by rounds: a level comes again only when each of its slot has had its turn.
class balanced_selection {
 public:
   // `weighing`: the rest is evened out too, not left to chance.
   balanced_selection(const slot_levels &levels, uint64_t seed, bool weighing)
       : levels_(levels), weighing_(weighing), chance_(seed) {
      for (std::size_t slot = 0; slot < slot_count; ++slot)
         for (const level &one : levels[slot])
            for (const std::string &label : one.labels)
               ++labelled_[slot][label].levels;
   }

   std::set<combination> take(std::size_t count) {
      while (taken_.size() < count && take_one()) {
      }
      if (taken_.size() < count) // rounds that had nothing new left to combine
         take_by_formula(count);
      return std::move(taken_);
   }

 private:
   struct label_count {
      std::size_t levels = 0, chosen = 0;
   };

   bool take_one();
   void take_by_formula(std::size_t count);
   std::vector<std::size_t> ordered(std::size_t slot, const combination &so_far);
   double burden(std::size_t slot, std::size_t level, const combination &so_far) const;
   void accept(const combination &chosen);
   std::vector<std::size_t> shuffled(std::size_t count);

   const slot_levels &levels_;
   bool weighing_;
   std::mt19937_64 chance_;
   std::array<std::set<std::size_t>, slot_count> used_; // in the present round
   std::array<std::map<std::string, label_count>, slot_count> labelled_;
   std::map<std::array<std::size_t, 4>, std::size_t> pairs_; // slot, level, slot, level: how often together
   std::set<combination> taken_;
};

std::vector<std::size_t> balanced_selection::shuffled(std::size_t count) {
   std::vector<std::size_t> order(count);
   std::iota(order.begin(), order.end(), 0);
   for (std::size_t i = count; i > 1; --i) // std::shuffle may differ from library to library
      std::swap(order[i - 1], order[chance_() % i]);
   return order;
}

// How often what this level stands for was chosen already.
double balanced_selection::burden(std::size_t slot, std::size_t number, const combination &so_far) const {
   double sum = 0;
   for (const std::string &label : levels_[slot][number].labels) {
      const label_count &count = labelled_[slot].at(label);
      sum += static_cast<double>(count.chosen) / static_cast<double>(count.levels);
   }
   for (std::size_t before = 0; before < slot; ++before)
      if (const auto found = pairs_.find({before, so_far[before], slot, number}); found != pairs_.end())
         sum += static_cast<double>(found->second);
   return sum;
}

// The levels whose turn it is, the best first.
std::vector<std::size_t> balanced_selection::ordered(std::size_t slot, const combination &so_far) {
   std::vector<std::pair<double, std::size_t>> waiting;
   for (const std::size_t number : shuffled(levels_[slot].size()))
      if (!used_[slot].contains(number))
         waiting.emplace_back(weighing_ ? burden(slot, number, so_far) : 0, number);
   std::stable_sort(waiting.begin(), waiting.end(),
                    [](const auto &a, const auto &b) { return a.first < b.first; });
   std::vector<std::size_t> order;
   for (const auto &[weight, number] : waiting)
      order.push_back(number);
   return order;
}

void balanced_selection::accept(const combination &chosen) {
   taken_.insert(chosen);
   for (std::size_t slot = 0; slot < slot_count; ++slot) {
      used_[slot].insert(chosen[slot]);
      if (used_[slot].size() == levels_[slot].size())
         used_[slot].clear();
      for (const std::string &label : levels_[slot][chosen[slot]].labels)
         ++labelled_[slot][label].chosen;
      for (std::size_t before = 0; before < slot; ++before)
         ++pairs_[{before, chosen[before], slot, chosen[slot]}];
   }
}

bool balanced_selection::take_one() {
   combination trial{};
   for (const std::size_t first : ordered(0, trial)) {
      trial[0] = first;
      for (const std::size_t second : ordered(1, trial)) {
         trial[1] = second;
         for (const std::size_t third : ordered(2, trial)) {
            trial[2] = third;
            if (!taken_.contains(trial)) {
               accept(trial);
               return true;
            }
         }
      }
   }
   return false;
}

// The number `k` of a pair of factors of `a` and `b` levels, each of which turns evenly as k grows.
std::pair<std::size_t, std::size_t> turned(std::size_t k, std::size_t a, std::size_t b) {
   return {k % a, (k + k / std::lcm(a, b)) % b};
}

// All combinations in an order of which every beginning is even, and of that the beginning.
void balanced_selection::take_by_formula(std::size_t count) {
   taken_.clear();
   const sizes of = sizes_of(levels_);
   std::array<std::vector<std::size_t>, slot_count> names;
   for (std::size_t slot = 0; slot < slot_count; ++slot)
      names[slot] = shuffled(of[slot]);
   for (std::size_t k = 0; k < count; ++k) {
      const auto [pair, third] = turned(k, of[0] * of[1], of[2]);
      const auto [first, second] = turned(pair, of[0], of[1]);
      taken_.insert({names[0][first], names[1][second], names[2][third]});
   }
}

std::vector<combination> even_selection(const slot_levels &levels, std::size_t count, uint64_t seed,
                                        bool weighing) {
   const sizes of = sizes_of(levels);
   const std::size_t all = product_of(of);
   count = std::min(count, all);
   // What is left of a whole that is even, when something even goes, is even; and the fewer are looked for, the
   // sooner they are found.
   const bool leave_out = count > all / 2;
   const std::set<combination> found =
       balanced_selection(levels, seed, weighing).take(leave_out ? all - count : count);
   std::vector<combination> chosen;
   for (std::size_t number = 0; number < all; ++number)
      if (const combination one = combination_of(of, number); found.contains(one) != leave_out)
         chosen.push_back(one);
   return chosen;
}

// The two longer slots in full; the third turns as in a Latin square.
std::vector<combination> latin_square(const sizes &of) {
   std::array<std::size_t, slot_count> by_size{0, 1, 2};
   std::stable_sort(by_size.begin(), by_size.end(),
                    [&](std::size_t a, std::size_t b) { return of[a] > of[b]; });
   std::vector<combination> chosen;
   for (std::size_t a = 0; a < of[by_size[0]]; ++a)
      for (std::size_t b = 0; b < of[by_size[1]]; ++b) {
         combination one{};
         one[by_size[0]] = a;
         one[by_size[1]] = b;
         one[by_size[2]] = (a + b) % of[by_size[2]];
         chosen.push_back(one);
      }
   std::sort(chosen.begin(), chosen.end());
   return chosen;
}

} // namespace

std::vector<combination> sampled(const slot_levels &levels, const sampling &how) {
   using enum config::pipeline_design;
   const sizes of = sizes_of(levels);
   const std::size_t all = product_of(of), least = *std::max_element(of.begin(), of.end());
   std::size_t count = all;
   if (how.design == quick)
      count = least;
   else if (how.design == fraction)
      count = latin_square(of).size();
   else if (how.design != full)
      count = std::max(least, static_cast<std::size_t>(std::ceil(0.15 * static_cast<double>(all))));
   const bool sized = how.design == stratified || how.design == random;
   if (how.size)
      count = sized ? *how.size : std::min(count, *how.size);
   count = std::min({count, all, how.cap.value_or(all)});
   if (how.design == fraction && count == latin_square(of).size())
      return latin_square(of);
   return even_selection(levels, count, how.seed, how.design != random);
}

} // namespace giflab::experiments
