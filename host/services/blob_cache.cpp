#include "services/blob_cache.hpp"

namespace giflab::services {

std::size_t blob_cache::bytes_of(const entries::value_type &entry) {
   return entry.first.size() + entry.second->size();
}

blob_cache::blob blob_cache::find(const std::string &key) {
   std::lock_guard lock(mutex_);
   const auto found = places_.find(key);
   if (found == places_.end())
      return nullptr;
   entries_.splice(entries_.begin(), entries_, found->second);
   return found->second->second;
}

void blob_cache::keep(const std::string &key, std::string bytes) {
   if (key.size() + bytes.size() > most_)
      return;
   auto kept = std::make_shared<const std::string>(std::move(bytes));
   std::lock_guard lock(mutex_);
   if (const auto found = places_.find(key); found != places_.end()) {
      bytes_ -= bytes_of(*found->second);
      entries_.erase(found->second);
      places_.erase(found);
   }
   entries_.emplace_front(key, std::move(kept));
   places_[key] = entries_.begin();
   bytes_ += bytes_of(entries_.front());
   shrink(most_);
}

// With mutex_ held.
std::size_t blob_cache::shrink(std::size_t bytes) {
   const std::size_t before = bytes_;
   while (bytes_ > bytes) {
      bytes_ -= bytes_of(entries_.back());
      places_.erase(entries_.back().first);
      entries_.pop_back();
   }
   return before - bytes_;
}

std::size_t blob_cache::shrink_to(std::size_t bytes) {
   std::lock_guard lock(mutex_);
   return shrink(bytes);
}

std::size_t blob_cache::bytes() const {
   std::lock_guard lock(mutex_);
   return bytes_;
}

} // namespace giflab::services
