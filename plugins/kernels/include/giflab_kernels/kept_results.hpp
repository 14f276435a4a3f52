#pragma once
// What was found for the latest pairs, for the pairs that come next: a plugin of FRAME scope sees pairs in any
// order and in many calls at once, so it looks for what it kept by the contents of the pair before.

#include <array>
#include <giflab/frame.h>
#include <memory>
#include <mutex>

namespace giflab::kernels {

// Of one pair; content ids are equal for equal pictures.
struct pair_key {
   uint64_t reference, distorted;

   bool operator==(const pair_key &) const = default;
};

inline pair_key key_of(const giflab_pair &pair) { return {pair.reference->content, pair.distorted->content}; }

// Of the pair before this one; only where it has one.
inline pair_key key_before(const giflab_pair &pair) {
   return {pair.reference->previous->content, pair.distorted->previous->content};
}

inline bool has_before(const giflab_pair &pair) {
   return pair.reference->previous != nullptr && pair.distorted->previous != nullptr;
}

// Holds the last few results, by the contents that they are of. [any thread]
template <class Key, class Result, size_t Count = 4> class kept_results {
 public:
   using pointer = std::shared_ptr<const Result>;

   // Null if nothing is kept of that.
   pointer find(const Key &key) const {
      const std::lock_guard lock(mutex_);
      for (const entry &one : entries_)
         if (one.result && one.key == key)
            return one.result;
      return nullptr;
   }

   // The oldest goes.
   void keep(const Key &key, pointer result) {
      const std::lock_guard lock(mutex_);
      entries_[next_] = {key, std::move(result)};
      next_ = (next_ + 1) % entries_.size();
   }

 private:
   struct entry {
      Key key = {};
      pointer result;
   };
   mutable std::mutex mutex_;
   std::array<entry, Count> entries_;
   size_t next_ = 0;
};

} // namespace giflab::kernels
