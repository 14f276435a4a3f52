#pragma once
// Things done side by side, and taken one after the other.

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace giflab::cli {

// Calls make(0), make(1), ... up to make(count - 1) on `at_once` threads, or on the caller's where that is 1,
// and take(i, product) in that order on the caller's. Products that cannot be taken yet are kept, at most twice
// as many as threads. Stops, and is false, once take() is. What take() throws goes on to the caller once the
// threads have ended; make() throws nothing.
template <class Product>
bool in_order(std::size_t count, std::size_t at_once, const std::function<Product(std::size_t)> &make,
              const std::function<bool(std::size_t, Product)> &take) {
   if (at_once == 1) {
      for (std::size_t i = 0; i < count; ++i)
         if (!take(i, make(i)))
            return false;
      return true;
   }
   std::mutex mutex;
   std::condition_variable changed;
   std::map<std::size_t, Product> made; // and not taken
   std::size_t next = 0, taken = 0;
   bool stopped = false;
   const auto work = [&] {
      std::unique_lock lock(mutex);
      for (;;) {
         changed.wait(lock, [&] { return stopped || next == count || next - taken < 2 * at_once; });
         if (stopped || next == count)
            return;
         const std::size_t mine = next++;
         lock.unlock();
         Product product = make(mine);
         lock.lock();
         made.emplace(mine, std::move(product));
         changed.notify_all();
      }
   };
   struct ending { // or threads would wait for ever where take() throws
      std::function<void()> end;
      ~ending() { end(); }
   };
   std::vector<std::jthread> threads;
   const ending at_last{[&] {
      const std::lock_guard lock(mutex);
      stopped = true;
      changed.notify_all();
   }};
   for (std::size_t i = 0; i < std::min(at_once, count); ++i)
      threads.emplace_back(work);
   std::unique_lock lock(mutex);
   while (taken < count) {
      changed.wait(lock, [&] { return made.contains(taken); });
      auto product = made.extract(taken);
      lock.unlock();
      const bool wanted = take(product.key(), std::move(product.mapped()));
      lock.lock();
      ++taken;
      changed.notify_all();
      if (!wanted)
         return false;
   }
   return true;
}

} // namespace giflab::cli
