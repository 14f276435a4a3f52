// What only a CUDA device can show. Says so, and checks nothing, where there is none.

#include "device/lazy_device.hpp"
#include "device/probe.hpp"
#include "forms_check.hpp"

#include <cuda_runtime.h>

using namespace giflab;
using namespace giflab::tests;

namespace {

// Null, and said once, where there is no device.
device::device *the_device() {
   static const std::unique_ptr<device::lazy_device> later = device::cuda_device_later(0);
   static const std::string absence = later->absence();
   if (!absence.empty()) {
      MESSAGE("skipped: no CUDA device: " << absence);
      return nullptr;
   }
   const auto opened = later->get();
   REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().text));
   return *opened;
}

std::vector<std::byte> read_back(const void *from, std::size_t bytes) {
   std::vector<std::byte> here(bytes);
   REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
   REQUIRE(cudaMemcpy(here.data(), from, bytes, cudaMemcpyDeviceToHost) == cudaSuccess);
   return here;
}

constexpr std::pair<int32_t, int32_t> device_sizes[] = {{1, 1},    {7, 5},     {85, 3},
                                                        {101, 37}, {640, 480}, {3, 1100}};

} // namespace

TEST_CASE("on the device: every form is the host's") {
   device::device *on = the_device();
   if (!on)
      return;
   for (const auto &[width, height] : device_sizes)
      for (const media::colour background : {media::colour{}, media::colour{10, 100, 250}})
         for (const bool indexed : {true, false}) {
            CAPTURE(width);
            CAPTURE(height);
            CAPTURE(indexed);
            const media::picture_pointer source =
                indexed ? indexed_picture(width, height, 3) : full_colour_picture(width, height, 3);
            device::picture_forms forms(source, background, source->changed.area, nullptr);
            const auto made = forms.prepare(*on, every_form);
            REQUIRE_MESSAGE(made, (made ? "" : made.error().text));
            check_forms(source, forms, background, read_back);
         }
}

TEST_CASE("on the device: what changed goes up alone") {
   device::device *on = the_device();
   if (!on)
      return;
   auto last = indexed_picture(640, 480, 1);
   auto before = std::make_shared<device::picture_forms>(last, media::colour{}, last->changed.area, nullptr);
   for (const media::rectangle area : {media::rectangle{3, 5, 200, 100}, media::rectangle{639, 479, 1, 1},
                                       media::rectangle{}, media::rectangle{0, 0, 640, 1}}) {
      auto next = repainted(*last, area);
      auto after = std::make_shared<device::picture_forms>(next, media::colour{}, area, before);
      REQUIRE(after->prepare(*on, every_form));
      before = after; // the one before is let go while its copy may still be under way
      last = next;
      check_forms(next, *after, {}, read_back);
   }
}

TEST_CASE("on the device: nothing is written outside a picture's block") {
   device::device *on = the_device();
   if (!on)
      return;
   constexpr int32_t width = 85, height = 3;
   constexpr std::size_t guard = 4096;
   for (const bool indexed : {true, false}) {
      const auto source = full_colour_picture(width, height, 5);
      const auto laid = device::lay_out_forms(width, height, indexed, GIFLAB_BIT(GIFLAB_RGB8));
      std::vector<std::byte> pattern(laid.bytes + 2 * guard, std::byte{0x5A});
      auto *block = static_cast<std::byte *>(on->allocate(pattern.size()));
      REQUIRE(block);
      REQUIRE(on->upload({block, pattern.size(), pattern.data(), pattern.size(), pattern.size(), 1, true}));
      device::wanted_planes to{};
      to.rgb8 = reinterpret_cast<uint8_t *>(block + guard + laid.planes[GIFLAB_RGB8][0]);
      to.stride_of_1 = laid.stride_of_1;
      to.stride_of_3 = laid.stride_of_3;
      to.stride_of_4 = laid.stride_of_4;
      to.width = width;
      to.height = height;
      auto *tables = static_cast<media::palette_tables *>(on->allocate(sizeof(media::palette_tables)));
      const auto done =
          indexed ? on->expand(reinterpret_cast<const uint8_t *>(block + guard + laid.source), tables, to)
                  : on->convert(reinterpret_cast<const uint32_t *>(block + guard + laid.source), {}, to);
      REQUIRE(done);
      const auto found = read_back(block, pattern.size());
      const auto untouched = [](std::byte byte) { return byte == std::byte{0x5A}; };
      const auto end = static_cast<std::ptrdiff_t>(guard + laid.bytes);
      CHECK(std::all_of(found.begin(), found.begin() + guard, untouched));
      CHECK(std::all_of(found.begin() + end, found.end(), untouched));
      on->release(tables);
      on->release(block);
   }
}

TEST_CASE("on the device: a lane has a stream, a context and scratch memory that comes back") {
   device::device *on = the_device();
   if (!on)
      return;
   auto lane = on->open_lane();
   REQUIRE(lane);
   (*lane)->enter();
   CHECK((*lane)->context() != nullptr);
   CHECK((*lane)->stream() != nullptr);
   CHECK((*lane)->ordinal() == 0);
   const auto stream = static_cast<cudaStream_t>((*lane)->stream());
   void *first = nullptr;
   for (int round = 0; round < 3; ++round) {
      std::vector<void *> taken;
      for (const std::size_t bytes : {std::size_t{1}, std::size_t{1000}, std::size_t{5'000'000}}) {
         taken.push_back((*lane)->scratch(bytes));
         REQUIRE(taken.back());
         CHECK(reinterpret_cast<uintptr_t>(taken.back()) % 256 == 0);
         CHECK(cudaMemsetAsync(taken.back(), round, bytes, stream) == cudaSuccess);
      }
      CHECK((*lane)->leave());
      if (round == 1)
         first = taken.front();
      if (round == 2)
         CHECK(taken.front() == first); // kept for the next call
   }
   CHECK((*lane)->scratch(std::size_t{1} << 50) == nullptr); // and no error stays behind
   CHECK((*lane)->leave());
   CHECK_FALSE(on->lost());
}

TEST_CASE("on the device: memory that pictures took comes back") {
   device::device *on = the_device();
   if (!on)
      return;
   const auto source = indexed_picture(640, 480, 1);
   std::size_t free_after_first = 0;
   for (int round = 0; round < 50; ++round) {
      device::picture_forms forms(source, {}, source->changed.area, nullptr);
      REQUIRE(forms.prepare(*on, every_form));
      std::size_t free = 0, total = 0;
      REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
      REQUIRE(cudaMemGetInfo(&free, &total) == cudaSuccess);
      if (round == 5)
         free_after_first = free;
      if (round > 5)
         CHECK(free >= free_after_first);
   }
}
