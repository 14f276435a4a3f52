#pragma once
// Scratch memory in parts.

#include <cstddef>

namespace giflab::kernels {

// Hands out runs of one block, each aligned to 64 if the block is; without a block it only counts.
class portions {
 public:
   explicit portions(std::byte *block) : block_(block) {}
   template <class T> T *take(size_t count) {
      const size_t at = used_;
      used_ += (count * sizeof(T) + 63) / 64 * 64;
      return block_ ? reinterpret_cast<T *>(block_ + at) : nullptr;
   }
   size_t used() const { return used_; }

 private:
   std::byte *block_;
   size_t used_ = 0;
};

} // namespace giflab::kernels
