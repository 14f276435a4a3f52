#include "experiments/bisection.hpp"

#include <algorithm>
#include <bit>

namespace giflab::experiments {

std::vector<std::size_t> bisection::wanted() const {
   std::vector<std::size_t> ends;
   for (const std::size_t end : {std::size_t{0}, last_})
      if (!knows(end) && (ends.empty() || ends.back() != end))
         ends.push_back(end);
   if (!ends.empty())
      return ends;
   if (!told_.at(0))
      return {};
   if (told_.at(last_))
      return around(last_);
   std::size_t meets = 0, misses = last_;
   while (misses - meets > 1) {
      const std::size_t middle = meets + (misses - meets) / 2;
      if (!knows(middle))
         return {middle};
      (told_.at(middle) ? meets : misses) = middle;
   }
   return around(meets);
}

// Neighbours that are not known yet, as far as those that are do not move the border.
std::vector<std::size_t> bisection::around(std::size_t border) const {
   for (std::size_t beyond = border + 1; beyond <= std::min(last_, border + neighbours_); ++beyond)
      if (knows(beyond) && told_.at(beyond))
         border = beyond;
   std::vector<std::size_t> unknown;
   const std::size_t first = border - std::min(border, neighbours_);
   for (std::size_t value = first; value <= std::min(last_, border + neighbours_); ++value)
      if (!knows(value))
         unknown.push_back(value);
   return unknown;
}

std::size_t bisection::most_trials(std::size_t values, std::size_t neighbours) {
   // Both ends, the halving between them, and neighbours but the one that the halving knows.
   const std::size_t halvings = values > 2 ? static_cast<std::size_t>(std::bit_width(values - 2)) : 0;
   return std::min(values, 2 + halvings + 2 * neighbours);
}

} // namespace giflab::experiments
