#include "engine/repeated_pairs.hpp"

namespace giflab::engine {

int64_t repeated_pairs::next(const pair_content &content) {
   if (window_.size() > lookback_)
      window_.erase(window_.begin());
   window_.push_back(content);
   if (first_.size() == most_)
      first_.clear();
   return first_.emplace(window_, count_++).first->second;
}

} // namespace giflab::engine
