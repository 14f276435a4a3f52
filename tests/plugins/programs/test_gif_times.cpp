// Times in GIFs, byte by byte.

#include <doctest/doctest.h>
#include <giflab/plugin.hpp>
#include <giflab_programs/gif_times.hpp>

using namespace giflab::programs;

namespace {

using delays = std::vector<uint64_t>;

std::string text(std::initializer_list<int> bytes) {
   std::string made;
   for (const int byte : bytes)
      made += static_cast<char>(byte);
   return made;
}

std::string control(int delay) { return text({0x21, 0xF9, 4, 0, delay & 255, delay >> 8, 0, 0}); }

// One pixel, with a palette of its own or without.
std::string image(bool local = false) {
   return text({0x2C, 0, 0, 0, 0, 1, 0, 1, 0, local ? 0x80 : 0}) + (local ? std::string(6, '\x11') : "") +
          text({2, 2, 0x44, 1, 0});
}

std::string head() { return "GIF89a" + text({1, 0, 1, 0, 0x80, 0, 0}) + std::string(6, '\0'); }

std::string netscape(int repeats) {
   return text({0x21, 0xFF, 11}) + "NETSCAPE2.0" + text({3, 1, repeats & 255, repeats >> 8, 0});
}

std::string comment() { return text({0x21, 0xFE, 3}) + "hi," + text({0}); }

} // namespace

TEST_CASE("delays and repeats are found among comments and palettes") {
   const std::string gif =
       head() + netscape(300) + control(7) + image() + comment() + control(1000) + image(true) + image() + ";";
   const gif_times found = times_of(gif);
   CHECK(found.delays == std::vector<uint16_t>{7, 1000, 0});
   CHECK(found.repeats == 300);
   CHECK(found.total() == 1007);
   CHECK_FALSE(times_of(head() + image() + ";").repeats.has_value());
}

TEST_CASE("other delays change their bytes and no others") {
   const std::string gif = head() + control(7) + image(true) + comment() + control(9) + image() + ";";
   CHECK(with_delays(gif, {300, 65535}) ==
         head() + control(300) + image(true) + comment() + control(65535) + image() + ";");
   CHECK(held_until(gif, 1000) == head() + control(7) + image(true) + comment() + control(993) + image() + ";");
   CHECK_THROWS_AS(with_delays(gif, {1}), giflab::failure);
   CHECK_THROWS_AS(with_delays(gif, {1, 2, 3}), giflab::failure);
   CHECK_THROWS_AS(with_delays(gif, {1, 65536}), giflab::failure);
   CHECK_THROWS_AS(with_delays(head() + image() + ";", {5}), giflab::failure); // no place for it
   CHECK(with_delays(head() + image() + ";", {0}) == head() + image() + ";");
   CHECK_THROWS_AS(held_until(gif, 6), giflab::failure);
}

TEST_CASE("a file that ends early gives its whole frames, and nothing is read behind it") {
   const std::string gif = head() + netscape(1) + control(7) + image() + control(9) + image(true) + ";";
   for (std::size_t length = 0; length < gif.size(); ++length) {
      CAPTURE(length);
      const std::string cut = gif.substr(0, length);
      try {
         const gif_times found = times_of(cut);
         CHECK(found.delays.size() >= 1);
         CHECK(found.delays.size() <= 2);
      } catch (const giflab::failure &refused) {
         CHECK(refused.status() == GIFLAB_UNSUPPORTED);
      }
   }
   CHECK_THROWS_AS(times_of("PNG is something else"), giflab::failure);
   CHECK_THROWS_AS(times_of(""), giflab::failure);
}

TEST_CASE("kept frames take over the time of those that go") {
   CHECK(evenly_kept(10, 1).size() == 10);
   CHECK(evenly_kept(10, 0.5) == std::vector<std::size_t>{0, 2, 4, 6, 8});
   CHECK(evenly_kept(10, 0.01) == std::vector<std::size_t>{0});
   CHECK(evenly_kept(1, 0.5) == std::vector<std::size_t>{0});
   CHECK(evenly_kept(100, 0.29).size() == 29);
   CHECK(delays_of_kept({1, 20, 300, 4000}, {0, 2}) == delays{21, 4300});
   CHECK(delays_of_kept({1, 20, 300, 4000}, {0}) == delays{4321});
}
