#pragma once
// Files of named arrays of numbers: https://github.com/huggingface/safetensors, "Format".

#include <cstddef>
#include <cstdint>
#include <giflab/plugin.hpp>
#include <map>
#include <span>
#include <string>

namespace giflab::lpips {

// A safetensors file in memory that belongs to the caller and outlives this. Any bytes may be given: what is no
// such file throws giflab::failure(GIFLAB_IO) with a sentence that says what is wrong. [any thread]
class safetensors {
 public:
   // Reads the header. The tensors must cover the data that follows it without a gap or an overlap.
   explicit safetensors(std::span<const std::byte> file);

   // The numbers of a float32 tensor of exactly this shape, the last dimension running fastest; they stay where
   // they are in the file. Throws where there is no such tensor.
   std::span<const float> floats(const std::string &name, std::span<const int64_t> shape) const;

   size_t tensor_count() const { return tensors_.size(); }

 private:
   struct tensor {
      std::string type;  // "F32"
      std::string shape; // "[64,3,3,3]"
      size_t begin, end; // in data_
   };
   void check_cover() const;

   std::span<const std::byte> data_;
   std::map<std::string, tensor> tensors_;
};

} // namespace giflab::lpips
