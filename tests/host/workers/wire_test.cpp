// Every bit arrives, and nonsense is told from messages.

#include "workers/requests.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>

using namespace giflab;
using namespace giflab::workers;

namespace {

template <class T> T sent_over(const T &value) {
   writer into;
   into(value);
   const std::string bytes = into.take();
   reader from(bytes);
   T arrived = from.one<T>();
   CHECK(from.rest().empty());
   return arrived;
}

bool same_bits(double a, double b) { return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b); }

} // namespace

TEST_CASE("numbers keep their bits") {
   const double payload = std::bit_cast<double>(uint64_t{0xFFF8'0000'0000'1234});
   for (const double value : {0.0, -0.0, 0.1, std::numeric_limits<double>::infinity(), payload,
                              -std::numeric_limits<double>::denorm_min()})
      CHECK(same_bits(sent_over(value), value));
   CHECK(sent_over(std::numeric_limits<int64_t>::min()) == std::numeric_limits<int64_t>::min());
   CHECK(sent_over(std::string("a\0b\xff", 4)) == std::string("a\0b\xff", 4));
}

TEST_CASE("a comparison arrives with its rows and reasons") {
   results::comparison found;
   found.reference = {"a.gif", "GIF89a", 10, 2, 200'000, 8, 6, 0, {"a warning", ""}};
   found.alignment.notes = {"held"};
   results::metric_value value;
   value.id = "psnr";
   value.value = std::numeric_limits<double>::infinity();
   value.statistics.emplace();
   value.statistics->p95 = 3;
   value.worst = {{1, 100'000, 2.5}};
   found.metrics = {value, value};
   found.metrics[1].status = results::status::failed;
   found.metrics[1].reason = "crashed";
   found.metrics[1].statistics.reset();
   found.pairs = {{0, 0, 0, 0, 100'000, {1, results::statistics::none}}};
   const results::comparison arrived = sent_over(found);
   CHECK(arrived.reference.warnings == found.reference.warnings);
   CHECK(arrived.reference.loop_count == 0);
   CHECK(arrived.alignment.notes == found.alignment.notes);
   REQUIRE(arrived.metrics.size() == 2);
   CHECK(std::isinf(arrived.metrics[0].value));
   REQUIRE(arrived.metrics[0].statistics);
   CHECK(arrived.metrics[0].statistics->p95 == 3);
   CHECK(same_bits(arrived.metrics[0].statistics->mean, value.statistics->mean));
   CHECK(arrived.metrics[0].worst[0].value == 2.5);
   CHECK(arrived.metrics[1].status == results::status::failed);
   CHECK(arrived.metrics[1].reason == "crashed");
   CHECK_FALSE(arrived.metrics[1].statistics);
   REQUIRE(arrived.pairs.size() == 1);
   CHECK(arrived.pairs[0].values[0] == 1);
   CHECK(std::isnan(arrived.pairs[0].values[1]));
}

TEST_CASE("options and requests arrive") {
   compare_request asked;
   asked.reference = "a.gif";
   asked.options.level = 0;
   asked.options.resize = engine::resizing{engine::side::reference, media::resize_filter::lanczos};
   asked.options.background = {1, 2, 3};
   asked.options.reading.limits.max_frames = 7;
   asked.metrics = {
       {{"org.x", "/x.so", false}, {{0.5, std::nullopt}, {2, "b"}}, {{1, "x"}}, "not here", "tool 2"}};
   const compare_request arrived = sent_over(asked);
   CHECK(arrived.options.level == 0);
   REQUIRE(arrived.options.resize);
   CHECK(arrived.options.resize->filter == media::resize_filter::lanczos);
   CHECK(arrived.options.background.blue == 3);
   CHECK(arrived.options.reading.limits.max_frames == 7);
   REQUIRE(arrived.metrics.size() == 1);
   CHECK_FALSE(arrived.metrics[0].plugin.trusted);
   CHECK_FALSE(arrived.metrics[0].values[0].text);
   CHECK(arrived.metrics[0].values[1].text == "b");
   CHECK(arrived.metrics[0].columns[0].output == 1);
   CHECK(arrived.metrics[0].fingerprint == "tool 2");
}

TEST_CASE("what is cut short, or claims more than there is, is no message") {
   results::comparison found;
   found.reference.warnings = {"one", "two"};
   writer into;
   into(found);
   const std::string bytes = into.take();
   for (std::size_t length = 0; length < bytes.size(); ++length) {
      reader from(std::string_view(bytes).substr(0, length));
      CHECK_THROWS_AS(from.one<results::comparison>(), malformed);
   }
   const std::string endless(8, '\xff');
   reader text(endless);
   CHECK_THROWS_AS(text.one<std::string>(), malformed);
   reader list(endless);
   CHECK_THROWS_AS(list.one<std::vector<double>>(), malformed);
}
