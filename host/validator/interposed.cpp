#include "validator/interposed.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <elf.h>
#include <link.h>
#include <malloc.h>
#include <mutex>
#include <new>
#include <pthread.h>
#include <stdexcept>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>
#include <unordered_map>
#include <vector>

namespace giflab::validator {

namespace {

// ---- What is counted. The functions below are called by the module, which knows of no object: one state.

constexpr uint64_t no_request = ~uint64_t{0};

struct accounts {
   std::mutex mutex;
   std::unordered_map<const void *, std::size_t> blocks; // and their usable bytes
   std::size_t bytes = 0, peak = 0;
   uint64_t requests = 0, fails_at = no_request;
   bool later_too = false;
   const char *failed_function = nullptr;
   std::size_t failed_bytes = 0;
};
accounts &books() {
   static accounts kept;
   return kept;
}

// The books' own memory comes through libraries that may be patched, too.
thread_local bool keeping_books = false;
template <class Work> auto in_books(Work &&work) {
   accounts &kept = books();
   const std::lock_guard lock(kept.mutex);
   keeping_books = true;
   struct done {
      ~done() { keeping_books = false; }
   } const when_done;
   return work(kept);
}

// Counts a request; true if it is to fail.
bool refused(const char *function, std::size_t bytes) {
   return in_books([&](accounts &kept) {
      const uint64_t now = ++kept.requests;
      if (now != kept.fails_at && !(kept.later_too && now > kept.fails_at))
         return false;
      kept.failed_function = function;
      kept.failed_bytes = bytes;
      return true;
   });
}

void *noted(void *block) {
   if (block)
      in_books([&](accounts &kept) {
         const std::size_t bytes = malloc_usable_size(block);
         kept.blocks[block] = bytes;
         kept.bytes += bytes;
         kept.peak = std::max(kept.peak, kept.bytes);
      });
   return block;
}

// Before the block is given back: afterwards its address may already be somebody else's. True if it was known.
bool forgotten(const void *block) {
   if (!block || keeping_books)
      return false;
   return in_books([&](accounts &kept) {
      const auto found = kept.blocks.find(block);
      if (found == kept.blocks.end())
         return false;
      kept.bytes -= found->second;
      kept.blocks.erase(found);
      return true;
   });
}

// ---- What the module calls instead.

void *counted_malloc(std::size_t bytes) {
   if (refused("malloc", bytes)) {
      errno = ENOMEM;
      return nullptr;
   }
   return noted(std::malloc(bytes));
}
void *counted_calloc(std::size_t count, std::size_t bytes) {
   if (refused("calloc", count * bytes)) {
      errno = ENOMEM;
      return nullptr;
   }
   return noted(std::calloc(count, bytes));
}
void *counted_realloc(void *block, std::size_t bytes) {
   if (bytes && refused("realloc", bytes)) {
      errno = ENOMEM;
      return nullptr;
   }
   const bool known = forgotten(block);
   void *moved = std::realloc(block, bytes);
   if (!moved && bytes && known)
      noted(block);
   return noted(moved);
}
int counted_posix_memalign(void **block, std::size_t alignment, std::size_t bytes) {
   if (refused("posix_memalign", bytes))
      return ENOMEM;
   const int status = posix_memalign(block, alignment, bytes);
   if (status == 0)
      noted(*block);
   return status;
}
void *counted_aligned_alloc(std::size_t alignment, std::size_t bytes) {
   if (refused("aligned_alloc", bytes)) {
      errno = ENOMEM;
      return nullptr;
   }
   return noted(std::aligned_alloc(alignment, bytes));
}
void counted_free(void *block) {
   forgotten(block);
   std::free(block);
}

void *counted_new(std::size_t bytes) {
   if (refused("operator new", bytes))
      throw std::bad_alloc();
   return noted(::operator new(bytes));
}
void *counted_new_nothrow(std::size_t bytes, const std::nothrow_t &) noexcept {
   return refused("operator new", bytes) ? nullptr : noted(::operator new(bytes, std::nothrow));
}
void *counted_new_aligned(std::size_t bytes, std::align_val_t alignment) {
   if (refused("operator new", bytes))
      throw std::bad_alloc();
   return noted(::operator new(bytes, alignment));
}
void *counted_new_aligned_nothrow(std::size_t bytes, std::align_val_t alignment,
                                  const std::nothrow_t &) noexcept {
   return refused("operator new", bytes) ? nullptr : noted(::operator new(bytes, alignment, std::nothrow));
}
// All forms of delete end in free, with the block as their first argument.
void counted_delete(void *block) noexcept {
   forgotten(block);
   ::operator delete(block);
}
void counted_delete_aligned(void *block, std::align_val_t alignment) noexcept {
   forgotten(block);
   ::operator delete(block, alignment);
}
void counted_delete_sized_aligned(void *block, std::size_t, std::align_val_t alignment) noexcept {
   counted_delete_aligned(block, alignment);
}

int counted_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *),
                           void *argument) {
   return refused("pthread_create", 0) ? EAGAIN : pthread_create(thread, attributes, body, argument);
}

