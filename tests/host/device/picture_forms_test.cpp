// Forms on a device, with a device of host memory under them: the very code that kernels run.

#include "fake_device.hpp"
#include "forms_check.hpp"

#include <thread>

using namespace giflab;
using namespace giflab::tests;

namespace {

std::vector<std::byte> read_here(const void *from, std::size_t bytes) {
   const auto *begin = static_cast<const std::byte *>(from);
   return {begin, begin + bytes};
}

constexpr std::pair<int32_t, int32_t> sizes[] = {{1, 1}, {7, 5}, {85, 3}, {101, 37}, {256, 2}};

} // namespace

TEST_CASE("every form on a device is the host's, of indexed and of full-colour pictures") {
   fake_counts counts;
   fake_device on(counts);
   for (const auto &[width, height] : sizes)
      for (const media::colour background : {media::colour{}, media::colour{10, 100, 250}})
         for (const bool indexed : {true, false}) {
            CAPTURE(width);
            CAPTURE(indexed);
            const media::picture_pointer source =
                indexed ? indexed_picture(width, height, 3) : full_colour_picture(width, height, 3);
            device::picture_forms forms(source, background, source->changed.area, nullptr);
            REQUIRE(forms.prepare(on, every_form));
            check_forms(source, forms, background, read_here);
         }
   CHECK(counts.blocks == 0);
}

TEST_CASE("planes lie apart, with room for what a conversion touches behind a row") {
   for (const auto &[width, height] : sizes)
      for (const bool indexed : {true, false}) {
         const device::form_layout laid = device::lay_out_forms(width, height, indexed, every_form);
         const std::size_t touched = 4 * static_cast<std::size_t>((width + 3) / 4);
         CHECK(laid.stride_of_1 >= touched);
         CHECK(laid.stride_of_3 >= 3 * touched);
         CHECK(laid.stride_of_4 >= 4 * touched);
         std::vector<std::pair<std::size_t, std::size_t>> spans{
             {laid.source, (indexed ? laid.stride_of_1 : laid.stride_of_4) * static_cast<std::size_t>(height)}};
         for (uint32_t form = 0; form < media::representation_count; ++form)
            for (std::size_t i = 0; laid.made & GIFLAB_BIT(form) && i < media::plane_count(form); ++i) {
               const std::size_t bytes = media::bytes_per_pixel(form);
               const std::size_t stride =
                   bytes == 1 ? laid.stride_of_1 : (bytes == 3 ? laid.stride_of_3 : laid.stride_of_4);
               spans.push_back({laid.planes[form][i], stride * static_cast<std::size_t>(height)});
            }
         std::ranges::sort(spans);
         for (std::size_t i = 0; i < spans.size(); ++i) {
            CHECK(spans[i].first % 256 == 0);
            CHECK(spans[i].first + spans[i].second <= (i + 1 < spans.size() ? spans[i + 1].first : laid.bytes));
         }
      }
}

TEST_CASE("a conversion writes into its planes and nowhere else") {
   constexpr int32_t width = 85, height = 3;
   constexpr std::size_t guard = 256;
   const auto source = indexed_picture(width, height, 5);
   const auto laid = device::lay_out_forms(width, height, true, every_form);
   media::palette_tables tables;
   media::fill_tables(*source, {}, every_form, tables);
   std::vector<uint8_t> indices(laid.stride_of_1 * height);
   for (int32_t y = 0; y < height; ++y)
      std::copy_n(source->indexed()->indices.row<uint8_t>(y), width,
                  indices.data() + static_cast<std::size_t>(y) * laid.stride_of_1);
   struct alignas(256) line {
      std::byte bytes[256];
   };
   std::vector<line> memory((laid.stride_of_3 * height + 2 * guard) / sizeof(line));
   std::memset(memory.data(), 0xA5, memory.size() * sizeof(line));
   device::wanted_planes to{};
   to.rgb8 = reinterpret_cast<uint8_t *>(memory.data()) + guard;
   to.stride_of_1 = laid.stride_of_1;
   to.stride_of_3 = laid.stride_of_3;
   to.stride_of_4 = laid.stride_of_4;
   for (int32_t y = 0; y < height; ++y)
      for (int32_t x = 0; x < width; x += 4)
         device::expand_four(indices.data(), tables, to, x, y);
   const auto *bytes = reinterpret_cast<const uint8_t *>(memory.data());
   const auto untouched = [](uint8_t byte) { return byte == 0xA5; };
   CHECK(std::all_of(bytes, bytes + guard, untouched));
   CHECK(
       std::all_of(bytes + guard + laid.stride_of_3 * height, bytes + memory.size() * sizeof(line), untouched));
}

TEST_CASE("a picture that changed little goes up as what changed, and gives the same forms") {
   fake_counts counts;
   fake_device on(counts);
   const auto first = indexed_picture(101, 37, 1);
   for (const media::rectangle area :
        {media::rectangle{3, 5, 20, 10}, media::rectangle{99, 36, 2, 1}, media::rectangle{}}) {
      const auto second = repainted(*first, area);
      const auto before =
          std::make_shared<device::picture_forms>(first, media::colour{}, first->changed.area, nullptr);
      device::picture_forms after(second, {}, area, before);
      REQUIRE(before->prepare(on, every_form));
      counts.uploaded_bytes = 0;
      REQUIRE(after.prepare(on, every_form));
      CHECK(counts.uploaded_bytes == area.width * area.height); // no palette, no other pixel
      check_forms(second, after, {}, read_here);
   }
   CHECK(counts.copies == 3);
   CHECK(counts.blocks == 0);
}

TEST_CASE("a picture goes up whole where too much changed, the palette did, or none was before it") {
   fake_counts counts;
   fake_device on(counts);
   const auto first = indexed_picture(101, 37, 1);
   const auto uploaded = [&](const media::picture_pointer &second, media::rectangle area, bool keep) {
      auto before =
          std::make_shared<device::picture_forms>(first, media::colour{}, first->changed.area, nullptr);
      device::picture_forms after(second, {}, area, before);
      if (!keep)
         before = nullptr;
      counts.uploaded_bytes = 0;
      if (before)
         REQUIRE(before->prepare(on, every_form));
      const int64_t of_first = counts.uploaded_bytes;
      REQUIRE(after.prepare(on, every_form));
      check_forms(second, after, {}, read_here);
      return counts.uploaded_bytes - of_first;
   };
   constexpr int64_t whole = 101 * 37, tables = sizeof(media::palette_tables);
   const media::rectangle most{0, 0, 101, 30}, little{1, 1, 4, 4};
   CHECK(uploaded(repainted(*first, most), most, true) == whole);
   CHECK(uploaded(repainted(*first, little), little, false) == whole + tables);
   const auto other_palette = repainted(*first, little);
   other_palette->indexed()->palette.row<uint32_t>(0)[200] ^= 1;
   fill_from_indices(*other_palette);
   CHECK(uploaded(other_palette, little, true) == whole + tables);
}

TEST_CASE("whoever comes first makes the forms, and nobody else") {
   fake_counts counts;
   fake_device on(counts);
   const auto source = full_colour_picture(64, 48, 1);
   device::picture_forms forms(source, {}, source->changed.area, nullptr);
   std::vector<std::thread> threads;
   for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] { static_cast<void>(forms.prepare(on, GIFLAB_BIT(GIFLAB_RGB8))); });
   for (std::thread &each : threads)
      each.join();
   CHECK(counts.uploads == 1);
   CHECK(counts.conversions == 1);
   CHECK(forms.views()[GIFLAB_RGB8] != nullptr);
   CHECK(forms.views()[GIFLAB_LUMA8] == nullptr);
}
