#pragma once
// The pairs of palette indices of pairs of pictures, counted once for all metrics that take them.

#include "media/index_pairs.hpp"

#include <memory>
#include <mutex>
#include <span>

namespace giflab::engine {

struct batch_side;

// Those of one pair of pictures.
class shared_index_pairs {
 public:
   // `before`: those of the pair before, to go on from if they are counted and there in time; `changed_squares`
   // tell then where either side differs from it. May be null.
   shared_index_pairs(media::two_pictures pictures, services::block_pool &pool,
                      const std::shared_ptr<shared_index_pairs> &before, std::vector<uint8_t> changed_squares)
       : pictures_(std::move(pictures)), pool_(pool), before_(before),
         changed_squares_(std::move(changed_squares)) {}

   const media::two_pictures &pictures() const { return pictures_; }

   // Whoever comes first counts, the others wait. Throws std::bad_alloc. [any thread]
   void count() {
      std::lock_guard lock(mutex_);
      make();
   }
   // The same, but does not wait for who came first.
   void count_unless_busy() {
      if (const std::unique_lock lock(mutex_, std::try_to_lock); lock)
         make();
   }
   // After count().
   std::span<const giflab_index_pair> counted() const { return *counted_; }

 private:
   void make();

   const media::two_pictures pictures_;
   services::block_pool &pool_;
   std::mutex mutex_;
   std::weak_ptr<shared_index_pairs> before_;
   std::vector<uint8_t> changed_squares_;
   std::optional<media::index_pairs> counted_;
};

// Walks along the pairs of a comparison.
class index_pairs_walk {
 public:
   index_pairs_walk(int level, services::block_pool &pool) : level_(level), pool_(pool) {}

   // Of the next pair; null where nobody should count: at level 0, without indices, in tiny pictures.
   std::shared_ptr<shared_index_pairs> step(const batch_side &reference, const batch_side &distorted);
   const std::shared_ptr<shared_index_pairs> &last() const { return last_; }

 private:
   int level_;
   services::block_pool &pool_;
   std::shared_ptr<shared_index_pairs> last_;
};

} // namespace giflab::engine
