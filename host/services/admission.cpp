#include "services/admission.hpp"

#include <deque>
#include <mutex>
#include <utility>

namespace giflab::services {

struct admission::books : std::enable_shared_from_this<books> {
   struct waiting {
      std::size_t bytes;
      std::function<void(promise)> start;
   };

   explicit books(std::size_t most) : limit(most) {}

   bool fits(std::size_t bytes) const { return limit == 0 || promised + bytes <= limit; }

   // With the mutex held.
   promise give(std::size_t bytes, bool queued) {
      promise made(new given(shared_from_this(), bytes, queued));
      promised += bytes;
      under_way += queued;
      return made;
   }

   void start_those_who_fit() {
      for (;;) {
         std::unique_lock lock(mutex);
         if (queue.empty() || (under_way > 0 && !fits(queue.front().bytes)))
            return;
         waiting first = std::move(queue.front());
         queue.pop_front();
         promise made = give(first.bytes, true);
         lock.unlock();
         first.start(std::move(made));
      }
   }

   void take_back(std::size_t bytes, bool queued) {
      {
         std::lock_guard lock(mutex);
         promised -= bytes;
         under_way -= queued;
      }
      start_those_who_fit();
   }

   const std::size_t limit;
   std::mutex mutex; // guards all below
   std::size_t promised = 0;
   std::size_t under_way = 0; // of those who queued
   std::deque<waiting> queue;
};

admission::admission(std::size_t limit) : books_(std::make_shared<books>(limit)) {}

admission::given::~given() { of_->take_back(bytes_, queued_); }

admission::promise admission::take(std::size_t bytes) {
   std::lock_guard lock(books_->mutex);
   return books_->give(bytes, false);
}

admission::promise admission::try_take(std::size_t bytes) {
   std::lock_guard lock(books_->mutex);
   const bool fits = books_->promised == 0 || (books_->queue.empty() && books_->fits(bytes));
   return fits ? books_->give(bytes, false) : nullptr;
}

void admission::queue(std::size_t bytes, std::function<void(promise)> start) {
   {
      std::lock_guard lock(books_->mutex);
      books_->queue.push_back({bytes, std::move(start)});
   }
   books_->start_those_who_fit();
}

std::size_t admission::limit() const { return books_->limit; }

std::size_t admission::promised() const {
   std::lock_guard lock(books_->mutex);
   return books_->promised;
}

} // namespace giflab::services
