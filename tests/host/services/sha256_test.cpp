#include "services/sha256.hpp"

#include <doctest/doctest.h>

#include <string_view>

using giflab::services::sha256;

namespace {

std::string hash_of(std::string_view text, std::size_t piece) {
   sha256 hash;
   for (std::size_t i = 0; i < text.size(); i += piece)
      hash.add(std::as_bytes(std::span(text.substr(i, piece))));
   const auto digest = hash.digest();
   REQUIRE(digest);
   return *digest;
}

} // namespace

TEST_CASE("the vectors of FIPS 180-4, in pieces of any size") {
   const std::string million(1'000'000, 'a');
   const std::pair<std::string_view, const char *> vectors[] = {
       {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
       {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
       {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
       {million, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}};
   for (const auto &[text, expected] : vectors)
      for (std::size_t piece : {1000u, 64u, 7u}) {
         CAPTURE(piece);
         CHECK(hash_of(text, piece) == expected);
      }
}
