#pragma once
// Pairs on their way to the plugins, and the images that plugins see of them.

#include "device/picture_forms.hpp"
#include "engine/machine.hpp"
#include "engine/shared_index_pairs.hpp"
#include "media/alignment.hpp"
#include "media/representations.hpp"

#include <giflab/plugin.h>

#include <array>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

namespace giflab::engine {

// The forms of one picture, made once and shared by every pair and plugin that meets it.
class shared_forms {
 public:
   // `before`: the forms of the picture that the source's changes are told against, to begin from where they
   // are there in time; may be null.
   shared_forms(media::picture_pointer source, media::colour background, media::conversion way,
                services::block_pool &pool, const std::shared_ptr<shared_forms> &before = nullptr)
       : before_(before), forms_(std::move(source), background, way, pool) {}

   // Whoever comes first converts, the others wait. All calls of one comparison name the same mask; before
   // those of the next one, they are over. Throws std::bad_alloc.
   void prepare(uint32_t mask) {
      std::lock_guard lock(mutex_);
      make(mask);
   }
   // The same, but does not wait for who came first.
   void prepare_unless_busy(uint32_t mask) {
      if (const std::unique_lock lock(mutex_, std::try_to_lock); lock)
         make(mask);
   }
   const media::representations &forms() const { return forms_; }

 private:
   void make(uint32_t mask) {
      if ((mask & ~made_) == 0)
         return;
      if (const std::shared_ptr<shared_forms> before = before_.lock()) {
         std::lock_guard lock_before(before->mutex_); // always the later picture's first
         forms_.make(mask, &before->forms_);
      } else {
         forms_.make(mask);
      }
      made_ |= mask;
   }

   std::mutex mutex_;
   uint32_t made_ = 0;
   std::weak_ptr<shared_forms> before_;
   media::representations forms_;
};

// As many pairs before its own as a metric may look at.
inline constexpr std::size_t most_lookback = 8;

constexpr std::array<int64_t, most_lookback + 1> nothing_alike() {
   std::array<int64_t, most_lookback + 1> none{};
   none.fill(-1);
   return none;
}

// One side of a pair. `forms` is null at optimisation level 0, where every plugin makes its own.
struct batch_side {
   media::picture_pointer picture;
   std::shared_ptr<shared_forms> forms;
   media::rectangle changed;                           // against the same side of the pair before
   const uint8_t *changed_squares = nullptr;           // of the picture; null where they do not tell that
   std::shared_ptr<device::picture_forms> on_device{}; // null if nobody measures there
};

struct batch_pair {
   batch_side reference, distorted;
   int64_t number = 0; // of the pair in its clip
   int64_t start_us = 0, duration_us = 0;
   std::shared_ptr<shared_index_pairs> index_pairs{}; // null where nobody should count them

   // [lookback of a metric]: the number of an earlier pair that such a metric scores alike, or -1. All -1 below
   // level 2.
   std::array<int64_t, most_lookback + 1> same_as = nothing_alike();
};

struct batch {
   std::vector<batch_pair> pairs;
   std::size_t history = 0;               // so many of the first are there only to be looked back at
   services::admission::promise memory{}; // for its pictures; the one batch that may always be there has none

   // The forms that anybody takes, in host memory and on the device: the masks that all prepare.
   uint32_t host_inputs = 0, indexed_host_inputs = 0, device_inputs = 0;
   // What the first pictures are told apart from on the device.
   std::array<std::shared_ptr<device::picture_forms>, 2> before;
   // Of the pair before the first one, for it to go on from.
   std::shared_ptr<shared_index_pairs> index_pairs_before;
};

// The views of a picture, and what keeps them.
struct shown_forms {
   const media::view_list *views;
   std::shared_ptr<const void> owner;
};

// The images of some pairs as one plugin may see them: only the views that it declared, and as many
// previous images as it asked for, and pairs of indices, which are counted now where nobody did. Owns what the
// giflab_pairs point to.
class image_list {
 public:
   using forms_source = std::function<shown_forms(const batch_side &)>;

   // `positions` are those in the batch of the pairs to show; `forms_of` gives the prepared forms of a side.
   // Throws std::bad_alloc.
   image_list(const batch &shown, std::span<const std::size_t> positions, const giflab_plugin &viewer,
              forms_source forms_of);

   const giflab_pair *pairs() const { return pairs_.data(); }
   uint32_t size() const { return static_cast<uint32_t>(pairs_.size()); }

 private:
   struct entry {
      giflab_image image;
      media::view_list views;
      std::shared_ptr<const void> owner;
   };
   giflab_image *show(const batch &shown, std::size_t position, batch_side batch_pair::*side,
                      uint32_t lookback);

   uint32_t inputs_;
   forms_source forms_of_;
   std::deque<entry> entries_; // stable addresses
   std::vector<giflab_pair> pairs_;
};

} // namespace giflab::engine
