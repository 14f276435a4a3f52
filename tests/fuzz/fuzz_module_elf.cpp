// Any bytes as a module's file, which the checks of loading read before the loader does.

#include "services/descriptor.hpp"
#include "validator/module_elf.hpp"

#include <fmt/format.h>

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size) {
   const giflab::services::descriptor file(memfd_create("module", MFD_CLOEXEC));
   if (!file || write(file.get(), data, size) != static_cast<ssize_t>(size))
      std::abort();
   (void)giflab::validator::read_module_elf(fmt::format("/proc/self/fd/{}", file.get()));
   return 0;
}
