// Values from before: the same bits, and never those of something else.

#include "engine/compare.hpp"
#include "engine/result_cache.hpp"
#include "services/log.hpp"
#include "synthetic_clips.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <bit>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace giflab;
using engine_tests::plugins;
namespace fs = std::filesystem;

namespace {

// A folder with pictures and a cache.
class place_with_cache {
 public:
   place_with_cache() {
      make("a.gif", 6);
      make("b.gif", 5);
   }

   void make(const std::string &name, int frames) const { engine_tests::make_gif(file(name), 96, 64, frames); }
   std::string file(const std::string &name) const { return folder_.file(name); }
   std::shared_ptr<engine::result_cache> cache() const {
      return std::make_shared<engine::result_cache>(engine::result_cache::settings{file("cache"), {}, {}});
   }

 private:
   const tests::scratch_folder folder_;
};

struct asked {
   std::string reference, distorted;
   std::vector<std::string> metrics = {"counts_calls"};
   engine::comparison_options how = {};
   std::vector<engine::parameter_choice> parameters = {};
};

result<results::comparison> compare(const std::shared_ptr<engine::result_cache> &cache, const asked &what) {
   const services::cancellation never;
   engine::lending lent;
   lent.results = cache;
   engine::machine on(2, never, std::move(lent));
   const auto plan = engine::select_metrics(plugins(), what.metrics, what.parameters, &on);
   REQUIRE(plan);
   return engine::compare(what.reference, what.distorted, *plan, what.how, on, nullptr);
}

// By counts_calls, which never gives the same twice.
double value(const std::shared_ptr<engine::result_cache> &cache, const asked &what) {
   const auto found = compare(cache, what);
   REQUIRE(found);
   REQUIRE(found->metrics.at(0).status == results::status::present);
   return found->metrics.at(0).value;
}

// Everything that is told, numbers by their bits.
std::string told(const results::comparison &found) {
   std::string text;
   const auto number = [&](double one) { text += fmt::format("{:x} ", std::bit_cast<uint64_t>(one)); };
   for (const results::file_summary *file : {&found.reference, &found.distorted})
      text += fmt::format("{} {} {} {} {} {}x{} {} {}\n", file->path, file->format, file->bytes, file->frames,
                          file->duration_us, file->width, file->height, file->loop_count,
                          fmt::join(file->warnings, "; "));
   const results::alignment_summary &a = found.alignment;
   text += fmt::format("{} {} {} {} {} {} {} {}\n", a.mode, a.pairs, a.duration_us, a.dropped, a.duplicated,
                       a.reordered, a.max_drift_us, fmt::join(a.notes, "; "));
   for (const results::metric_value &one : found.metrics) {
      text += fmt::format("{} {} {} {} {} {} {} {} ", one.id, static_cast<int>(one.status), one.reason,
                          one.unit, one.pooling, one.version, one.device, one.frames);
      number(one.value);
      if (one.statistics)
         for (const double each :
              {one.statistics->mean, one.statistics->std, one.statistics->min, one.statistics->max,
               one.statistics->p05, one.statistics->p95, one.statistics->positional_variance})
            number(each);
      for (const results::worst_pair &pair : one.worst)
         text += fmt::format("{} {} {:x} ", pair.pair, pair.start_us, std::bit_cast<uint64_t>(pair.value));
      text += '\n';
   }
   for (const results::pair_row &row : found.pairs) {
      text += fmt::format("{} {} {} {} {} ", row.pair, row.reference_frame, row.distorted_frame, row.start_us,
                          row.duration_us);
      for (const double each : row.values)
         number(each);
   }
   return text;
}

} // namespace

TEST_CASE("a comparison is the same to the bit without a cache, cold, warm and from a part of it") {
   const place_with_cache in;
   asked what{in.file("a.gif"), in.file("b.gif"), {"default", "clip_order", "tells_parameters"}};
   what.how.per_frame = true;
   const auto plain = compare(nullptr, what);
   REQUIRE(plain);
   CHECK(told(*compare(in.cache(), what)) == told(*plain));
   const auto warm = in.cache();
   CHECK(told(*compare(warm, what)) == told(*plain));
   CHECK(warm->counted().missed == 0);
   CHECK(warm->counted().found > 5);
   asked more = what;
   more.metrics = {"default", "clip_order", "tells_parameters", "lookback_depth", "passes_on_third"};
   CHECK(told(*compare(in.cache(), more)) == told(*compare(nullptr, more)));
   CHECK(told(*compare(in.cache(), more)) == told(*compare(nullptr, more)));
}

TEST_CASE("a value is known by what the files hold, not by their names or times") {
   const place_with_cache in;
   const double first = value(in.cache(), {in.file("a.gif"), in.file("b.gif")});
   CHECK(value(in.cache(), {in.file("a.gif"), in.file("b.gif")}) == first);
   fs::copy(in.file("a.gif"), in.file("copy.gif"));
   asked renamed{in.file("copy.gif"), in.file("b.gif")};
   CHECK(value(in.cache(), renamed) == first);
   CHECK(told(*compare(in.cache(), renamed)).find("copy.gif") != std::string::npos);
   CHECK(value(in.cache(), {in.file("b.gif"), in.file("a.gif")}) != first);
   // One byte of a pixel, in a file of the same size and time.
   const auto time = fs::last_write_time(in.file("b.gif"));
   std::fstream change(in.file("b.gif"), std::ios::in | std::ios::out | std::ios::binary);
   change.seekp(20); // in the palette
   change.put('\x33');
   change.close();
   fs::last_write_time(in.file("b.gif"), time);
   CHECK(value(in.cache(), {in.file("a.gif"), in.file("b.gif")}) != first);
}

