#pragma once
// SHA-256, by OpenSSL.

#include "error.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

struct evp_md_ctx_st;

namespace giflab::services {

// Takes bytes in pieces of any size.
class sha256 {
 public:
   sha256();
   void add(std::span<const std::byte> bytes);

   // 64 lowercase hex digits; the last call. The error is OpenSSL's: out of memory, or forbidden to hash.
   result<std::string> digest();

 private:
   struct release {
      void operator()(evp_md_ctx_st *context) const;
   };
   std::unique_ptr<evp_md_ctx_st, release> context_;
   bool healthy_;
};

} // namespace giflab::services
