#include "services/companion.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

namespace giflab::services {

namespace fs = std::filesystem;

// The loader counts how often each library was opened, and opens it once; none is ever closed.
void *companion_symbol(const char *library, const char *symbol) {
   const fs::path program = fs::read_symlink("/proc/self/exe");
   const fs::path path = program.parent_path().parent_path() / "lib/giflab" / (std::string(library) + ".so");
   void *const loaded = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
   void *const found = loaded ? dlsym(loaded, symbol) : nullptr;
   if (!found)
      throw std::runtime_error(
          fmt::format("{} cannot be loaded ({}): reinstall giflab", path.string(), dlerror()));
   return found;
}

} // namespace giflab::services