TEST_CASE("a value is known by everything that can change it") {
   const place_with_cache in;
   const asked plain{in.file("a.gif"), in.file("b.gif")};
   const double first = value(in.cache(), plain);
   std::vector<asked> others(8, plain);
   others[0].how.alignment = media::alignment_mode::index;
   others[1].how.background = {1, 2, 3};
   others[2].how.reading.browser_delays = false;
   others[3].how.reading.sequence_delay_us = 1;
   others[4].how.reading.limits.max_frames = 50;
   others[5].how.seed = 1;
   others[6].how.level = 1; // which keeps nothing
   others[7].how.resize = engine::resizing{};
   for (std::size_t i = 0; i < others.size(); ++i) {
      CAPTURE(i);
      CHECK(value(in.cache(), others[i]) != first);
   }
   CHECK(value(in.cache(), plain) == first);
   asked with_gain{plain.reference, plain.distorted, {"tells_parameters"}};
   CHECK(value(in.cache(), with_gain) == 1);
   with_gain.parameters = {{"org.test.tells_parameters", "gain", "3", "here"}};
   CHECK(value(in.cache(), with_gain) == 3);
}

TEST_CASE("what failed or cannot run is tried again") {
   const place_with_cache in;
   const asked what{in.file("a.gif"), in.file("b.gif"), {"fails_on_third", "absent", "scores_nothing"}};
   for (int round = 0; round < 2; ++round) {
      const auto cache = in.cache();
      const auto found = compare(cache, what);
      REQUIRE(found);
      CHECK(found->metrics[0].status == results::status::failed);
      CHECK(found->metrics[1].status == results::status::unavailable);
      CHECK(cache->counted().found == 0);
   }
   const asked missing{in.file("none.gif"), in.file("b.gif")};
   CHECK_FALSE(compare(in.cache(), missing));
}

TEST_CASE("two that need the same value at once work it out once") {
   const place_with_cache in;
   const auto cache = in.cache();
   const services::cancellation never;
   engine::lending lent;
   lent.results = cache;
   engine::machine on(2, never, std::move(lent));
   const auto plan = engine::select_metrics(plugins(), {"counts_calls"}, {}, &on);
   REQUIRE(plan);
   std::vector<double> values(6);
   {
      std::vector<std::jthread> threads;
      for (double &one : values)
         threads.emplace_back([&] {
            const auto found = engine::compare(in.file("a.gif"), in.file("b.gif"), *plan, {}, on, nullptr);
            one = found ? found->metrics[0].value : -1;
         });
   }
   for (const double one : values)
      CHECK(one == values[0]);
   CHECK(cache->counted().missed == 1);
   CHECK(cache->counted().found == 5);
}

TEST_CASE("a file that changes while it is compared leaves nothing in the cache") {
   const place_with_cache in;
   const services::cancellation never;
   const auto cache = in.cache();
   engine::lending lent;
   lent.results = cache;
   engine::machine on(1, never, std::move(lent));
   const auto plan = engine::select_metrics(plugins(), {"counts_calls"}, {}, &on);
   REQUIRE(plan);
   bool touched = false;
   const auto found = engine::compare(in.file("a.gif"), in.file("b.gif"), *plan, {}, on, [&](double, int64_t) {
      if (!std::exchange(touched, true))
         std::ofstream(in.file("b.gif"), std::ios::app | std::ios::binary) << "x";
   });
   REQUIRE(found);
   CHECK(touched);
   fs::resize_file(in.file("b.gif"), fs::file_size(in.file("b.gif")) - 1);
   CHECK(value(in.cache(), {in.file("a.gif"), in.file("b.gif")}) != found->metrics[0].value);
}

TEST_CASE("blobs are found by the same plugin with the same parameters, and by no other") {
   const place_with_cache in;
   const services::cancellation never;
   engine::machine on(1, never);
   const auto run = [&](const std::string &gain, int level) {
      const auto plan = engine::select_metrics(plugins(), {"keeps_blobs"},
                                               {{"org.test.keeps_blobs", "gain", gain, "here"}}, &on);
      REQUIRE(plan);
      engine::comparison_options how;
      how.level = level;
      const auto found = engine::compare(in.file("a.gif"), in.file("b.gif"), *plan, how, on, nullptr);
      REQUIRE(found);
      return found->metrics[0].statistics->max;
   };
   CHECK(run("1", 2) == 4); // six pairs, four of them in the first call
   CHECK(run("1", 2) == 10);
   CHECK(run("2", 2) == 4);
   CHECK(run("1", 0) == 0);
   CHECK(run("1", 2) == 16);
}
