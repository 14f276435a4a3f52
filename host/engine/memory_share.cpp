#include "engine/memory_share.hpp"

#include <algorithm>

namespace giflab::engine {

namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

// No more processes are begun side by side than have this much each.
constexpr std::size_t least_of_several = 150 * mebibyte;

std::size_t left(const memory_share &of) { return of.limit > of.others ? of.limit - of.others : 1; }

std::size_t in_whole_mebibytes(std::size_t bytes) { return (bytes + mebibyte - 1) / mebibyte * mebibyte; }

} // namespace

std::size_t memory_share::at_once() const {
   return limit > 0 ? std::clamp<std::size_t>(left(*this) / least_of_several, 1, most) : most;
}

std::size_t memory_share::own() const {
   return limit > 0 ? std::max<std::size_t>(left(*this) / at_once(), 1) : 0;
}

// A larger limit may be shared by more: then each has less than before.
std::size_t memory_share::limit_for(std::size_t wanted) const {
   memory_share enough = *this;
   for (std::size_t sharers = 1; sharers <= most; ++sharers) {
      enough.limit = in_whole_mebibytes(others + sharers * wanted);
      if (enough.limit > limit && enough.own() >= wanted)
         break;
   }
   return enough.limit;
}

} // namespace giflab::engine
