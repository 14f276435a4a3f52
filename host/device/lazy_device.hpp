#pragma once
// A device that is opened when it is first needed, on a thread of its own: that takes some tenths of a second,
// in which the first pictures can be decoded.

#include "device/device.hpp"

#include <functional>
#include <future>
#include <mutex>

namespace giflab::device {

class lazy_device {
 public:
   using opener = std::function<result<std::unique_ptr<device>>()>;

   // `absence` says why there is no such device, empty if there is one; it is called at most once.
   lazy_device(std::string name, std::function<std::string()> absence, opener open);
   ~lazy_device(); // waits for an opening that began
   lazy_device(const lazy_device &) = delete;
   lazy_device &operator=(const lazy_device &) = delete;

   // All of them: any thread.
   const std::string &name() const { return name_; } // "cuda:0"

   // Why it is of no use as far as is known: there is none, it could not be opened, or it was lost. Empty if
   // nothing speaks against it. Asks the driver, and opens nothing; waits where it is being opened.
   std::string absence();
   // Was it asked to open?
   bool begun() const;

   // Begins to open it, and returns at once.
   void begin();
   // Waits for it. An error if it could not be opened, or was lost since.
   result<device *> get();

 private:
   result<device *> opened();

   std::string name_;
   std::function<std::string()> absence_;
   opener open_;
   std::once_flag asked_;
   std::string found_absence_;
   mutable std::mutex mutex_;
   std::shared_future<result<device *>> opening_; // guarded by mutex_ until valid
   std::unique_ptr<device> device_;
};

// The device that CUDA counts as `ordinal`.
std::unique_ptr<lazy_device> cuda_device_later(int32_t ordinal);

} // namespace giflab::device
