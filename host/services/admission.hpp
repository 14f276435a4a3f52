#pragma once
// Who may take memory now, and who waits until others gave theirs back.

#include <cstddef>
#include <functional>
#include <memory>

namespace giflab::services {

// Counts promises, not memory: those who take some say how much beforehand. All functions: any thread.
class admission {
   struct books;

 public:
   // `limit` bytes are promised at most, but for those who would otherwise wait for nobody; 0: there is no
   // limit.
   explicit admission(std::size_t limit = 0);

   // Gives back what was promised when the last copy goes. May outlive the admission.
   class given {
    public:
      ~given();
      given(const given &) = delete;
      given &operator=(const given &) = delete;

    private:
      friend class admission;
      given(std::shared_ptr<books> of, std::size_t bytes, bool queued)
          : of_(std::move(of)), bytes_(bytes), queued_(queued) {}
      const std::shared_ptr<books> of_;
      const std::size_t bytes_;
      const bool queued_;
   };
   using promise = std::shared_ptr<const given>;

   // At once, whether it fits or not.
   promise take(std::size_t bytes);

   // Null if the bytes do not fit now, or somebody queues; where nothing is promised to anybody, they fit.
   promise try_take(std::size_t bytes);

   // Calls `start` once the bytes fit and everybody who queued before has started: now, or later on the thread
   // that gives back. Where nobody who queued is under way, the first starts whether it fits or not. `start`
   // must not throw nor block.
   void queue(std::size_t bytes, std::function<void(promise)> start);

   std::size_t limit() const;
   std::size_t promised() const;

 private:
   std::shared_ptr<books> books_;
};

} // namespace giflab::services