// What a library calls instead that may give back the module's memory: nothing is counted or refused there.
void *watched_realloc(void *block, std::size_t bytes) {
   const bool known = forgotten(block);
   void *moved = std::realloc(block, bytes);
   if (!known)
      return moved;
   noted(moved || !bytes ? moved : block);
   return moved;
}

// ---- Which slot gets which function.

struct replacement {
   std::string_view name;
   void *function;
};
template <class Function> void *address_of(Function *function) { return reinterpret_cast<void *>(function); }

const auto &in_module() {
   static const std::array all = {
       replacement{"malloc", address_of(counted_malloc)},
       replacement{"calloc", address_of(counted_calloc)},
       replacement{"realloc", address_of(counted_realloc)},
       replacement{"posix_memalign", address_of(counted_posix_memalign)},
       replacement{"aligned_alloc", address_of(counted_aligned_alloc)},
       replacement{"free", address_of(counted_free)},
       replacement{"pthread_create", address_of(counted_pthread_create)},
       replacement{"_Znwm", address_of(counted_new)},
       replacement{"_Znam", address_of(counted_new)},
       replacement{"_ZnwmRKSt9nothrow_t", address_of(counted_new_nothrow)},
       replacement{"_ZnamRKSt9nothrow_t", address_of(counted_new_nothrow)},
       replacement{"_ZnwmSt11align_val_t", address_of(counted_new_aligned)},
       replacement{"_ZnamSt11align_val_t", address_of(counted_new_aligned)},
       replacement{"_ZnwmSt11align_val_tRKSt9nothrow_t", address_of(counted_new_aligned_nothrow)},
       replacement{"_ZnamSt11align_val_tRKSt9nothrow_t", address_of(counted_new_aligned_nothrow)},
       replacement{"_ZdlPv", address_of(counted_delete)},
       replacement{"_ZdaPv", address_of(counted_delete)},
       replacement{"_ZdlPvm", address_of(counted_delete)},
       replacement{"_ZdaPvm", address_of(counted_delete)},
       replacement{"_ZdlPvRKSt9nothrow_t", address_of(counted_delete)},
       replacement{"_ZdaPvRKSt9nothrow_t", address_of(counted_delete)},
       replacement{"_ZdlPvSt11align_val_t", address_of(counted_delete_aligned)},
       replacement{"_ZdaPvSt11align_val_t", address_of(counted_delete_aligned)},
       replacement{"_ZdlPvmSt11align_val_t", address_of(counted_delete_sized_aligned)},
       replacement{"_ZdaPvmSt11align_val_t", address_of(counted_delete_sized_aligned)},
       replacement{"_ZdlPvSt11align_val_tRKSt9nothrow_t", address_of(counted_delete_aligned)},
       replacement{"_ZdaPvSt11align_val_tRKSt9nothrow_t", address_of(counted_delete_aligned)},
   };
   return all;
}
const auto &in_libraries() {
   static const std::array all = {replacement{"free", address_of(counted_free)},
                                  replacement{"realloc", address_of(watched_realloc)}};
   return all;
}

