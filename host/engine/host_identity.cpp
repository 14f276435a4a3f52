#include "engine/host_identity.hpp"

#include <fmt/format.h>

#include <elf.h>
#include <link.h>
#include <sys/stat.h>

#include <cstdlib>
#include <cstring>
#include <fstream>

namespace giflab::engine {

namespace {

// Of the notes in one segment of the program.
std::string build_id_in(const char *notes, std::size_t size) {
   const auto padded = [](std::size_t bytes) { return (bytes + 3) / 4 * 4; };
   for (std::size_t at = 0; at + sizeof(ElfW(Nhdr)) <= size;) {
      ElfW(Nhdr) note;
      std::memcpy(&note, notes + at, sizeof note);
      const std::size_t name = at + sizeof note, text = name + padded(note.n_namesz);
      const std::size_t end = text + padded(note.n_descsz);
      if (end > size)
         break;
      if (note.n_type == NT_GNU_BUILD_ID && std::strcmp(notes + name, "GNU") == 0) {
         std::string digits;
         for (std::size_t i = 0; i < note.n_descsz; ++i)
            digits += fmt::format("{:02x}", static_cast<unsigned char>(notes[text + i]));
         return digits;
      }
      at = end;
   }
   return {};
}

int read_build_id(dl_phdr_info *object, std::size_t, void *found) {
   for (ElfW(Half) i = 0; i < object->dlpi_phnum; ++i)
      if (const ElfW(Phdr) &part = object->dlpi_phdr[i]; part.p_type == PT_NOTE)
         if (std::string id =
                 build_id_in(reinterpret_cast<const char *>(object->dlpi_addr + part.p_vaddr), part.p_memsz);
             !id.empty())
            *static_cast<std::string *>(found) = std::move(id);
   return 1; // the first object is the program: stop there
}

std::string file_times(const char *path) {
   struct stat about {};
   if (stat(path, &about) != 0)
      return "none";
   return fmt::format("{}.{} {} {}", about.st_mtim.tv_sec, about.st_mtim.tv_nsec, about.st_size, about.st_ino);
}

// A build without an id, which a linker may leave out, is known by its file.
std::string program() {
   std::string id;
   dl_iterate_phdr(read_build_id, &id);
   return id.empty() ? file_times("/proc/self/exe") : id;
}

std::string processor() {
   std::ifstream about("/proc/cpuinfo");
   std::string found;
   for (std::string line; std::getline(about, line) && !line.empty();) // of the first
      for (const char *word : {"vendor_id", "cpu family", "model", "stepping", "flags", "Features"})
         if (line.starts_with(word))
            found += line + '\n';
   return found;
}

std::string libraries() {
   std::string found = file_times("/etc/ld.so.cache");
   for (const char *name : {"LD_LIBRARY_PATH", "LD_PRELOAD"})
      if (const char *value = std::getenv(name))
         found += fmt::format(" {}={}", name, value);
   return found;
}

} // namespace

const std::string &host_identity() {
   static const std::string all =
       fmt::format("giflab {} {}\n{}libraries {}\n", GIFLAB_VERSION, program(), processor(), libraries());
   return all;
}

} // namespace giflab::engine
