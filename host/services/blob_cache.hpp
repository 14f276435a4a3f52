#pragma once
// Bytes by key, in memory, as many as there is room for.

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace giflab::services {

// What was not asked for longest goes first. Who has found something keeps it for as long as they like. All
// functions: any thread.
class blob_cache {
 public:
   using blob = std::shared_ptr<const std::string>;

   explicit blob_cache(std::size_t most_bytes) : most_(most_bytes) {}

   blob find(const std::string &key); // null if there is none
   // In place of what was there under the key. What is larger than all there may be is not kept.
   void keep(const std::string &key, std::string bytes);

   // Drops the oldest until no more than `bytes` are left; gives what that freed.
   std::size_t shrink_to(std::size_t bytes);
   std::size_t bytes() const; // with keys

 private:
   using entries = std::list<std::pair<std::string, blob>>; // the last asked for in front
   static std::size_t bytes_of(const entries::value_type &entry);
   std::size_t shrink(std::size_t bytes);

   const std::size_t most_;
   mutable std::mutex mutex_; // guards all below
   entries entries_;
   std::unordered_map<std::string, entries::iterator> places_;
   std::size_t bytes_ = 0;
};

} // namespace giflab::services
