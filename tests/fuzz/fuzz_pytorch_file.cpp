// Any bytes as a file of torch.save, or as safetensors.

#include "model_files/pytorch_file.hpp"
#include "model_files/safetensors_file.hpp"

#include <cstdlib>

namespace {

// Refused in words, or tensors whose numbers may all be read.
void read_all(const giflab::result<std::vector<giflab::model_files::tensor>> &found) {
   if (!found) {
      if (found.error().text.empty() || found.error().kind != giflab::problem::input)
         std::abort();
      return;
   }
   for (const giflab::model_files::tensor &one : *found) {
      std::vector<std::byte> bytes;
      giflab::model_files::append_numbers(one, bytes);
      if (bytes.size() != giflab::model_files::count_of(one) * one.type->bytes)
         std::abort();
   }
   if (const auto written = giflab::model_files::write_safetensors(*found, {}))
      if (!giflab::model_files::read_safetensors(*written))
         std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size) {
   const std::span bytes(reinterpret_cast<const std::byte *>(data), size);
   read_all(giflab::model_files::read_pytorch(bytes));
   read_all(giflab::model_files::read_safetensors(bytes));
   return 0;
}
