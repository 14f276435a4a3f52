#include "services/arena.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>

using namespace giflab::services;

TEST_CASE("memory is aligned, separate, and the same pages come back after reset") {
   arena memory;
   void *first = memory.allocate(1000);
   REQUIRE(first);
   CHECK(reinterpret_cast<uintptr_t>(first) % 64 == 0);
   void *second = memory.allocate(1);
   CHECK(static_cast<char *>(second) >= static_cast<char *>(first) + 1000);
   memory.reset();
   CHECK(memory.allocate(1000) == first);
}

TEST_CASE("what outgrew one chunk lies in one chunk after reset") {
   arena memory;
   for (int i = 0; i < 10; ++i) {
      void *part = memory.allocate(700'000);
      REQUIRE(part);
      std::memset(part, i, 700'000);
   }
   memory.reset();
   char *whole = static_cast<char *>(memory.allocate(7'000'000));
   REQUIRE(whole);
   std::memset(whole, 1, 7'000'000);
   CHECK(memory.peak_bytes() >= 7'000'000);
}

TEST_CASE("a limit is a limit, and is whole again after reset") {
   arena memory(100'000);
   CHECK_FALSE(memory.allocate(100'001));
   CHECK(memory.allocate(60'000));
   CHECK_FALSE(memory.allocate(60'000));
   CHECK(memory.allocate(30'000));
   memory.reset();
   CHECK(memory.allocate(99'000));
}
