#pragma once
// Looking for the last of many values that still meets a goal, by halving.

#include <cstddef>
#include <map>
#include <vector>

namespace giflab::experiments {

// Values have numbers, the gentlest 0. Where the first meets the goal and the last does not, the border between
// is found by halving, as if there were one alone; then `neighbours` values on each side of it are tried too. A
// value beyond that meets the goal after all moves the border.
class bisection {
 public:
   // `values` is 1 or more.
   bisection(std::size_t values, std::size_t neighbours) : last_(values - 1), neighbours_(neighbours) {}

   // What to try next, in rising order; nothing once it is done. The same whatever order they were told in.
   std::vector<std::size_t> wanted() const;

   void tell(std::size_t value, bool meets) { told_[value] = meets; }

   // The most that can be wanted where there is one border.
   static std::size_t most_trials(std::size_t values, std::size_t neighbours);

 private:
   bool knows(std::size_t value) const { return told_.contains(value); }
   std::vector<std::size_t> around(std::size_t border) const;

   std::size_t last_, neighbours_;
   std::map<std::size_t, bool> told_;
};

} // namespace giflab::experiments
