#include "services/sha256.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

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

} // namespace giflab::services
