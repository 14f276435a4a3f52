#pragma once
// What the library of sha256.cpp exports: OpenSSL's SHA-256, loaded when the first is made
// (services/companion.hpp). A third of all that the loader would have to do at every start is libcrypto's.

#include <cstddef>

namespace giflab::services {

constexpr std::size_t sha256_bytes = 32;

using sha256_begin_function = void *(); // null: OpenSSL refuses
using sha256_add_function = bool(void *hash, const void *bytes, std::size_t count);
using sha256_finish_function = bool(void *hash,
                                    unsigned char *digest); // of sha256_bytes; the last call but end
using sha256_end_function = void(void *hash);

} // namespace giflab::services
