// A limit of memory: what is promised, what is refused, and with which words.

#include "engine/compare.hpp"
#include "engine/memory_needs.hpp"
#include "synthetic_clips.hpp"

#include <doctest/doctest.h>

#include <regex>

using namespace giflab;
using engine_tests::plugins;

namespace {

result<results::comparison> compare(const std::string &file, const std::vector<std::string> &metrics,
                                    std::size_t limit) {
   const services::cancellation never;
   engine::lending lent;
   lent.memory = {limit};
   engine::machine on(4, never, std::move(lent));
   const auto plan = engine::select_metrics(plugins(), metrics, {}, &on);
   REQUIRE(plan);
   return engine::compare(file, file, *plan, {}, on, nullptr);
}

} // namespace

TEST_CASE("a limit that is too small is one sentence with the least that would do, and that does") {
   const std::string shown = engine_tests::gif(640, 480, 3);
   const auto refused = compare(shown, {"default"}, std::size_t{1} << 20);
   REQUIRE_FALSE(refused);
   CHECK(refused.error().kind == problem::usage);
   CAPTURE(refused.error().text);
   std::smatch least;
   REQUIRE(
       std::regex_search(refused.error().text, least, std::regex("a limit of (\\d+) MiB of memory at least")));
   CHECK(refused.error().text.find("GIFLAB_MAX_MEMORY_MB allows 1 MiB") != std::string::npos);
   const std::size_t enough = std::stoul(least[1]) << 20;
   // Something more for what this process took meanwhile.
   CHECK(compare(shown, {"mse"}, enough + (std::size_t{32} << 20)));
   CHECK_FALSE(compare(shown, {"mse"}, enough / 2));
}

TEST_CASE("a limit that is named for a share is the next one that is enough") {
   constexpr std::size_t mebibyte = std::size_t{1} << 20;
   for (const std::size_t most : {1, 2, 3, 8})
      for (const std::size_t limit : {1, 20, 200, 310, 1000})
         for (const std::size_t wanted : {12, 140, 151, 280, 600}) {
            engine::memory_share share{limit * mebibyte, 9 * mebibyte, most};
            CAPTURE(most);
            CAPTURE(limit);
            CAPTURE(wanted);
            if (share.own() >= wanted * mebibyte)
               continue;
            const std::size_t named = share.limit_for(wanted * mebibyte);
            while ((share.limit += mebibyte) < named)
               CHECK(share.own() < wanted * mebibyte);
            CHECK(share.limit == named);
            CHECK(share.own() >= wanted * mebibyte);
         }
   CHECK(engine::memory_share{0, 9, 3}.own() == 0);
   CHECK(engine::memory_share{0, 9, 3}.at_once() == 3);
}

TEST_CASE("a metric that would not fit is unavailable, and the others are there") {
   const std::string shown = engine_tests::gif(640, 480, 3);
   const auto found = compare(shown, {"mse", "hungry"}, std::size_t{1} << 30);
   REQUIRE(found);
   CHECK(found->metrics[0].status == results::status::present);
   CHECK(found->metrics[1].status == results::status::unavailable);
   CAPTURE(found->metrics[1].reason);
   CHECK(found->metrics[1].reason.find("takes some 292969 MiB for pictures of 640x480") != std::string::npos);
   CHECK(found->metrics[1].reason.find("GIFLAB_MAX_MEMORY_MB allows 1024 MiB") != std::string::npos);
}

TEST_CASE("values do not depend on how little memory there is") {
   const std::string shown = engine_tests::gif(640, 480, 3);
   const auto plain = compare(shown, {"default"}, 0),
              tight = compare(shown, {"default"}, std::size_t{512} << 20);
   REQUIRE(plain);
   REQUIRE(tight);
   REQUIRE(plain->metrics.size() == tight->metrics.size());
   for (std::size_t i = 0; i < plain->metrics.size(); ++i)
      CHECK(plain->metrics[i].value == tight->metrics[i].value);
}

TEST_CASE("forms are counted as they are made") {
   CHECK(engine::picture_bytes(100, 0) == 500);
   CHECK(engine::picture_bytes(100, GIFLAB_BIT(GIFLAB_RGBA8) | GIFLAB_BIT(GIFLAB_INDEX8)) == 500);
   CHECK(engine::picture_bytes(100, GIFLAB_BIT(GIFLAB_RGB8)) == 800);
   CHECK(engine::picture_bytes(100, GIFLAB_BIT(GIFLAB_LUMA8)) == 900); // through RGB8, without a palette
   CHECK(engine::picture_bytes(100, GIFLAB_BIT(GIFLAB_XYB_F32) | GIFLAB_BIT(GIFLAB_RGB8)) == 2000);
}
