#include "model_files/tensor.hpp"

#include "config/printable.hpp"
#include "model_files/refusal.hpp"

#include <fmt/format.h>

#include <array>

namespace giflab::model_files {

namespace {

constexpr std::array<element_type, 10> types{{{"F32", "FloatStorage", 4},
                                              {"F16", "HalfStorage", 2},
                                              {"BF16", "BFloat16Storage", 2},
                                              {"F64", "DoubleStorage", 8},
                                              {"I64", "LongStorage", 8},
                                              {"I32", "IntStorage", 4},
                                              {"I16", "ShortStorage", 2},
                                              {"I8", "CharStorage", 1},
                                              {"U8", "ByteStorage", 1},
                                              {"BOOL", "BoolStorage", 1}}};

bool is_dense(const tensor &one) {
   uint64_t expected = 1;
   for (std::size_t i = one.shape.size(); i-- > 0; expected *= one.shape[i])
      if (one.shape[i] != 1 && one.strides[i] != expected)
         return false;
   return true;
}

} // namespace

std::span<const element_type> element_types() { return types; }

uint64_t count_of(const tensor &one) {
   uint64_t count = 1;
   for (const uint64_t extent : one.shape)
      count *= extent;
   return count;
}

void check_tensor(const tensor &one) {
   const uint64_t there = one.storage.size() / one.type->bytes;
   const auto refuse = [&](const char *what) {
      throw refusal(fmt::format("the tensor {} {}", config::in_quotes(one.name), what));
   };
   if (one.shape.size() > most_dimensions || one.strides.size() != one.shape.size())
      refuse("has more than 8 dimensions, or not a stride for each");
   uint64_t count = 1, last = one.offset;
   bool overflow = false, empty = false;
   for (std::size_t i = 0; i < one.shape.size(); ++i) {
      empty = empty || one.shape[i] == 0;
      uint64_t reach = 0;
      overflow |= __builtin_mul_overflow(count, one.shape[i], &count);
      overflow |= __builtin_mul_overflow(one.shape[i] == 0 ? 0 : one.shape[i] - 1, one.strides[i], &reach);
      overflow |= __builtin_add_overflow(last, reach, &last);
   }
   if (overflow || count > there)
      refuse("claims more numbers than its storage has");
   if (empty ? one.offset > there : last >= there)
      refuse("reaches out of its storage");
}

void append_numbers(const tensor &one, std::vector<std::byte> &bytes) {
   const std::size_t size = one.type->bytes;
   const uint64_t count = count_of(one);
   const std::byte *first = one.storage.data() + one.offset * size;
   if (count == 0 || is_dense(one)) {
      bytes.insert(bytes.end(), first, first + count * size);
      return;
   }
   std::array<uint64_t, most_dimensions> index{};
   for (uint64_t i = 0; i < count; ++i) {
      uint64_t at = 0;
      for (std::size_t d = 0; d < one.shape.size(); ++d)
         at += index[d] * one.strides[d];
      bytes.insert(bytes.end(), first + at * size, first + (at + 1) * size);
      for (std::size_t d = one.shape.size(); d-- > 0 && ++index[d] == one.shape[d];)
         index[d] = 0;
   }
}

} // namespace giflab::model_files
