#include "services/memory_governor.hpp"

#include "services/log.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace giflab::services {

namespace {

constexpr auto between_looks = std::chrono::milliseconds(50);
constexpr auto between_reliefs = std::chrono::seconds(1);

std::vector<memory_reading> looked_at(std::size_t limit) {
   std::vector<memory_reading> readings{control_group_memory(), machine_memory()};
   if (limit)
      readings.push_back({resident_bytes_of_tree(getpid()), limit});
   return readings;
}

memory_level level_at(double share) {
   return share >= emergency_share  ? memory_level::emergency
          : share >= critical_share ? memory_level::critical
          : share >= warning_share  ? memory_level::warning
                                    : memory_level::normal;
}

} // namespace

const char *name_of(memory_level level) {
   switch (level) {
   case memory_level::warning:
      return "warning";
   case memory_level::critical:
      return "critical";
   case memory_level::emergency:
      return "emergency";
   case memory_level::normal:
      break;
   }
   return "normal";
}

memory_governor::memory_governor(std::size_t limit)
    : memory_governor(limit, [limit] { return looked_at(limit); }) {}

memory_governor::memory_governor(std::size_t limit, probe look, clock now)
    : limit_(limit), probe_(std::move(look)), now_(std::move(now)) {}

memory_level memory_governor::poll() {
   std::lock_guard lock(mutex_);
   const auto now = now_();
   if (looked_ == decltype(looked_){} || now - looked_ >= between_looks) {
      looked_ = now;
      look();
   }
   return level();
}

// With mutex_ held.
void memory_governor::look() {
   memory_reading tightest;
   for (const memory_reading &one : probe_())
      if (one.limit && (!tightest.limit || one.share() > tightest.share()))
         tightest = one;
   peak_ = std::max(peak_, tightest.used);
   const memory_level before = level();
   const memory_level now =
       std::max(level_at(tightest.share()), std::min(before, level_at(tightest.share() + memory_hysteresis)));
   level_ = now;
   above_normal_ += now != memory_level::normal;
   if (now != before)
      log(log_level::debug,
          fmt::format("memory: {} ({} of {} MiB)", name_of(now), tightest.used >> 20, tightest.limit >> 20));
   if (now > before || (now != memory_level::normal && now_() - relieved_ >= between_reliefs))
      relieve(now);
}

// With mutex_ held: a ticket that goes meanwhile waits.
void memory_governor::relieve(memory_level now) {
   relieved_ = now_();
   std::size_t freed = 0;
   for (const asked &one : relievers_)
      freed += one.relieve(now);
   if (freed > 0)
      log(log_level::debug, fmt::format("memory: {} MiB let go of", freed >> 20));
}

std::size_t memory_governor::peak_bytes() const {
   std::lock_guard lock(mutex_);
   return peak_;
}

std::size_t memory_governor::times_above_normal() const {
   std::lock_guard lock(mutex_);
   return above_normal_;
}

memory_governor::ticket memory_governor::ask(reliever one) {
   std::lock_guard lock(mutex_);
   relievers_.push_back({++numbers_, std::move(one)});
   return {*this, numbers_};
}

void memory_governor::forget(std::size_t number) {
   std::lock_guard lock(mutex_);
   std::erase_if(relievers_, [number](const asked &one) { return one.number == number; });
}

memory_governor::ticket::~ticket() {
   if (owner_)
      owner_->forget(number_);
}

memory_governor::ticket::ticket(ticket &&other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), number_(other.number_) {}

memory_governor::ticket &memory_governor::ticket::operator=(ticket &&other) noexcept {
   std::swap(owner_, other.owner_);
   std::swap(number_, other.number_);
   return *this;
}

} // namespace giflab::services
