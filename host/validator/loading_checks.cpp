#include "validator/loading_checks.hpp"

#include "config/nearest_name.hpp"
#include "modules/descriptor.hpp"
#include "modules/module_file.hpp"
#include "validator/module_elf.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace giflab::validator {

namespace {

constexpr const char *entry_name = "giflab_module_entry";

// "" if the loader takes the file, whatever it exports; else what it says. A file that ends before its own
// tables do is not shown to it: it would die of that.
std::string refusal_of_loader(const std::string &path) {
   if (const auto file = read_module_elf(path); !file)
      return file.error().text;
   return dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) ? "" : dlerror();
}

bool can_be_loaded(const std::string &path) { return refusal_of_loader(path).empty(); }

const module_elf::symbol *entry_of(const module_elf &file) {
   const auto found = std::find_if(file.exported.begin(), file.exported.end(),
                                   [](const auto &symbol) { return symbol.name == entry_name; });
   return found == file.exported.end() ? nullptr : &*found;
}

// A finding for the checks that have nothing to look at where another one fails.
finding told_by(const char *id) { return skipped(fmt::format("see {}", id)); }

// ---- L01

finding resolves_every_symbol(const subject &given) {
   const auto opened = modules::open_module_file(given.path);
   const std::string refusal = opened ? "" : refusal_of_loader(given.path);
   if (refusal.empty()) // what is amiss with its symbol is another check's
      return passed();
   const bool is_open = refusal.find("undefined symbol") != std::string::npos;
   return failed_check(fmt::format("it cannot be loaded: {}{}", refusal,
                                   is_open ? "; -Wl,-z,defs finds what is missing as it is linked" : ""));
}

// ---- L02

std::string spelt_alike(const module_elf &file) {
   std::vector<std::string> names;
   for (const auto &symbol : file.exported)
      if (symbol.name.find("giflab") != std::string::npos || symbol.name.find("module") != std::string::npos)
         names.push_back(symbol.name);
   if (!file.exported.empty() && names.empty())
      return "it looks like no giflab module at all: GIFLAB_MODULE defines that symbol";
   if (names.empty())
      return "it exports nothing at all: GIFLAB_MODULE defines that symbol, and -fvisibility=hidden alone "
             "does not hide it";
   return "rename what it exports: " + config::did_you_mean(entry_name, names);
}

finding exports_the_entry(const subject &given) {
   if (!can_be_loaded(given.path))
      return told_by("L01");
   const auto file = read_module_elf(given.path);
   if (!file)
      return skipped("its symbols cannot be listed: " + file.error().text);
   const module_elf::symbol *entry = entry_of(*file);
   if (!entry)
      return failed_check(fmt::format("it exports no symbol {}; {}", entry_name, spelt_alike(*file)));
   if (entry->is_function)
      return failed_check(fmt::format("{} is a function, and must be constant data: use GIFLAB_MODULE, which "
                                      "needs no code to be run",
                                      entry_name));
   return passed();
}

// ---- L03

finding has_a_sound_entry(const subject &given) {
   const auto file = read_module_elf(given.path);
   const module_elf::symbol *entry = file ? entry_of(*file) : nullptr;
   if (file && (!entry || entry->is_function))
      return told_by(can_be_loaded(given.path) ? "L02" : "L01");
   const auto opened = modules::open_module_file(given.path);
   if (!opened)
      return told_by("L01");
   const auto checked = modules::check_entry(**opened);
   return checked ? passed() : failed_check(checked.error().text);
}

// ---- L04

// What the linker defines in every library that does not hide it.
bool is_of_the_linker(const std::string &name) {
   constexpr std::array names = {"_init", "_fini", "_edata", "_end", "__bss_start"};
   return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_an_allocator(const std::string &name) {
   constexpr std::array names = {"malloc", "calloc", "realloc", "free", "posix_memalign", "aligned_alloc"};
   const bool is_operator = name.starts_with("_Znw") || name.starts_with("_Zna") || name.starts_with("_Zdl") ||
                            name.starts_with("_Zda"); // new and delete
   return is_operator || std::find(names.begin(), names.end(), name) != names.end();
}

finding exports_nothing_else(const subject &given) {
   const auto file = read_module_elf(given.path);
   if (!file)
      return skipped("its symbols cannot be listed: " + file.error().text);
   if (!entry_of(*file))
      return told_by("L02");
   std::vector<std::string> others;
   for (const auto &symbol : file->exported)
      if (symbol.name != entry_name && !is_of_the_linker(symbol.name))
         others.push_back(symbol.name);
   if (others.empty())
      return passed();
   const bool allocates = std::any_of(others.begin(), others.end(), is_an_allocator);
   const std::size_t count = others.size();
   others.resize(std::min<std::size_t>(count, 5));
   return failed_check(fmt::format(
       "beside {} it exports {} more: {}{}{}; build it with giflab_add_plugin, or with -fvisibility=hidden and "
       "giflab_module.map of the SDK as version script",
       entry_name, count, fmt::join(others, ", "), count > others.size() ? ", ..." : "",
       allocates ? " (an allocator among them would serve the whole process)" : ""));
}

// ---- L05

bool is_relative_to_the_module(const std::string &path) {
   return path.starts_with("$ORIGIN") || path.starts_with("${ORIGIN}");
}

finding is_linked_safely(const subject &given) {
   const auto file = read_module_elf(given.path);
   if (!file)
      return skipped("its dynamic section cannot be read: " + file.error().text);
   if (file->has_text_relocations)
      return failed_check(
          "it has text relocations, so its code is writable while it is loaded: compile all of it "
          "with -fPIC");
   if (file->stack_mode != module_elf::stack::plain)
      return failed_check(fmt::format(
          "it {} an executable stack, which the whole process would get: add a .note.GNU-stack section to "
          "assembly sources, or link with -Wl,-z,noexecstack",
          file->stack_mode == module_elf::stack::executable ? "asks for" : "does not say that it needs no"));
   for (const std::string &path : file->search_paths)
      if (!is_relative_to_the_module(path))
         return failed_check(
             fmt::format("it looks for libraries in '{}', which is elsewhere on other machines: "
                         "use a path that begins with $ORIGIN, or none",
                         path));
   return passed(file->needed.empty() ? std::string("it needs no library")
                                      : fmt::format("it needs {}", fmt::join(file->needed, ", ")));
}

constexpr check loading_list[] = {
    {"L01", "every symbol is resolved as it is loaded", "", stage::load, extent::file, resolves_every_symbol},
    {"L02", "giflab_module_entry is exported, as data", "A1", stage::load, extent::file, exports_the_entry},
    {"L03", "the module table is of this ABI", "A2", stage::load, extent::file, has_a_sound_entry},
    {"L04", "no other symbol is exported", "A1", stage::load, extent::file, exports_nothing_else},
    {"L05", "no text relocation, executable stack or foreign search path", "", stage::load, extent::file,
     is_linked_safely},
    {"L06", "loading is quick and does nothing else", "A1", stage::behave, extent::file, loads_quietly},
    {"L07", "copies of it score alike, side by side", "", stage::behave, extent::plugin, bears_copies},
    {"L08", "symbols of other libraries do not get in its way", "A1", stage::behave, extent::plugin,
     bears_a_decoy},
    {"L09", "it runs on this host and on later ones of its major version", "A3", stage::behave, extent::plugin,
     bears_a_later_host},
};

} // namespace

std::span<const check> loading_checks() { return loading_list; }

} // namespace giflab::validator
