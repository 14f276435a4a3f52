#include "services/mapped_file.hpp"

#include <sys/mman.h>

#include <utility>

namespace giflab::services {

mapped_file mapped_file::of(int descriptor, std::size_t size, uint64_t first) {
   mapped_file made;
   void *data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, static_cast<off_t>(first));
   if (data != MAP_FAILED)
      made.bytes_ = {static_cast<const std::byte *>(data), size};
   return made;
}

mapped_file::mapped_file(mapped_file &&other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

mapped_file &mapped_file::operator=(mapped_file &&other) noexcept {
   std::swap(bytes_, other.bytes_);
   return *this;
}

mapped_file::~mapped_file() {
   if (!bytes_.empty())
      munmap(const_cast<std::byte *>(bytes_.data()), bytes_.size());
}

} // namespace giflab::services
