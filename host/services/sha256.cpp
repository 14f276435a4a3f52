#include "services/sha256.hpp"

#include "services/companion.hpp"
#include "services/sha256_library.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace giflab::services {

namespace {

constexpr const char *refused = "OpenSSL cannot make a SHA-256 here: see its configuration";

template <class Function> Function *library_function(const char *symbol) {
   return companion_function<Function>("sha256", symbol);
}

} // namespace

sha256::sha256() {
   try {
      static auto *const begin = library_function<sha256_begin_function>("giflab_sha256_begin");
      static auto *const end = library_function<sha256_end_function>("giflab_sha256_end");
      hash_ = {begin(), end};
      if (!hash_)
         trouble_ = refused;
   } catch (const std::runtime_error &failure) { // of the library's loading
      trouble_ = failure.what();
   }
}

void sha256::add(std::span<const std::byte> bytes) {
   if (!trouble_.empty())
      return;
   static auto *const add = library_function<sha256_add_function>("giflab_sha256_add");
   if (!add(hash_.get(), bytes.data(), bytes.size()))
      trouble_ = refused;
}

result<std::string> sha256::digest() {
   std::array<unsigned char, sha256_bytes> bytes;
   if (trouble_.empty()) {
      static auto *const finish = library_function<sha256_finish_function>("giflab_sha256_finish");
      if (!finish(hash_.get(), bytes.data()))
         trouble_ = refused;
   }
   if (!trouble_.empty())
      return failed(problem::internal, trouble_);
   std::string digits;
   for (const unsigned char byte : bytes)
      digits += fmt::format("{:02x}", byte);
   return digits;
}

result<std::string> sha256_of_file(int descriptor, const cancellation *cancelled) {
   constexpr std::size_t piece_bytes = std::size_t{1} << 20; // between two looks at the wish to stop
   sha256 hash;
   std::vector<std::byte> piece(piece_bytes);
   for (off_t offset = 0;;) {
      if (cancelled && cancelled->requested())
         return failed(problem::cancelled, {});
      const ssize_t count = pread(descriptor, piece.data(), piece.size(), offset);
      if (count < 0 && errno == EINTR)
         continue;
      if (count < 0)
         return failed(problem::input, fmt::format("cannot be read: {}", std::strerror(errno)));
      if (count == 0)
         return hash.digest();
      hash.add(std::span(piece).first(static_cast<std::size_t>(count)));
      offset += count;
   }
}

} // namespace giflab::services
