#include "device/lazy_device.hpp"

#include "device/probe.hpp"

#include "services/log.hpp"

#include <fmt/format.h>

#include <chrono>
#include <exception>

namespace giflab::device {

lazy_device::lazy_device(std::string name, std::function<std::string()> absence, opener open)
    : name_(std::move(name)), absence_(std::move(absence)), open_(std::move(open)) {}

lazy_device::~lazy_device() {
   if (opening_.valid())
      opening_.wait();
}

std::string lazy_device::absence() {
   std::call_once(asked_, [&] { found_absence_ = absence_(); });
   if (!found_absence_.empty() || !begun())
      return found_absence_;
   const auto opened = get();
   return opened ? std::string() : opened.error().text;
}

bool lazy_device::begun() const {
   std::lock_guard lock(mutex_);
   return opening_.valid();
}

void lazy_device::begin() {
   std::lock_guard lock(mutex_);
   if (!opening_.valid())
      opening_ = std::async(std::launch::async, [this] { return opened(); }).share();
}

// On the thread of its own.
result<device *> lazy_device::opened() {
   try {
      const auto started = std::chrono::steady_clock::now();
      auto made = open_();
      if (!made)
         return tl::unexpected(made.error());
      const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - started;
      services::log(services::log_level::debug, fmt::format("{}: opened in {:.3f} s", name_, taken.count()));
      device_ = std::move(*made);
      return device_.get();
   } catch (const std::exception &thrown) { // out of memory, at most: it becomes this device's error
      return failed(problem::internal, fmt::format("{} cannot be opened: {}", name_, thrown.what()));
   }
}

result<device *> lazy_device::get() {
   begin();
   std::shared_future<result<device *>> opening;
   {
      std::lock_guard lock(mutex_);
      opening = opening_;
   }
   const result<device *> found = opening.get();
   if (found && (*found)->lost())
      return failed(problem::internal, fmt::format("{} failed for good earlier in this run", name_));
   return found;
}

std::unique_ptr<lazy_device> cuda_device_later(int32_t ordinal) {
   return std::make_unique<lazy_device>(
       fmt::format("cuda:{}", ordinal), [ordinal] { return absence_of(ordinal); },
       [ordinal] { return open(ordinal); });
}

} // namespace giflab::device