#if defined(__x86_64__)
constexpr std::array symbolic = {R_X86_64_JUMP_SLOT, R_X86_64_GLOB_DAT, R_X86_64_64};
#elif defined(__aarch64__)
constexpr std::array symbolic = {R_AARCH64_JUMP_SLOT, R_AARCH64_GLOB_DAT, R_AARCH64_ABS64};
#else
constexpr std::array<int, 0> symbolic = {};
#endif

// One loaded object, by its tables in memory.
struct object {
   ElfW(Addr) base = 0, relro_begin = 0, relro_end = 0;
   const char *strings = nullptr;
   const ElfW(Sym) *symbols = nullptr;
   struct table {
      const ElfW(Rela) *begin = nullptr;
      std::size_t bytes = 0;
   };
   table calls, data; // DT_JMPREL, DT_RELA
   std::vector<std::size_t> needed;
};

bool holds(const dl_phdr_info &info, ElfW(Addr) address) {
   for (int i = 0; i < info.dlpi_phnum; ++i) {
      const ElfW(Phdr) &part = info.dlpi_phdr[i];
      if (part.p_type == PT_LOAD && address - info.dlpi_addr - part.p_vaddr < part.p_memsz)
         return true;
   }
   return false;
}

void read_dynamic(const ElfW(Dyn) * entry, object &into) {
   // glibc adds the base to these in place, other loaders leave them as in the file.
   const auto at = [&](const ElfW(Dyn) & of) {
      return of.d_un.d_ptr < into.base ? of.d_un.d_ptr + into.base : of.d_un.d_ptr;
   };
   for (; entry->d_tag != DT_NULL; ++entry)
      switch (entry->d_tag) {
      case DT_STRTAB:
         into.strings = reinterpret_cast<const char *>(at(*entry));
         break;
      case DT_SYMTAB:
         into.symbols = reinterpret_cast<const ElfW(Sym) *>(at(*entry));
         break;
      case DT_JMPREL:
         into.calls.begin = reinterpret_cast<const ElfW(Rela) *>(at(*entry));
         break;
      case DT_PLTRELSZ:
         into.calls.bytes = entry->d_un.d_val;
         break;
      case DT_RELA:
         into.data.begin = reinterpret_cast<const ElfW(Rela) *>(at(*entry));
         break;
      case DT_RELASZ:
         into.data.bytes = entry->d_un.d_val;
         break;
      case DT_NEEDED:
         into.needed.push_back(entry->d_un.d_val);
         break;
      default:
         break;
      }
}

object read_object(const dl_phdr_info &info) {
   object found;
   found.base = info.dlpi_addr;
   const ElfW(Dyn) *dynamic = nullptr;
   for (int i = 0; i < info.dlpi_phnum; ++i) {
      const ElfW(Phdr) &part = info.dlpi_phdr[i];
      if (part.p_type == PT_DYNAMIC)
         dynamic = reinterpret_cast<const ElfW(Dyn) *>(info.dlpi_addr + part.p_vaddr);
      if (part.p_type == PT_GNU_RELRO) {
         found.relro_begin = info.dlpi_addr + part.p_vaddr;
         found.relro_end = found.relro_begin + part.p_memsz;
      }
   }
   if (dynamic)
      read_dynamic(dynamic, found);
   return found;
}

template <class Visit> void every_object(Visit &&visit) {
   dl_iterate_phdr(
       [](dl_phdr_info *info, size_t, void *user) {
          (*static_cast<std::remove_reference_t<Visit> *>(user))(*info);
          return 0;
       },
       &visit);
}

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

} // namespace

struct interposed::patches {
   struct slot {
      void **where;
      void *original;
      bool read_only;
   };
   std::vector<slot> slots;

