// Any bytes as a file of weights.

#include "safetensors.hpp"

#include <array>
#include <cstdlib>
#include <cstring>

namespace {

// Refused in words, or floats that may all be read.
void read(const giflab::lpips::safetensors &file, const char *name, std::span<const int64_t> shape) {
   try {
      float most = 0;
      for (const float value : file.floats(name, shape))
         most = value > most ? value : most;
      if (most < 0)
         std::abort();
   } catch (const giflab::failure &refused) {
      if (std::strlen(refused.what()) == 0)
         std::abort();
   }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size) {
   try {
      const giflab::lpips::safetensors file({reinterpret_cast<const std::byte *>(data), size});
      read(file, "a", std::array<int64_t, 1>{2});
      read(file, "b", std::array<int64_t, 2>{1, 1});
   } catch (const giflab::failure &refused) {
      if (refused.status() != GIFLAB_IO)
         std::abort();
   }
   return 0;
}
