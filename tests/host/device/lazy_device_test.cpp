#include "device/lazy_device.hpp"
#include "device/probe.hpp"

#include "fake_device.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace giflab;
using namespace giflab::tests;

TEST_CASE("a device is opened once, by whoever needs it first") {
   fake_counts counts;
   std::atomic<int> opened{0};
   device::lazy_device later(
       "fake:0", [] { return std::string(); },
       [&]() -> result<std::unique_ptr<device::device>> {
          ++opened;
          return std::make_unique<fake_device>(counts);
       });
   CHECK(later.absence().empty());
   CHECK_FALSE(later.begun());
   CHECK(opened == 0);
   std::vector<std::thread> threads;
   for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] { static_cast<void>(later.get()); });
   for (std::thread &each : threads)
      each.join();
   CHECK(opened == 1);
   REQUIRE(later.get());
   CHECK((*later.get())->name() == "fake:0");
   counts.lost = true;
   CHECK_FALSE(later.get());
   CHECK(later.absence() == "fake:0 failed for good earlier in this run");
}

TEST_CASE("a device that does not open says why, for ever") {
   device::lazy_device later(
       "fake:0", [] { return std::string(); },
       []() -> result<std::unique_ptr<device::device>> { return failed(problem::internal, "it is on fire"); });
   later.begin();
   for (int i = 0; i < 2; ++i) {
      const auto opened = later.get();
      REQUIRE_FALSE(opened);
      CHECK(opened.error().text == "it is on fire");
   }
   CHECK(later.absence() == "it is on fire");
}

TEST_CASE("a device beyond those that are here is absent, in words") {
   CHECK_FALSE(device::absence_of(255).empty());
   CHECK(device::absence_of(255) == device::cuda_device_later(255)->absence());
}