   static void write(const slot &into, void *value) {
      const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
      auto *begin = reinterpret_cast<void *>(reinterpret_cast<std::uintptr_t>(into.where) & ~(page - 1));
      if (into.read_only && mprotect(begin, page, PROT_READ | PROT_WRITE) != 0)
         throw std::runtime_error("the module's table of imported functions cannot be written");
      *into.where = value;
      if (into.read_only)
         mprotect(begin, page, PROT_READ);
   }

   template <class Replacements>
   void patch(const object &in, const object::table &relocations, const Replacements &replacements) {
      for (std::size_t i = 0; i < relocations.bytes / sizeof(ElfW(Rela)); ++i) {
         const ElfW(Rela) &one = relocations.begin[i];
         if (std::find(symbolic.begin(), symbolic.end(), static_cast<int>(ELF64_R_TYPE(one.r_info))) ==
             symbolic.end())
            continue;
         const std::string_view name = in.strings + in.symbols[ELF64_R_SYM(one.r_info)].st_name;
         const auto *wanted = std::find_if(replacements.begin(), replacements.end(),
                                           [&](const replacement &each) { return each.name == name; });
         if (wanted == replacements.end())
            continue;
         const ElfW(Addr) address = in.base + one.r_offset;
         const slot found{reinterpret_cast<void **>(address), *reinterpret_cast<void **>(address),
                          address >= in.relro_begin && address < in.relro_end};
         write(found, wanted->function);
         slots.push_back(found);
      }
   }
   template <class Replacements> void patch(const object &in, const Replacements &replacements) {
      patch(in, in.calls, replacements);
      patch(in, in.data, replacements);
   }
};

std::string interposed::unavailable() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
   return "a build with sanitizers keeps the heap itself";
#elif !defined(__x86_64__) && !defined(__aarch64__)
   return "imported functions are replaced on x86-64 and AArch64 only";
#else
   return {};
#endif
}

interposed::interposed(const void *inside) : patches_(std::make_unique<patches>()) {
   in_books([](accounts &kept) {
      kept.blocks.clear();
      kept.bytes = kept.peak = 0;
      kept.requests = 0;
      kept.fails_at = no_request;
      kept.failed_function = nullptr;
   });
   object module;
   every_object([&](const dl_phdr_info &info) {
      if (holds(info, reinterpret_cast<ElfW(Addr)>(inside)))
         module = read_object(info);
   });
   if (!module.symbols || !module.strings)
      throw std::runtime_error("no loaded module has this address");
   std::vector<object> libraries;
   every_object([&](const dl_phdr_info &info) {
      for (const std::size_t name : module.needed)
         if (file_name(info.dlpi_name) == file_name(module.strings + name))
            libraries.push_back(read_object(info));
   });
   for (const object &library : libraries)
      patches_->patch(library, in_libraries());
   patches_->patch(module, in_module());
}

interposed::~interposed() {
   // Backwards: some linkers list a slot in both tables.
   for (auto each = patches_->slots.rbegin(); each != patches_->slots.rend(); ++each)
      patches::write(*each, each->original);
}

void interposed::fail_at(uint64_t request, bool all_later) {
   in_books([&](accounts &kept) {
      kept.requests = 0;
      kept.fails_at = request;
      kept.later_too = all_later;
      kept.failed_function = nullptr;
   });
}

void interposed::fail_never() {
   in_books([](accounts &kept) { kept.fails_at = no_request; });
}

uint64_t interposed::requests() const {
   return in_books([](accounts &kept) { return kept.requests; });
}

std::string interposed::failed_request() const {
   const auto [function, bytes] =
       in_books([](accounts &kept) { return std::pair(kept.failed_function, kept.failed_bytes); });
   if (!function)
      return {};
   return bytes ? std::string(function) + " of " + std::to_string(bytes) + " bytes" : function;
}

interposed::heap interposed::live() const {
   return in_books([](accounts &kept) { return heap{kept.blocks.size(), kept.bytes, kept.peak}; });
}

void interposed::forget_peak() {
   in_books([](accounts &kept) { kept.peak = kept.bytes; });
}

} // namespace giflab::validator
