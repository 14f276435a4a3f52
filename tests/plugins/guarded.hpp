#pragma once
// Memory that faults when a kernel strays: pages without access stand before and after it.

#include <cstring>
#include <giflab_kernels/plane.hpp>
#include <stdexcept>
#include <sys/mman.h>

namespace giflab::test {

class guarded_memory {
 public:
   // The last byte stands just before the guard page behind.
   explicit guarded_memory(size_t bytes) : mapped_((bytes + page - 1) / page * page + 2 * page) {
      base_ = static_cast<char *>(
          mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
      if (base_ == MAP_FAILED || mprotect(base_, page, PROT_NONE) != 0 ||
          mprotect(base_ + mapped_ - page, page, PROT_NONE) != 0)
         throw std::runtime_error("no guarded memory");
      data_ = base_ + mapped_ - page - bytes;
   }
   ~guarded_memory() { munmap(base_, mapped_); }
   guarded_memory(const guarded_memory &) = delete;
   guarded_memory &operator=(const guarded_memory &) = delete;

   char *data() const { return data_; }

 private:
   static constexpr size_t page = 4096;

   size_t mapped_;
   char *base_, *data_;
};

// A plane whose last sample is the last that may be read. Padding between rows holds `poison`.
template <class T> class guarded_plane {
 public:
   // `source(x, y)` gives the samples; `padding` bytes stand between rows.
   template <class Source>
   guarded_plane(int32_t width, int32_t height, size_t padding, uint8_t poison, Source &&source)
       : stride_(static_cast<size_t>(width) * sizeof(T) + padding),
         memory_(stride_ * static_cast<size_t>(height) - padding) {
      std::memset(memory_.data(), poison, stride_ * static_cast<size_t>(height) - padding);
      for (int32_t y = 0; y < height; ++y)
         for (int32_t x = 0; x < width; ++x)
            target().row(y)[x] = source(x, y);
   }

   kernels::plane<T> read() const { return {reinterpret_cast<const T *>(memory_.data()), stride_}; }
   kernels::target_plane<T> target() const { return {reinterpret_cast<T *>(memory_.data()), stride_}; }

 private:
   size_t stride_;
   guarded_memory memory_;
};

} // namespace giflab::test
