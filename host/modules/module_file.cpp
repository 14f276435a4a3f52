#include "modules/module_file.hpp"

#include "modules/regular_file.hpp"

#include <boost/dll/library_info.hpp>
#include <boost/dll/shared_library.hpp>
#include <elf.h>
#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

namespace giflab::modules {

namespace fs = std::filesystem;

namespace {

constexpr const char *entry_name = "giflab_module_entry";

// Never emptied: a module's code and static data stay until the process ends.
std::vector<boost::dll::shared_library> &loaded_libraries() {
   static auto *libraries = new std::vector<boost::dll::shared_library>;
   return *libraries;
}

// The loader maps what the segments name and dies of SIGBUS where the file ends before them.
bool holds_its_segments(std::ifstream &file, const Elf64_Ehdr &header) {
   file.clear();
   file.seekg(0, std::ios::end);
   const auto size = static_cast<uint64_t>(file.tellg());
   if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phoff > size)
      return false;
   file.seekg(static_cast<std::streamoff>(header.e_phoff));
   for (int i = 0; i < header.e_phnum; ++i) {
      Elf64_Phdr segment{};
      if (!file.read(reinterpret_cast<char *>(&segment), sizeof segment))
         return false;
      if (segment.p_filesz > size || segment.p_offset > size - segment.p_filesz)
         return false;
   }
   return true;
}

// Looks at the file before the loader runs its constructors: most things that are no module are told apart
// here, with a better reason than the loader's.
result<void> check_elf(const std::string &path) {
   if (auto regular = check_is_file(path); !regular)
      return regular;
   std::ifstream file(path, std::ios::binary);
   if (!file)
      return failed(problem::plugin, fmt::format("it cannot be opened: {}", std::strerror(errno)));
   Elf64_Ehdr header{};
   file.read(reinterpret_cast<char *>(&header), sizeof header);
   if (file.gcount() < EI_NIDENT || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
      return failed(problem::plugin, "it is no shared library (it does not begin as an ELF file)");
#if defined(__x86_64__)
   constexpr unsigned machine = EM_X86_64;
#elif defined(__aarch64__)
   constexpr unsigned machine = EM_AARCH64;
#endif
   if (file.gcount() < static_cast<std::streamsize>(sizeof header) || header.e_ident[EI_CLASS] != ELFCLASS64 ||
       header.e_type != ET_DYN || header.e_machine != machine)
      return failed(problem::plugin, "it is no shared library for this machine");
   if (!holds_its_segments(file, header))
      return failed(problem::plugin, "it is cut short: the file ends before its segments do");
   return {};
}

// What a library exports that looks like a misspelt entry symbol.
std::string near_miss(const std::string &path) {
   try {
      for (const std::string &symbol : boost::dll::library_info(fs::path(path).string()).symbols())
         if (!symbol.starts_with("_") && // those are the compiler's own
             (symbol.find("giflab") != std::string::npos || symbol.find("module_entry") != std::string::npos))
            return fmt::format("; it exports '{}', is that a slip?", symbol);
   } catch (const std::exception &) {
      return {}; // a symbol table that cannot be listed has no near miss to tell
   }
   return {};
}

} // namespace

result<const giflab_module *> open_module_file(const std::string &path) {
   if (auto checked = check_elf(path); !checked)
      return tl::unexpected(checked.error());
   try {
      boost::dll::shared_library library(path,
                                         boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
      if (!library.has(entry_name))
         return failed(problem::plugin,
                       fmt::format("it exports no symbol {} (rule A1){}", entry_name, near_miss(path)));
      const giflab_module *entry = &library.get<const giflab_module>(entry_name);
      loaded_libraries().push_back(std::move(library));
      return entry;
   } catch (const std::exception &failure) { // boost::system::system_error of the loader, with dlerror's text
      return failed(problem::plugin, fmt::format("it cannot be loaded: {}", failure.what()));
   }
}

} // namespace giflab::modules
