// Where the engine has metrics measured, and what it does when the device fails: with a device made of host
// memory.

#include "engine/compare.hpp"

#include "fake_device.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <thread>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>

using namespace giflab;
using namespace giflab::tests;
using engine::device_use;
namespace fs = std::filesystem;

namespace {

const modules::catalogue &plugins_for_devices() {
   static const auto found = modules::catalogue::discover({BUILTIN_PLUGINS, ON_DEVICE_PLUGINS}, 2);
   REQUIRE(found);
   return *found;
}

class clip_file {
 public:
   clip_file(int width, int height, int frames)
       : path_(fs::temp_directory_path() / fmt::format("giflab-device-{}-{}.gif", getpid(), frames)) {
      REQUIRE(std::system(fmt::format("{} {} {} {} {}", SYNTHETIC_GIF, path_.string(), width, height, frames)
                              .c_str()) == 0);
   }
   ~clip_file() { fs::remove(path_); }
   std::string path() const { return path_.string(); }

 private:
   fs::path path_;
};

// A machine with a device, and comparisons of a clip of 64x48 with itself on it.
struct bench {
   explicit bench(std::string absence = {}, std::string refusal = {}, std::size_t threads = 2) {
      engine::lending lent;
      lent.device = std::make_shared<device::lazy_device>(
          "fake:0", [absence] { return absence; },
          [this, refusal]() -> result<std::unique_ptr<device::device>> {
             ++opened;
             if (!refusal.empty())
                return failed(problem::internal, refusal);
             return std::make_unique<fake_device>(counts);
          });
      on = std::make_unique<engine::machine>(threads, never, lent);
   }

   results::comparison compare(const std::vector<std::string> &metrics, device_use use = device_use::always,
                               int level = 2) {
      const auto plan = engine::select_metrics(plugins_for_devices(), metrics, {});
      REQUIRE(plan);
      engine::comparison_options options;
      options.level = level;
      options.device = use;
      options.per_frame = true;
      auto found = engine::compare(clip.path(), clip.path(), *plan, options, *on, nullptr);
      REQUIRE_MESSAGE(found, (found ? "" : found.error().text));
      return *found;
   }

   results::metric_value value(const std::string &metric, device_use use = device_use::always, int level = 2) {
      return compare({metric}, use, level).metrics.at(0);
   }

   fake_counts counts;
   std::atomic<int> opened{0};
   services::cancellation never;
   clip_file clip{64, 48, 20};
   std::unique_ptr<engine::machine> on; // goes first
};

// A worker may still be dropping the last batch when compare() returns.
bool all_came_back(const fake_counts &counts) {
   for (int waited = 0; counts.blocks != 0 && waited < 5000; ++waited)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
   return counts.blocks == 0;
}

void check_same_numbers(const results::comparison &a, const results::comparison &b) {
   REQUIRE(a.metrics.size() == b.metrics.size());
   for (std::size_t i = 0; i < a.metrics.size(); ++i) {
      CAPTURE(a.metrics[i].id);
      CHECK(a.metrics[i].status == results::status::present);
      CHECK(a.metrics[i].value == b.metrics[i].value);
      CHECK(a.metrics[i].frames == b.metrics[i].frames);
   }
   REQUIRE(a.pairs.size() == b.pairs.size());
   for (std::size_t i = 0; i < a.pairs.size(); ++i) {
      REQUIRE(a.pairs[i].values.size() == b.pairs[i].values.size());
      for (std::size_t column = 0; column < a.pairs[i].values.size(); ++column) {
         const double one = a.pairs[i].values[column], other = b.pairs[i].values[column];
         CHECK((one == other || (std::isnan(one) && std::isnan(other)))); // clip columns have no row
      }
   }
}

} // namespace

TEST_CASE("a metric that can is measured on the device, the others beside it in host memory") {
   bench with;
   const auto there = with.compare({"placed_luma", "mdsi"});
   CHECK(there.metrics[0].device == "fake:0");
   CHECK(there.metrics[1].device == "cpu");
   CHECK(with.opened == 1);
   CHECK(all_came_back(with.counts)); // every picture's memory came back
   bench without;
   const auto here = without.compare({"placed_luma", "mdsi"}, device_use::never);
   CHECK(here.metrics[0].device == "cpu");
   CHECK(without.opened == 0);
   check_same_numbers(there, here);
   CHECK(here.metrics[0].value > 0); // -1 is a picture in the wrong place
}

