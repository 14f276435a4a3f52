#include "media/timing.hpp"

#include "media/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace giflab::media {

namespace {

using appearances = std::deque<timeline::appearance>;

// Beyond this many appearances from its own moment nobody looks for a picture's true place.
constexpr std::size_t search_reach = 256;

// Of two equally near the earlier.
std::size_t nearest(const appearances &all, int64_t time_us) {
   const auto after =
       std::lower_bound(all.begin(), all.end(), time_us,
                        [](const timeline::appearance &each, int64_t time) { return each.start_us < time; });
   const auto index = static_cast<std::size_t>(after - all.begin());
   if (index == 0)
      return 0;
   if (index == all.size())
      return index - 1;
   return time_us - all[index - 1].start_us <= all[index].start_us - time_us ? index - 1 : index;
}

void answer(const appearances &reference, const appearances &distorted, timing_differences &found) {
   std::vector<bool> answered(reference.size(), false);
   for (const auto &each : distorted) {
      const std::size_t match = nearest(reference, each.start_us);
      answered[match] = true;
      found.max_drift_us = std::max(found.max_drift_us, std::abs(each.start_us - reference[match].start_us));
   }
   found.dropped = std::count(answered.begin(), answered.end(), false);
}

// Repeats that no repeat of the reference, on show at the time, explains.
int64_t unexplained_repeats(const timeline &reference, const timeline &distorted) {
   int64_t count = 0;
   for (const timeline::frame &each : distorted.frames()) {
      if (!each.repeats)
         continue;
      const auto after =
          std::upper_bound(reference.frames().begin(), reference.frames().end(), each.start_us,
                           [](int64_t time, const timeline::frame &frame) { return time < frame.start_us; });
      if (after == reference.frames().begin() || !std::prev(after)->repeats)
         ++count;
   }
   return count;
}

struct match {
   std::size_t index = 0;
   uint32_t distance = std::numeric_limits<uint32_t>::max();
};

// The most alike among [first, end); of equals the one nearest to `own`.
match most_alike(const appearances &reference, const signature &look, std::size_t first, std::size_t end,
                 std::size_t own) {
   const auto away = [own](std::size_t index) { return index > own ? index - own : own - index; };
   match best;
   for (std::size_t i = first; i < end; ++i) {
      const uint32_t here = distance(reference[i].look, look);
      if (here < best.distance || (here == best.distance && away(i) < away(best.index)))
         best = {i, here};
   }
   return best;
}

// Follows the distorted file through the reference. A step back counts only where neither the moment that
// the clock names nor any moment still to come resembles the picture nearly as well.
int64_t steps_back(const appearances &reference, const appearances &distorted) {
   int64_t count = 0;
   std::size_t place = 0;
   for (const auto &each : distorted) {
      const std::size_t own = nearest(reference, each.start_us);
      const uint32_t own_distance = distance(reference[own].look, each.look);
      if (!clearly_better(0, own_distance)) { // nothing can be
         place = own;
         continue;
      }
      const std::size_t first = own - std::min(own, search_reach);
      const std::size_t end = std::min(reference.size(), own + search_reach + 1);
      const match best = most_alike(reference, each.look, first, end, own);
      if (!clearly_better(best.distance, own_distance)) {
         place = own;
         continue;
      }
      const match ahead = most_alike(reference, each.look, std::max(first, place), end, own);
      const bool back = clearly_better(best.distance, ahead.distance);
      count += back ? 1 : 0;
      place = back ? best.index : ahead.index;
   }
   return count;
}

} // namespace

std::string fault_of_showing(int64_t start_us, int64_t duration_us, int64_t end_us) {
   if (duration_us < 0)
      return fmt::format("is on show for {} us", duration_us);
   if (start_us < end_us - 1)
      return fmt::format("starts at {} us, before the end of the one before it at {} us", start_us, end_us);
   if (duration_us > latest_end_us || start_us > latest_end_us - duration_us)
      return fmt::format("starts at {} us and is on show for {} us, where pictures end by {} us", start_us,
                         duration_us, latest_end_us);
   return {};
}

void timeline::see(uint64_t content, const signature &look) {
   const bool repeats = content == content_;
   frames_.push_back({end_us_, repeats});
   if (!repeats)
      appearances_.push_back({end_us_, look});
   content_ = content;
}

const signature &timeline::look_of(const picture &shown) {
   look_ = shown.index == next_ ? signature_of(shown, look_) : signature_of(shown);
   next_ = shown.index + 1;
   return look_;
}

void timeline::add(const picture &shown) {
   const signature &look = look_of(shown);
   unseen_.reset();
   if (shown.duration_us > 0) {
      see(shown.content, look);
      end_us_ += shown.duration_us;
   } else {
      unseen_ = {end_us_, look};
      unseen_content_ = shown.content;
   }
}

void timeline::close() {
   if (unseen_)
      see(unseen_content_, unseen_->look);
   unseen_.reset();
}

timing_differences differences(const timeline &reference, const timeline &distorted) {
   timing_differences found;
   if (reference.appearances().empty() || distorted.appearances().empty())
      return found;
   answer(reference.appearances(), distorted.appearances(), found);
   found.duplicated = unexplained_repeats(reference, distorted);
   found.reordered = steps_back(reference.appearances(), distorted.appearances());
   return found;
}

} // namespace giflab::media
