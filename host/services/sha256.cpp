#include "services/sha256.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace giflab::services {

void sha256::release::operator()(evp_md_ctx_st *context) const { EVP_MD_CTX_free(context); }

sha256::sha256()
    : context_(EVP_MD_CTX_new()),
      healthy_(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr)) {}

void sha256::add(std::span<const std::byte> bytes) {
   healthy_ = healthy_ && EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

result<std::string> sha256::digest() {
   std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
   unsigned int count = 0;
   if (!healthy_ || !EVP_DigestFinal_ex(context_.get(), bytes.data(), &count))
      return failed(problem::internal, "OpenSSL cannot make a SHA-256 here: see its configuration");
   std::string digits;
   for (unsigned int i = 0; i < count; ++i)
      digits += fmt::format("{:02x}", bytes[i]);
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
