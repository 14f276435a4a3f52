// Files of weights that are not well are refused in words.

#include "safetensors.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <doctest/doctest.h>
#include <vector>

namespace giflab::lpips {
namespace {

// A length, a header and `data` bytes of floats 0, 1, 2, ...
std::vector<std::byte> file_of(std::string header, size_t data) {
   while (header.size() % 8 != 0)
      header += ' ';
   std::vector<std::byte> file(8 + header.size() + data);
   const uint64_t length = header.size();
   std::memcpy(file.data(), &length, 8);
   std::memcpy(file.data() + 8, header.data(), header.size());
   for (size_t i = 0; i < data / 4; ++i) {
      const auto value = static_cast<float>(i);
      std::memcpy(file.data() + 8 + header.size() + 4 * i, &value, 4);
   }
   return file;
}

constexpr char good[] = R"({"__metadata__":{"a":"b"},"x":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
                        R"("y":{"dtype":"I64","shape":[1],"data_offsets":[24,32]}})";
constexpr std::array<int64_t, 2> two_by_three = {2, 3};

std::string refusal_of(std::span<const std::byte> file) {
   try {
      const safetensors opened(file);
      (void)opened.floats("x", two_by_three);
      return "taken";
   } catch (const giflab::failure &error) {
      CHECK(error.status() == GIFLAB_IO);
      return error.what();
   }
}

TEST_CASE("tensors stand where the header says") {
   const auto bytes = file_of(good, 32);
   const safetensors file(bytes);
   CHECK(file.tensor_count() == 2);
   const auto numbers = file.floats("x", two_by_three);
   REQUIRE(numbers.size() == 6);
   for (size_t i = 0; i < 6; ++i)
      CHECK(numbers[i] == static_cast<float>(i));
}

TEST_CASE("what is no such file is refused in words") {
   const std::string x = R"({"x":{"dtype":"F32","shape":[2,3],"data_offsets":)";
   const struct {
      std::string header;
      size_t data;
      const char *words;
   } cases[] = {
       {"", 32, "no JSON"},
       {"[1,2]", 32, "belongs to no description"},
       {"{\"x\":", 32, "no JSON"},
       {R"({"x":1})", 0, "belongs to no description"},
       {R"({"x":{"dtype":"F32","shape":[2,3]}})", 0, "lacks its dtype"},
       {x + "[0,24]}}", 20, "stands at bytes 0 to 24 of 20"},
       {x + "[24,0]}}", 24, "stands at bytes 24 to 0 of 24"},
       {x + "[0,18446744073709551615]}}", 24, "stands at bytes"},
       {x + "[0,99999999999999999999999]}}", 24, "belongs to no description"},
       {x + "[-1,24]}}", 24, "belongs to no description"},
       {x + "[0,24,24]}}", 24, "lacks its dtype"},
       {x + "[0,24],\"data_offsets\":[0,24]}}", 24, "belongs to no description"},
       {x + "[0,24]},\"x\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,24]}}", 24, "twice"},
       {x + "[0,24]},\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[20,24]}}", 24, "overlap"},
       {x + "[4,28]}}", 28, "gap at byte 0"},
       {x + "[0,24]}}", 28, "end at byte 24 of 28"},
       {x + "[0,20]}}", 20, "takes 20 bytes, and its shape 24"},
       {R"({"x":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]}})", 12, "'F16', and F32 is needed"},
       {R"({"x":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]}})", 24, "shape [3,2], and [2,3]"},
       {R"({"z":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}})", 24, "no tensor 'x'"},
       {R"({"x":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,24]}})", 24, "belongs to no"},
       {R"({"w":{"dtype":"I8","shape":[2],"data_offsets":[0,2]},)"
        R"("x":{"dtype":"F32","shape":[2,3],"data_offsets":[2,26]}})",
        26, "multiple of 4"},
       {R"({"x":{"dtype":"F32","shape":{"a":1},"data_offsets":[0,24]}})", 24, "belongs to no description"},
       {R"({"x":{"dtype":"F32","shape":[[2,3]],"data_offsets":[0,24]}})", 24, "belongs to no description"},
   };
   for (const auto &[header, data, words] : cases) {
      CAPTURE(header);
      const std::string told = refusal_of(file_of(header, data));
      CAPTURE(told);
      CHECK(told.find(words) != std::string::npos);
   }
}

TEST_CASE("a file that ends early is refused at every length") {
   const auto whole = file_of(good, 32);
   CHECK(refusal_of(whole) == "taken");
   for (size_t size = 0; size < whole.size(); ++size) {
      const std::vector<std::byte> part(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
      CHECK(refusal_of(part).starts_with("the weights are no usable safetensors file: "));
   }
   auto claims = whole;
   std::fill_n(claims.begin(), 8, std::byte{0xFF});
   CHECK(refusal_of(claims).find("claims 18446744073709551615 bytes") != std::string::npos);
}

} // namespace
} // namespace giflab::lpips
