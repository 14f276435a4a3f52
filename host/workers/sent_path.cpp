#include "workers/sent_path.hpp"

#include <climits>
#include <filesystem>
#include <unistd.h>

namespace giflab::workers {

namespace fs = std::filesystem;

namespace {

// A path is left as it is where none from the root leads to the same place: below a folder that may not be
// entered, say, or one that was removed.
std::string from_root_of(const std::string &given) {
   std::error_code trouble;
   const fs::path here = fs::current_path(trouble);
   if (given.empty() || fs::path(given).is_absolute() || trouble || access(here.c_str(), X_OK) != 0)
      return given;
   std::string whole = (here / given).string();
   return whole.size() < PATH_MAX ? whole : given;
}

} // namespace

sent_path::sent_path(std::string given) : given_(std::move(given)), from_root_(from_root_of(given_)) {}

void sent_path::restore_in(std::string &text) const {
   if (from_root_ == given_)
      return;
   for (std::size_t at = text.find(from_root_); at != std::string::npos;
        at = text.find(from_root_, at + given_.size()))
      text.replace(at, from_root_.size(), given_);
}

} // namespace giflab::workers
