#pragma once
// What there is of the kit: a module whose language has no compiler here is not built.

#include <filesystem>
#include <string>

namespace sdk {

inline bool built(const std::string &module) {
   return std::filesystem::exists(KIT_MODULES "/" + module + ".so");
}

} // namespace sdk
