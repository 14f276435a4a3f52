#include "modules/catalogue.hpp"

#include "modules/call.hpp"
#include "modules/descriptor.hpp"

#include <boost/dll/library_info.hpp>
#include <boost/dll/shared_library.hpp>
#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace giflab::modules {

namespace fs = std::filesystem;

namespace {

constexpr const char *entry_name = "giflab_module_entry";

// Never emptied: a module's code and static data stay until the process ends.
std::vector<boost::dll::shared_library> &loaded_libraries() {
   static auto *libraries = new std::vector<boost::dll::shared_library>;
   return *libraries;
}

std::vector<std::unique_ptr<module>> &loaded_modules() {
   static auto *modules = new std::vector<std::unique_ptr<module>>;
   return *modules;
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

result<const giflab_module *> open_module(const std::string &path) {
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

// The ids of needed services that this host does not offer.
std::string missing_services(const giflab_plugin &table) {
   std::string missing;
   for (const char *const *id = table.needs; id && *id; ++id)
      if (!host_table().query(&host_table(), *id))
         missing += (missing.empty() ? "" : ", ") + std::string(*id);
   return missing;
}

std::vector<std::string> shared_libraries_in(const std::string &folder) {
   std::vector<std::string> paths;
   std::error_code ignored;
   for (const fs::directory_entry &entry : fs::directory_iterator(folder, ignored))
      if (entry.path().extension() == ".so")
         paths.push_back(fs::absolute(entry.path()).string());
   std::sort(paths.begin(), paths.end());
   return paths;
}

} // namespace

result<catalogue> catalogue::discover(const std::vector<std::string> &folders, std::size_t required) {
   catalogue found;
   for (std::size_t i = 0; i < folders.size(); ++i) {
      std::error_code problem_found;
      if (!fs::is_directory(folders[i], problem_found)) {
         if (i < required)
            return failed(problem::usage, fmt::format("{}: there is no such folder of plugins", folders[i]));
         continue;
      }
      found.folders_.push_back(folders[i]);
      for (const std::string &path : shared_libraries_in(folders[i]))
         found.load(path);
   }
   return found;
}

void catalogue::load(const std::string &path) {
   auto entry = open_module(path);
   if (!entry) {
      rejected_.push_back({path, {}, entry.error().text});
      return;
   }
   if (auto checked = check_entry(**entry); !checked) {
      rejected_.push_back({path, {}, checked.error().text});
      return;
   }
   const char *build = (*entry)->build;
   loaded_modules().push_back(std::make_unique<module>(module{path, build ? build : ""}));
   for (uint32_t i = 0; i < (*entry)->plugin_count; ++i)
      add((*entry)->plugins[i], *loaded_modules().back());
}

void catalogue::add(const giflab_plugin *given, const module &home) {
   auto made = read_plugin(given);
   if (!made) {
      const std::string id = given && given->size >= sizeof(giflab_plugin) && given->id ? given->id : "?";
      rejected_.push_back({home.path, id, made.error().text});
      return;
   }
   plugin &candidate = **made;
   candidate.home = &home;
   if (const plugin *first = find(candidate.id()))
      rejected_.push_back({home.path, candidate.id(),
                           fmt::format("shadowed by the plugin of the same id in {}", first->home->path)});
   else if (const std::string missing = missing_services(candidate.table); !missing.empty())
      rejected_.push_back({home.path, candidate.id(),
                           fmt::format("it needs {}, which this giflab does not offer (rule D07)", missing)});
   else
      plugins_.push_back(std::move(*made));
}

const plugin *catalogue::find(std::string_view id) const {
   const auto found =
       std::find_if(plugins_.begin(), plugins_.end(), [&](const auto &one) { return one->table.id == id; });
   return found == plugins_.end() ? nullptr : found->get();
}

std::vector<std::string> search_path(const std::vector<std::string> &given) {
   std::vector<std::string> folders = given;
   if (const char *home = secure_getenv("HOME"); home && *home)
      folders.push_back(std::string(home) + "/.local/lib/giflab/1");
   std::error_code ignored;
   const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
   if (!ignored)
      folders.push_back((program.parent_path().parent_path() / "lib/giflab/1").string());
   return folders;
}

} // namespace giflab::modules
