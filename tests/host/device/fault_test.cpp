// A fault that stays. A program of its own: nothing on a device works in this process afterwards.

#include "device/lazy_device.hpp"
#include "device/picture_forms.hpp"
#include "fault.hpp"
#include "pictures.hpp"

#include <doctest/doctest.h>

using namespace giflab;
using namespace giflab::tests;

TEST_CASE("on the device: after a fault that stays everything fails in words, and nothing hangs") {
   const auto later = device::cuda_device_later(0);
   if (const std::string absence = later->absence(); !absence.empty()) {
      MESSAGE("skipped: no CUDA device: " << absence);
      return;
   }
   const auto opened = later->get();
   REQUIRE(opened);
   device::device &on = **opened;
   const auto source = indexed_picture(64, 48, 1);
   device::picture_forms made_before(source, {}, source->changed.area, nullptr);
   REQUIRE(made_before.prepare(on, GIFLAB_BIT(GIFLAB_RGB8)));
   auto lane = on.open_lane();
   REQUIRE(lane);
   (*lane)->enter();
   REQUIRE((*lane)->scratch(1000));
   CHECK_FALSE(on.lost());

   launch_fault(static_cast<cudaStream_t>((*lane)->stream()));
   const auto left = (*lane)->leave();
   REQUIRE_FALSE(left);
   MESSAGE(left.error().text);
   CHECK(left.error().text.find("cuda:0 failed while running a kernel: ") == 0);
   CHECK(on.lost());
   CHECK(later->absence() == "cuda:0 failed for good earlier in this run");
   CHECK_FALSE(on.open_lane());
   device::picture_forms made_after(source, {}, source->changed.area, nullptr);
   CHECK_FALSE(made_after.prepare(on, GIFLAB_BIT(GIFLAB_RGB8)));
}
