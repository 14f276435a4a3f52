// The library that sha256.cpp loads: the only file that is linked against OpenSSL.

#include "services/sha256_library.hpp"

#include <openssl/evp.h>

using giflab::services::sha256_bytes;

extern "C" {

__attribute__((visibility("default"))) void *giflab_sha256_begin() {
   EVP_MD_CTX *context = EVP_MD_CTX_new();
   if (context && EVP_DigestInit_ex(context, EVP_sha256(), nullptr))
      return context;
   EVP_MD_CTX_free(context);
   return nullptr;
}

__attribute__((visibility("default"))) bool giflab_sha256_add(void *hash, const void *bytes,
                                                              std::size_t count) {
   return EVP_DigestUpdate(static_cast<EVP_MD_CTX *>(hash), bytes, count);
}

__attribute__((visibility("default"))) bool giflab_sha256_finish(void *hash, unsigned char *digest) {
   unsigned int count = 0;
   return EVP_DigestFinal_ex(static_cast<EVP_MD_CTX *>(hash), digest, &count) && count == sha256_bytes;
}

__attribute__((visibility("default"))) void giflab_sha256_end(void *hash) {
   EVP_MD_CTX_free(static_cast<EVP_MD_CTX *>(hash));
}

} // extern "C"
