#include "engine/crossover.hpp"

#include <doctest/doctest.h>
#include <giflab/plugin.h>

#include <vector>

using namespace giflab::engine;

namespace {

const std::vector<uint32_t> costs{GIFLAB_COST_10NS, GIFLAB_COST_100NS};

device_job job(int64_t pixels, double pairs, std::size_t threads = 1) {
   return {pixels, pairs, costs, threads};
}

} // namespace

TEST_CASE("the processor's time grows with pixels, pairs and cost, and shrinks with threads that have work") {
   const double one = host_seconds(job(1'000'000, 10));
   CHECK(one > 0);
   CHECK(host_seconds(job(2'000'000, 10)) == doctest::Approx(2 * one));
   CHECK(host_seconds(job(1'000'000, 30)) == doctest::Approx(3 * one));
   CHECK(host_seconds(job(1'000'000, 10, 4)) == doctest::Approx(one / 4));
   CHECK(host_seconds(job(1'000'000, 1, 64)) == host_seconds(job(1'000'000, 1, 2))); // two metrics of one pair
   const std::vector<uint32_t> dear{GIFLAB_COST_10NS, GIFLAB_COST_1US};
   CHECK(host_seconds({1'000'000, 10, dear, 1}) > one);
   CHECK(host_seconds({1'000'000, 10, {}, 1}) == 0);
}

TEST_CASE("a cost class of a later giflab counts as the dearest one") {
   const std::vector<uint32_t> known{GIFLAB_COST_MORE}, unknown{GIFLAB_COST_MORE + 7};
   CHECK(host_seconds({1000, 1, unknown, 1}) == host_seconds({1000, 1, known, 1}));
}

TEST_CASE("small jobs stay on the processor, large ones do not") {
   CHECK_FALSE(is_worth_a_device(job(100 * 100, 20), 0, false));
   CHECK(is_worth_a_device(job(1920 * 1080, 1000), 0, false));
   CHECK_FALSE(is_worth_a_device(job(1920 * 1080, 1000), 0, false) ==
               is_worth_a_device(job(100 * 100, 20), 0, false));
}

TEST_CASE("many small jobs are worth opening a device once they have taken long enough") {
   const device_job small = job(320 * 240, 40);
   const double each = host_seconds(small);
   double spent = 0;
   int jobs = 0;
   while (!is_worth_a_device(small, spent, false) && jobs < 1000) {
      spent += each;
      ++jobs;
   }
   CHECK(jobs > 0);
   CHECK(jobs < 1000);
}

TEST_CASE("an open device takes smaller jobs than it is opened for, and not the smallest") {
   const device_job middling = job(640 * 480, 10);
   CHECK_FALSE(is_worth_a_device(middling, 0, false));
   CHECK(is_worth_a_device(middling, 0, true));
   CHECK_FALSE(is_worth_a_device(job(64 * 64, 1), 100, true));
}
