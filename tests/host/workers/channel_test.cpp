#include "workers/channel.hpp"

#include "workers/wire.hpp"

#include <doctest/doctest.h>

#include <sys/socket.h>

#include <thread>

using namespace giflab;
using workers::channel;

namespace {

std::pair<channel, channel> both_ends() {
   int ends[2];
   REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
   return {channel(services::descriptor(ends[0])), channel(services::descriptor(ends[1]))};
}

} // namespace

TEST_CASE("messages arrive whole, in order, of any size") {
   auto [here, there] = both_ends();
   const std::string large(5'000'000, 'x');
   std::jthread sender([&sending = there, &large] {
      CHECK(sending.send(""));
      CHECK(sending.send("a"));
      CHECK(sending.send(large));
   });
   CHECK(here.wait() == "");
   CHECK(here.wait() == "a");
   CHECK(here.wait() == large);
   CHECK_FALSE(here.take());
   CHECK_FALSE(here.gone());
}

TEST_CASE("what was sent before the end is not lost, and a part is no message") {
   auto [here, there] = both_ends();
   CHECK(there.send("last words"));
   REQUIRE(send(there.socket(), "gifl", 4, 0) == 4);
   there.finish();
   CHECK(here.take() == "last words");
   CHECK_FALSE(here.take());
   CHECK(here.gone());
   CHECK_FALSE(here.wait());
   CHECK_FALSE(here.send("anybody?"));
}

TEST_CASE("what nobody sent as a message is none, however little of it there is") {
   const std::string huge = [] {
      auto [here, there] = both_ends();
      CHECK(there.send(""));
      std::string framed(100, 0);
      framed.resize(static_cast<std::size_t>(recv(here.socket(), framed.data(), framed.size(), 0)));
      return framed.replace(framed.size() - 8, 8, std::string(8, '\x7f'));
   }();
   for (const std::string &words : {std::string("garbage garbage garbage"), std::string("g\n"), huge}) {
      auto [here, there] = both_ends();
      REQUIRE(send(there.socket(), words.data(), words.size(), 0) == static_cast<ssize_t>(words.size()));
      CHECK_THROWS_AS(here.take(), workers::malformed);
      CHECK_THROWS_AS(here.wait(), workers::malformed);
   }
}
