#pragma once
// What the modules that come with the program hold, kept from start to start: to load all of them in order to
// know takes longer than a small comparison.

#include "modules/catalogue.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace giflab::workers {

// A file as it is now. Who writes to it changes `changed_ns`, which no program can set.
struct file_identity {
   std::string path;
   uint64_t device = 0, inode = 0;
   int64_t size = 0, modified_ns = 0, changed_ns = 0;

   bool operator==(const file_identity &) const = default;
};

// The kept description of one folder of modules, for one program. Only good for choosing and planning: whoever
// runs a plugin loads its module and holds it against digest_of() what was described. [main]
class module_index {
 public:
   // `file` holds it; empty: nothing is known and nothing kept.
   module_index(std::string folder, std::string file);

   // Of the program and of all modules in the folder, as they are now; nothing if one cannot be looked at.
   using folder_state = std::vector<file_identity>;
   std::optional<folder_state> look() const;

   // What was kept, if program and folder are as they were then.
   std::optional<modules::catalogue> recall() const;

   // Keeps what was found in the folder after it looked like `before`. Not if something was turned away, which
   // may be loaded tomorrow; nor if a file is so young that another change might not show; nor where the file
   // cannot be written. Gives whether it was.
   bool keep(const std::optional<folder_state> &before, const modules::catalogue &found) const;

   void forget() const;

 private:
   std::string folder_, file_;
};

// The index of the modules that come with this program, beside the verdicts of `giflab check`.
module_index index_of_own_modules();

} // namespace giflab::workers
