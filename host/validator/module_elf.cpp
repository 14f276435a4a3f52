#include "validator/module_elf.hpp"

#include "modules/regular_file.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace giflab::validator {

namespace {

// A file in memory whose every reading stays within it. Throws std::runtime_error otherwise.
class elf_bytes {
 public:
   explicit elf_bytes(const std::string &path) {
      if (const auto regular = modules::check_is_file(path); !regular)
         throw std::runtime_error(regular.error().text);
      std::ifstream file(path, std::ios::binary);
      bytes_.assign(std::istreambuf_iterator<char>(file), {});
      if (bytes_.size() < sizeof(Elf64_Ehdr) || std::memcmp(bytes_.data(), ELFMAG, SELFMAG) != 0)
         throw std::runtime_error("it does not begin as an ELF file");
      header_ = read<Elf64_Ehdr>(0, 1).front();
   }

   template <class T> std::vector<T> read(uint64_t offset, uint64_t count) const {
      if (offset > bytes_.size() || count > (bytes_.size() - offset) / sizeof(T))
         throw std::runtime_error(fmt::format("it ends before its tables at offset {} do", offset));
      std::vector<T> elements(count);
      std::copy_n(bytes_.data() + offset, count * sizeof(T), reinterpret_cast<char *>(elements.data()));
      return elements;
   }

   std::string text(const Elf64_Shdr &strings, uint64_t at) const {
      const uint64_t end = std::min<uint64_t>(strings.sh_offset + strings.sh_size, bytes_.size());
      const uint64_t begin = strings.sh_offset + at;
      if (begin >= end)
         throw std::runtime_error("a name lies outside its table of names");
      return bytes_.substr(begin, strnlen(bytes_.data() + begin, end - begin));
   }

   std::vector<Elf64_Phdr> segments() const { return read<Elf64_Phdr>(header_.e_phoff, header_.e_phnum); }
   std::vector<Elf64_Shdr> sections() const { return read<Elf64_Shdr>(header_.e_shoff, header_.e_shnum); }

 private:
   std::string bytes_;
   Elf64_Ehdr header_{};
};

const Elf64_Shdr &section_of(const std::vector<Elf64_Shdr> &sections, uint32_t type, const char *name) {
   const auto found = std::find_if(sections.begin(), sections.end(),
                                   [type](const Elf64_Shdr &section) { return section.sh_type == type; });
   if (found == sections.end())
      throw std::runtime_error(
          fmt::format("it has no section {}; was it stripped of its section table?", name));
   if (found->sh_link >= sections.size())
      throw std::runtime_error(fmt::format("section {} names no table of names", name));
   return *found;
}

void read_symbols(const elf_bytes &bytes, const std::vector<Elf64_Shdr> &sections, module_elf &found) {
   const Elf64_Shdr &table = section_of(sections, SHT_DYNSYM, ".dynsym");
   for (const auto &symbol : bytes.read<Elf64_Sym>(table.sh_offset, table.sh_size / sizeof(Elf64_Sym))) {
      const unsigned binding = ELF64_ST_BIND(symbol.st_info), type = ELF64_ST_TYPE(symbol.st_info);
      const unsigned visibility = ELF64_ST_VISIBILITY(symbol.st_other);
      const bool is_visible = visibility == STV_DEFAULT || visibility == STV_PROTECTED;
      // A symbol of an absolute section is the name of a version, not of code or data.
      const bool is_defined = symbol.st_shndx != SHN_UNDEF && symbol.st_shndx != SHN_ABS;
      if (is_defined && is_visible && binding != STB_LOCAL)
         found.exported.push_back(
             {bytes.text(sections[table.sh_link], symbol.st_name), type == STT_FUNC || type == STT_GNU_IFUNC});
      else if (symbol.st_shndx == SHN_UNDEF && symbol.st_name != 0)
         found.imported.push_back(bytes.text(sections[table.sh_link], symbol.st_name));
   }
   std::sort(found.imported.begin(), found.imported.end());
   std::sort(found.exported.begin(), found.exported.end(),
             [](const auto &a, const auto &b) { return a.name < b.name; });
}

void read_dynamic(const elf_bytes &bytes, const std::vector<Elf64_Shdr> &sections, module_elf &found) {
   const Elf64_Shdr &table = section_of(sections, SHT_DYNAMIC, ".dynamic");
   for (const auto &entry : bytes.read<Elf64_Dyn>(table.sh_offset, table.sh_size / sizeof(Elf64_Dyn))) {
      if (entry.d_tag == DT_NULL)
         return;
      if (entry.d_tag == DT_NEEDED)
         found.needed.push_back(bytes.text(sections[table.sh_link], entry.d_un.d_val));
      if (entry.d_tag == DT_TEXTREL || (entry.d_tag == DT_FLAGS && entry.d_un.d_val & DF_TEXTREL))
         found.has_text_relocations = true;
      if (entry.d_tag == DT_RPATH || entry.d_tag == DT_RUNPATH) {
         std::istringstream paths(bytes.text(sections[table.sh_link], entry.d_un.d_val));
         for (std::string path; std::getline(paths, path, ':');)
            found.search_paths.push_back(path);
      }
   }
}

} // namespace

result<module_elf> read_module_elf(const std::string &path) {
   try {
      const elf_bytes bytes(path);
      module_elf found;
      for (const Elf64_Phdr &segment : bytes.segments())
         if (segment.p_type == PT_GNU_STACK)
            found.stack_mode =
                segment.p_flags & PF_X ? module_elf::stack::executable : module_elf::stack::plain;
      const std::vector<Elf64_Shdr> sections = bytes.sections();
      read_symbols(bytes, sections, found);
      read_dynamic(bytes, sections, found);
      return found;
   } catch (const std::runtime_error &broken) {
      return failed(problem::plugin, broken.what());
   }
}

} // namespace giflab::validator
