#pragma once
// SHA-256, by OpenSSL.

#include "error.hpp"
#include "services/cancellation.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace giflab::services {

// Takes bytes in pieces of any size.
class sha256 {
 public:
   sha256();
   void add(std::span<const std::byte> bytes);

   // 64 lowercase hex digits; the last call. The error is OpenSSL's: not there, out of memory, or forbidden to
   // hash.
   result<std::string> digest();

 private:
   std::unique_ptr<void, void (*)(void *)> hash_{nullptr, nullptr};
   std::string trouble_; // empty while there is none
};

// Of a whole open file, read from its beginning (and not mapped: a file that shrinks meanwhile is a short read,
// and no SIGBUS). An error says what reading said, to stand behind the file's path; it is of the kind
// cancelled, without words, where `cancelled` (may be null) asks for it.
result<std::string> sha256_of_file(int descriptor, const cancellation *cancelled);

} // namespace giflab::services
