#pragma once
// A file descriptor that closes itself.

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace giflab::services {

class descriptor {
 public:
   descriptor() = default;
   explicit descriptor(int number) : number_(number) {} // negative: none
   ~descriptor() {
      if (number_ >= 0)
         ::close(number_);
   }
   descriptor(descriptor &&other) noexcept : number_(std::exchange(other.number_, -1)) {}
   descriptor &operator=(descriptor &&other) noexcept {
      std::swap(number_, other.number_);
      return *this;
   }

   int get() const { return number_; }
   explicit operator bool() const { return number_ >= 0; }
   int release() { return std::exchange(number_, -1); }

   // Gives it a number that is not one of standard input, output and error, as it may get where those are
   // closed. False, with errno, if there is none.
   bool move_above_standard() {
      if (number_ >= 0 && number_ <= STDERR_FILENO)
         *this = descriptor(::fcntl(number_, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
      return number_ >= 0;
   }

 private:
   int number_ = -1;
};

} // namespace giflab::services
