#pragma once
// Room on the disk for one test.

#include "folder_entries.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace giflab::tests {

// A folder that nobody else has, gone with all that is in it at the end.
class scratch_folder {
 public:
   scratch_folder() : scratch_folder(std::filesystem::temp_directory_path()) {}
   explicit scratch_folder(const std::filesystem::path &below) {
      std::string name = (below / "giflab-test-XXXXXX").string();
      if (!mkdtemp(name.data()))
         throw std::system_error(errno, std::generic_category(), name);
      path_ = name;
   }
   ~scratch_folder() {
      std::error_code ignored;
      std::filesystem::remove_all(path_, ignored);
   }
   scratch_folder(const scratch_folder &) = delete;
   scratch_folder &operator=(const scratch_folder &) = delete;

   const std::filesystem::path &path() const { return path_; }
   std::string file(const std::string &name) const { return (path_ / name).string(); }
   std::size_t entries() const { return entries_of(path_); }

 private:
   std::filesystem::path path_;
};

} // namespace giflab::tests
