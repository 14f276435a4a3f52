#pragma once
// Comparisons and folders that several tests of this room look at.

#include "results/comparison.hpp"

#include <filesystem>
#include <string>

namespace giflab::results {

// The comparison of host/results/README.md: a value with infinite statistics, an absent one and a warning.
comparison readme_comparison();

// Two files that could not be compared.
comparison failed_comparison();

// A folder of the test's own, which goes away with the object.
class scratch_folder {
 public:
   scratch_folder();
   ~scratch_folder();
   scratch_folder(const scratch_folder &) = delete;
   scratch_folder &operator=(const scratch_folder &) = delete;

   std::string operator/(const std::string &name) const { return (path_ / name).string(); }
   std::size_t entries() const; // hidden ones too

 private:
   std::filesystem::path path_;
};

std::string content_of(const std::string &path);

} // namespace giflab::results
