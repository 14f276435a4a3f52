#pragma once
// Which pairs of a clip show what an earlier one showed. GIFs that loop, blink or stand still are full of them,
// and what was measured once (rule C4) need not be measured again.

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace giflab::engine {

// Content ids of a pair.
struct pair_content {
   uint64_t reference = 0, distorted = 0;

   auto operator<=>(const pair_content &) const = default;
};

// Fed with every pair of a clip in order, from one thread. It trusts content ids: 64 bits of XXH3-128, which
// among n different pictures of a clip are equal for some two by chance of n^2 / 2^64, 5e-8 for a million. Both
// ids of a pair must be equal at once, which is less likely still. XXH3 does not withstand a forger, who could
// make a file in which a picture counts as another one; levels 0 and 1 compare no ids.
class repeated_pairs {
 public:
   // `lookback`: how many pairs before it count as part of a pair. Remembers `most` different ones, and then
   // begins anew.
   explicit repeated_pairs(uint32_t lookback, std::size_t most = std::size_t{1} << 16)
       : lookback_(lookback), most_(most) {}

   // The number of the earliest remembered pair that is the same as this one, the next; -1 if there is none.
   int64_t next(int64_t number, const pair_content &content);

 private:
   std::size_t lookback_, most_;
   std::vector<pair_content> window_; // the latest pairs, as far as they count
   std::map<std::vector<pair_content>, int64_t> first_;
};

} // namespace giflab::engine
