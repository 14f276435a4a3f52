// Whole networks with generated weights: what holds whatever they were trained on.

#include "fake_host.hpp"
#include "weights.hpp"

#include <doctest/doctest.h>

namespace giflab::test {
namespace {

using lpips::arithmetic;

const generated_network &made_squeeze() {
   static const generated_network made(lpips::squeeze);
   return made;
}

double distance(const picture &a, const picture &b, arithmetic choice, fake_call &call) {
   const fake_image first(a, 0, 0xAA), second(b, 1, 0x55);
   return made_squeeze().network.compare(call.c, first.image, second.image, choice).total;
}
double distance(const picture &a, const picture &b, arithmetic choice = arithmetic::vector) {
   fake_call call;
   return distance(a, b, choice, call);
}

TEST_CASE("the vectors agree with the plain twin, and equal pictures differ by nothing") {
   for (const size area : {size{17, 17}, size{18, 40}, size{61, 23}})
      for (const picture_pair &pair : hard_pairs(area.width, area.height)) {
         INFO(pair.name, " ", area.width, "x", area.height);
         const double plain = distance(pair.reference, pair.distorted, arithmetic::scalar);
         CHECK(distance(pair.reference, pair.distorted) == doctest::Approx(plain).epsilon(1e-5).scale(1e-3));
         for (const arithmetic choice : {arithmetic::scalar, arithmetic::vector})
            CHECK(distance(pair.distorted, pair.distorted, choice) == 0);
      }
}

TEST_CASE("more damage is more distance") {
   const picture reference = natural_pair(90, 70).reference;
   double before = 0;
   for (const int most : {2, 6, 18, 54, 120}) {
      const double now = distance(reference, noisy(reference, most));
      CHECK(now > before);
      before = now;
   }
}

TEST_CASE("the least sizes are those at which every step has a result") {
   CHECK(lpips::least_extent(lpips::squeeze) == 17);
   CHECK(lpips::least_extent(lpips::vgg) == 16);
   CHECK(lpips::least_extent(lpips::alex) == 31);
   const picture_pair pair = natural_pair(17, 17);
   CHECK(distance(pair.reference, pair.distorted) > 0);
}

TEST_CASE("scratch is what the tables say for each pixel") {
   const generated_network made_alex(lpips::alex);
   const struct {
      const char *id;
      const lpips::network &network;
   } cases[] = {{"org.giflab.lpips", made_squeeze().network}, {"org.giflab.lpips_alex", made_alex.network}};
   for (const auto &[id, network] : cases)
      for (const size area : {size{64, 48}, size{500, 500}, size{1920, 1080}}) {
         CAPTURE(id);
         const double pixels = static_cast<double>(area.width) * area.height;
         const auto bytes = static_cast<double>(network.scratch_bytes(area.width, area.height));
         const uint32_t declared = plugin_of("lpips", id).bytes_per_pixel;
         CHECK(bytes / pixels <= 1.25 * declared);
         CHECK(bytes / pixels >= 0.25 * declared);
      }
}

// giflab.tasks/1 that runs the last task first.
giflab_status run_backwards(const giflab_call *, uint32_t count,
                            giflab_status (*body)(void *, uint32_t, uint32_t) GIFLAB_ENTRY,
                            void *user) noexcept {
   for (uint32_t i = count; i-- > 0;)
      if (const giflab_status status = body(user, i, 0); status != GIFLAB_OK)
         return status;
   return GIFLAB_OK;
}

TEST_CASE("tasks in any order give the same bits") {
   static const giflab_tasks tasks = {run_backwards, [](const giflab_call *) noexcept { return 1u; }};
   const picture_pair pair = natural_pair(131, 97);
   fake_call call;
   call.host.query = [](const giflab_host *, const char *id) noexcept -> const void * {
      return std::strcmp(id, GIFLAB_TASKS) == 0 ? &tasks : nullptr;
   };
   for (const arithmetic choice : {arithmetic::scalar, arithmetic::vector})
      CHECK(distance(pair.reference, pair.distorted, choice, call) ==
            distance(pair.reference, pair.distorted, choice));
   call.polls_until_cancelled = 40;
   CHECK_THROWS_AS(distance(pair.reference, pair.distorted, arithmetic::vector, call), failure);
}

TEST_CASE("a comparison stops at whichever poll says so") {
   const picture_pair pair = natural_pair(64, 48);
   fake_call counting;
   counting.polls_until_cancelled = 1 << 20;
   distance(pair.reference, pair.distorted, arithmetic::vector, counting);
   const int polls = (1 << 20) - *counting.polls_until_cancelled;
   CHECK(polls > 100);
   for (int after = 0; after < polls; after += 1 + polls / 20) {
      fake_call call;
      call.polls_until_cancelled = after;
      try {
         distance(pair.reference, pair.distorted, arithmetic::vector, call);
         FAIL("it went on after poll ", after);
      } catch (const failure &stopped) {
         CHECK(stopped.status() == GIFLAB_CANCELLED);
      }
   }
}

} // namespace
} // namespace giflab::test
