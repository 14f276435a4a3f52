#include "services/block_pool.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <thread>
#include <vector>

using namespace giflab::services;

TEST_CASE("a block given back is handed out again") {
   block_pool pool(1 << 20);
   void *address = nullptr;
   {
      const block first = pool.acquire(5000);
      address = first.data();
      CHECK(reinterpret_cast<uintptr_t>(address) % 64 == 0);
      CHECK(first.size() >= 5000);
      CHECK(pool.bytes_in_use() >= 5000);
   }
   CHECK(pool.bytes_in_use() == 0);
   CHECK(pool.acquire(5000).data() == address);
}

TEST_CASE("blocks of every size have their bytes to themselves, in whatever order they go") {
   struct marked_block {
      block memory;
      uint8_t mark;

      marked_block(block_pool &pool, std::size_t bytes, uint8_t with)
          : memory(pool.acquire(bytes)), mark(with) {
         std::memset(memory.data(), mark, memory.size());
      }
      bool intact() const {
         const std::vector<uint8_t> expected(memory.size(), mark);
         return std::memcmp(memory.data(), expected.data(), expected.size()) == 0;
      }
   };
   block_pool pool(0); // which keeps no more than was in use
   std::vector<marked_block> held;
   for (int round = 0; round < 3; ++round) {
      for (const std::size_t bytes : {100'000, 131'072, 250'000, 1'000'000, 1'048'576, 3'000'000})
         for (int i = 0; i < 7; ++i)
            held.emplace_back(pool, bytes + static_cast<std::size_t>(round) * 5000,
                              static_cast<uint8_t>(held.size()));
      for (std::size_t i = 0; i < held.size(); ++i) {
         CHECK(held[i].intact());
         CHECK(reinterpret_cast<uintptr_t>(held[i].memory.data()) % 64 == 0);
         held.erase(held.begin() + static_cast<std::ptrdiff_t>(i)); // every second one
      }
   }
   for (const marked_block &one : held)
      CHECK(one.intact());
   held.clear();
   CHECK(pool.bytes_in_use() == 0);
}

TEST_CASE("a block may outlive its pool and be moved") {
   std::optional<block_pool> pool(std::in_place, 1 << 20);
   block kept = pool->acquire(100);
   pool.reset();
   std::memset(kept.data(), 1, 100);
   block moved = std::move(kept);
   CHECK_FALSE(kept); // NOLINT(bugprone-use-after-move): an empty block is what is expected
   CHECK(moved);
   moved = block();
   CHECK_FALSE(moved);
}

TEST_CASE("no more is held than was once in use at once, and what is idle goes when asked") {
   block_pool pool(10'000);
   { const block first = pool.acquire(40'000), second = pool.acquire(40'000); }
   CHECK(pool.drop_idle() == 2 * 40'960);
   CHECK(pool.drop_idle() == 0);
   { const block first = pool.acquire(40'000), second = pool.acquire(40'000); }
   pool.acquire(60'000); // of another size: the idle ones have to go
   CHECK(pool.drop_idle() == 61'440);
   CHECK(pool.bytes_in_use() == 0);
}

TEST_CASE("the peak counts what is out at once, by any thread") {
   block_pool pool(1 << 20);
   std::vector<std::jthread> threads;
   for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
         for (int round = 0; round < 1000; ++round)
            std::memset(pool.acquire(4096).data(), round, 4096);
      });
   threads.clear();
   CHECK(pool.bytes_in_use() == 0);
   CHECK(pool.peak_bytes() >= 4096);
   CHECK(pool.peak_bytes() <= 4 * 8192);
}
