#pragma once
// Named arrays of numbers, as files of weights hold them.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace giflab::model_files {

// A type of numbers: its name in safetensors, the storage in PyTorch, and its size in bytes.
struct element_type {
   std::string_view name, torch_storage;
   std::size_t bytes;
};
std::span<const element_type> element_types();

constexpr std::size_t most_dimensions = 8;

// A view of numbers in a file's bytes, which outlive it. Little-endian.
struct tensor {
   std::string name;
   const element_type *type = nullptr; // one of element_types()
   std::vector<uint64_t> shape;
   std::vector<uint64_t> strides; // in numbers
   uint64_t offset = 0;           // of the first number in `storage`, in numbers
   std::span<const std::byte> storage;
};

// How many numbers it has. It fits: check_tensor has seen to that.
uint64_t count_of(const tensor &one);

// Throws refusal unless every number lies within the storage and the tensor has no more of them than the
// storage, so that strides of 0 cannot make much out of little.
void check_tensor(const tensor &one);

// Adds the numbers in the order of the indices, the last running fastest. After check_tensor.
void append_numbers(const tensor &one, std::vector<std::byte> &bytes);

} // namespace giflab::model_files
