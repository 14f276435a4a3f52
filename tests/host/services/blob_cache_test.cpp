#include "services/blob_cache.hpp"

#include <doctest/doctest.h>

using giflab::services::blob_cache;

TEST_CASE("a blob is found as it was kept, and the last one kept under a key counts") {
   blob_cache blobs(1000);
   CHECK(blobs.find("a") == nullptr);
   blobs.keep("a", std::string("\0one", 4));
   REQUIRE(blobs.find("a"));
   CHECK(*blobs.find("a") == std::string("\0one", 4));
   blobs.keep("a", "two");
   CHECK(*blobs.find("a") == "two");
   CHECK(blobs.bytes() == 4);
   blobs.keep("empty", "");
   REQUIRE(blobs.find("empty"));
   CHECK(blobs.find("empty")->empty());
}

TEST_CASE("what was not asked for longest goes first; who holds a blob keeps it") {
   blob_cache blobs(30);
   blobs.keep("a", std::string(9, 'a'));
   blobs.keep("b", std::string(9, 'b'));
   blobs.keep("c", std::string(9, 'c'));
   const auto held = blobs.find("b");
   CHECK(blobs.find("a"));
   blobs.keep("d", std::string(9, 'd')); // c is the oldest now
   CHECK_FALSE(blobs.find("c"));
   CHECK(blobs.find("b"));
   CHECK(blobs.shrink_to(10) == 20);
   CHECK(blobs.find("b"));
   CHECK(blobs.shrink_to(0) == 10);
   CHECK(blobs.bytes() == 0);
   CHECK(*held == std::string(9, 'b'));
   blobs.keep("large", std::string(31, 'x'));
   CHECK_FALSE(blobs.find("large"));
}
