#pragma once
// What a module's file says of itself to the dynamic loader, read without loading it.

#include "error.hpp"

#include <string>
#include <vector>

namespace giflab::validator {

struct module_elf {
   enum class stack { plain, executable, unsaid }; // PT_GNU_STACK without and with PF_X, and missing
   struct symbol {
      std::string name;
      bool is_function = false;
   };
   std::vector<symbol> exported;          // defined, global or weak, visible to other libraries; sorted by name
   std::vector<std::string> imported;     // undefined; sorted
   std::vector<std::string> needed;       // libraries
   std::vector<std::string> search_paths; // the elements of DT_RPATH and DT_RUNPATH
   bool has_text_relocations = false;
   stack stack_mode = stack::unsaid;
};

// The error says where the file ends too early or contradicts itself. Any thread.
result<module_elf> read_module_elf(const std::string &path);

} // namespace giflab::validator
