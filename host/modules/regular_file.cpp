#include "modules/regular_file.hpp"

#include <filesystem>

namespace giflab::modules {

namespace fs = std::filesystem;

result<void> check_is_file(const std::string &path) {
   std::error_code trouble; // whoever opens it says better why it cannot be had
   const fs::file_status status = fs::status(path, trouble);
   if (fs::exists(status) && !fs::is_regular_file(status))
      return failed(problem::plugin, "it is no shared library (it is not a regular file)");
   return {};
}

} // namespace giflab::modules
