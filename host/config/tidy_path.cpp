#include "config/tidy_path.hpp"

namespace giflab::config {

std::string tidy_path(const std::filesystem::path &path) {
   const std::filesystem::path normal = path.lexically_normal();
   std::error_code absent;
   const bool same =
       std::filesystem::weakly_canonical(path, absent) == std::filesystem::weakly_canonical(normal, absent);
   return (same ? normal : path).string();
}

} // namespace giflab::config
