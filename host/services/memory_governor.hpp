#pragma once
// Keeps a process and its children within a limit of memory: tells how near it is, and asks those who hold what
// can be done without to let go of it.

#include "services/memory_usage.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace giflab::services {

enum class memory_level { normal, warning, critical, emergency };

// From these shares of the limit on; a level is left only once the share is `memory_hysteresis` below.
constexpr double warning_share = 0.70, critical_share = 0.80, emergency_share = 0.95;
constexpr double memory_hysteresis = 0.05;

// "normal", "warning", "critical", "emergency"
const char *name_of(memory_level level);

// All functions: any thread.
class memory_governor {
 public:
   // What is looked at: each reading with a limit counts, and the tightest decides.
   using probe = std::function<std::vector<memory_reading>()>;
   using clock = std::function<std::chrono::steady_clock::time_point()>;

   // `limit` in bytes, for this process and everything below it; 0: as much as its control group and the
   // machine have.
   explicit memory_governor(std::size_t limit);
   memory_governor(std::size_t limit, probe look, clock now = std::chrono::steady_clock::now);
   memory_governor(const memory_governor &) = delete;
   memory_governor &operator=(const memory_governor &) = delete;

   std::size_t limit() const { return limit_; }

   // Looks, at most every 50 ms, and where the level is above normal asks the relievers, at most once a second
   // unless it rose: cheap enough for every batch. Gives the level.
   memory_level poll();

   // As of the last poll.
   memory_level level() const { return level_.load(std::memory_order_relaxed); }
   std::size_t peak_bytes() const; // most that a poll has seen of the tightest reading
   std::size_t times_above_normal() const;

   // Lets go of what it can at this level and gives the bytes. Must not call the governor, nor throw.
   using reliever = std::function<std::size_t(memory_level)>;
   // Asked in the order in which they came, for as long as the ticket lives.
   class ticket {
    public:
      ticket() = default;
      ~ticket();
      ticket(ticket &&other) noexcept;
      ticket &operator=(ticket &&other) noexcept;

    private:
      friend class memory_governor;
      ticket(memory_governor &owner, std::size_t number) : owner_(&owner), number_(number) {}
      memory_governor *owner_ = nullptr;
      std::size_t number_ = 0;
   };
   [[nodiscard]] ticket ask(reliever one);

 private:
   struct asked {
      std::size_t number;
      reliever relieve;
   };
   void look();
   void relieve(memory_level now);
   void forget(std::size_t number);

   const std::size_t limit_;
   const probe probe_;
   const clock now_;
   std::atomic<memory_level> level_{memory_level::normal};
   mutable std::mutex mutex_; // guards all below
   std::vector<asked> relievers_;
   std::size_t numbers_ = 0, peak_ = 0, above_normal_ = 0;
   std::chrono::steady_clock::time_point looked_{}, relieved_{};
};

} // namespace giflab::services