TEST_CASE("a picture goes up once for all metrics") {
   bench with;
   with.compare({"placed_luma"});
   const int64_t uploads = with.counts.uploads, bytes = with.counts.uploaded_bytes;
   CHECK(uploads >= 40); // 20 pictures a side, and their palettes
   with.compare({"placed_luma", "device_only"});
   CHECK(with.counts.uploads == 2 * uploads);
   CHECK(with.counts.uploaded_bytes == 2 * bytes);
}

TEST_CASE("one thread or many: the same numbers on the device") {
   bench one({}, {}, 1), many({}, {}, 4);
   check_same_numbers(one.compare({"placed_luma", "mdsi"}), many.compare({"placed_luma", "mdsi"}));
}

TEST_CASE("below level 2 nothing runs on a device") {
   bench with;
   for (const int level : {0, 1})
      CHECK(with.value("placed_luma", device_use::always, level).device == "cpu");
   CHECK(with.opened == 0);
}

TEST_CASE("what the device failed is measured again in host memory, and the value says so") {
   bench with;
   const auto found = with.compare({"mdsi", "device_fault", "device_without_room", "device_clip_fault",
                                    "device_clip_total", "placed_luma"});
   const auto here = with.compare(
       {"mdsi", "device_fault", "device_without_room", "device_clip_fault", "device_clip_total", "placed_luma"},
       device_use::never);
   check_same_numbers(found, here);
   const std::vector<std::string> devices{
       "cpu",
       "cpu, after fake:0 failed: device error: the third picture burns",
       "cpu, after fake:0 failed: no memory: no scratch memory on the device",
       "cpu, after fake:0 failed: device error: the third picture burns",
       "cpu, after fake:0 failed: device error: the third picture burns",
       "fake:0"};
   for (std::size_t i = 0; i < devices.size(); ++i)
      CHECK(found.metrics[i].device == devices[i]);
   CHECK(found.metrics[4].value == 20);
   CHECK(all_came_back(with.counts));
}

TEST_CASE("a fault that stays ends the use of the device, and is told of ever after") {
   bench with;
   with.counts.calls_left = 3;
   const auto first = with.value("placed_luma");
   CHECK(first.status == results::status::present);
   CHECK(first.device == "cpu, after fake:0 failed: device error: fake:0 was pulled out");
   const int64_t calls = with.counts.calls;
   for (const device_use use : {device_use::always, device_use::where_worthwhile}) {
      const auto later = with.value("placed_luma", use);
      CHECK(later.status == results::status::present);
      CHECK(later.device == "cpu, after fake:0 failed for good earlier in this run");
   }
   CHECK(with.value("mdsi").device == "cpu");
   CHECK(with.counts.calls == calls);
   CHECK(with.opened == 1);
}

TEST_CASE("a device that does not open costs nothing but time") {
   bench with({}, "it is on fire");
   const auto found = with.value("placed_luma");
   CHECK(found.status == results::status::present);
   CHECK(found.device == "cpu, after fake:0 failed: it is on fire");
}

TEST_CASE("auto leaves small jobs to the processor and opens nothing") {
   bench with;
   CHECK(with.value("placed_luma", device_use::where_worthwhile).device == "cpu");
   CHECK(with.opened == 0);
   CHECK(with.counts.uploads == 0);
   CHECK(with.on->spent_beside_device() > 0);
}

TEST_CASE(
    "auto takes the device once the processor has done enough, from the first pair of the next files on") {
   bench with;
   with.on->spend_beside_device(1e6);
   const auto there = with.compare({"placed_luma"}, device_use::where_worthwhile);
   CHECK(there.metrics[0].device == "fake:0");
   check_same_numbers(there, with.compare({"placed_luma"}, device_use::never));
}

TEST_CASE("auto does without a device that is not there, and does not call that a failure") {
   bench with("no CUDA driver");
   with.on->spend_beside_device(1e6);
   CHECK(with.value("placed_luma", device_use::where_worthwhile).device == "cpu");
   CHECK(with.opened == 0);
}

TEST_CASE("a metric for devices only needs one, and gets it under auto too") {
   bench with;
   CHECK(with.value("device_only", device_use::where_worthwhile).device == "fake:0");
   bench without("no CUDA driver");
   for (const device_use use : {device_use::where_worthwhile, device_use::never}) {
      const auto found = without.value("device_only", use);
      CHECK(found.status == results::status::unavailable);
      CHECK(found.reason == "runs on a CUDA device only, and none is used here");
   }
   bench broken({}, "it is on fire");
   const auto found = broken.value("device_only");
   CHECK(found.status == results::status::failed);
   CHECK(found.reason == "fake:0 failed: it is on fire");
}
