#include "engine/repeated_pairs.hpp"

namespace giflab::engine {

int64_t repeated_pairs::next(int64_t number, const pair_content &content) {
   if (window_.size() > lookback_)
      window_.erase(window_.begin());
   window_.push_back(content);
   if (first_.size() == most_)
      first_.clear();
   const auto [found, fresh] = first_.emplace(window_, number);
   return fresh ? -1 : found->second;
}

} // namespace giflab::engine
