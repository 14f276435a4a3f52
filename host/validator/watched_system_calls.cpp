#include "validator/watched_system_calls.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <sched.h>
#include <string_view>

#ifdef __x86_64__
#   include <ucontext.h>
#endif

namespace giflab::validator {

#ifdef __x86_64__

namespace {

// Stands in the sixth argument of a call that the handler makes itself: the filter lets it through. None of
// the calls concerned has six arguments.
constexpr uint64_t own_call = 0x6769'666C'6162'2121;

constexpr int no_argument = -1;

// A system call that writes to where a path leads, and which arguments say where.
struct writing_call {
   int number;
   const char *name;
   int folder, path; // of the first path; folder: a descriptor's argument or none
   int second_folder = no_argument, second_path = no_argument;
};
constexpr std::array writing_calls = {
    writing_call{SYS_open, "open for writing", no_argument, 0},
    writing_call{SYS_openat, "openat for writing", 0, 1},
    writing_call{SYS_creat, "creat", no_argument, 0},
    writing_call{SYS_unlink, "unlink", no_argument, 0},
    writing_call{SYS_unlinkat, "unlinkat", 0, 1},
    writing_call{SYS_mkdir, "mkdir", no_argument, 0},
    writing_call{SYS_mkdirat, "mkdirat", 0, 1},
    writing_call{SYS_rmdir, "rmdir", no_argument, 0},
    writing_call{SYS_rename, "rename", no_argument, 0, no_argument, 1},
    writing_call{SYS_renameat, "renameat", 0, 1, 2, 3},
    writing_call{SYS_renameat2, "renameat2", 0, 1, 2, 3},
    writing_call{SYS_link, "link", no_argument, 1},
    writing_call{SYS_linkat, "linkat", 2, 3},
    writing_call{SYS_symlink, "symlink", no_argument, 1},
    writing_call{SYS_symlinkat, "symlinkat", 1, 2},
    writing_call{SYS_mknod, "mknod", no_argument, 0},
    writing_call{SYS_mknodat, "mknodat", 0, 1},
    writing_call{SYS_truncate, "truncate", no_argument, 0},
    writing_call{SYS_chmod, "chmod", no_argument, 0},
    writing_call{SYS_fchmodat, "fchmodat", 0, 1},
    writing_call{SYS_chown, "chown", no_argument, 0},
    writing_call{SYS_fchownat, "fchownat", 0, 1},
};

struct named_call {
   int number;
   const char *name;
};
constexpr std::array refused_calls = {
    named_call{SYS_socket, "socket"}, named_call{SYS_connect, "connect"},   named_call{SYS_bind, "bind"},
    named_call{SYS_execve, "execve"}, named_call{SYS_execveat, "execveat"}, named_call{SYS_fork, "fork"},
    named_call{SYS_vfork, "vfork"},   named_call{SYS_ptrace, "ptrace"},
};

// Written by the handler of signals, read when all is over.
struct note {
   const char *name;
   const char *during;
   char path[256];
};
constexpr std::size_t most_notes = 16;
std::array<note, most_notes> notes;
std::atomic<std::size_t> note_count{0};
std::atomic<const char *> doing{""};
char allowed_folder[PATH_MAX];

// ---- In the handler: no memory is asked for, and nothing is called that locks.

// `path` behind `folder`, without "." and ".."; links are not followed. False if it does not fit.
bool append_tidied(char (&whole)[PATH_MAX], std::string_view path) {
   std::size_t length = std::strlen(whole);
   while (!path.empty()) {
      const std::size_t end = std::min(path.find('/'), path.size());
      const std::string_view part = path.substr(0, end);
      path.remove_prefix(std::min(end + 1, path.size()));
      if (part.empty() || part == ".")
         continue;
      if (part == "..") {
         while (length > 0 && whole[--length] != '/') {
         }
      } else if (length + 1 + part.size() < sizeof whole) {
         whole[length++] = '/';
         std::memcpy(whole + length, part.data(), part.size());
         length += part.size();
      } else {
         return false;
      }
      whole[length] = '\0';
   }
   return true;
}

// Where a relative path starts: the folder of a descriptor, or of the process.
bool read_folder(char (&whole)[PATH_MAX], int descriptor) {
   char link[64] = "/proc/self/cwd";
   if (descriptor != AT_FDCWD)
      *fmt::format_to_n(link, sizeof link - 1, "/proc/self/fd/{}", descriptor).out = '\0';
   const ssize_t length = readlink(link, whole, sizeof whole - 1);
   whole[std::max<ssize_t>(length, 0)] = '\0';
   return length >= 0;
}

bool starts_with(const char *path, const char *folder) {
   const std::size_t length = std::strlen(folder);
   return std::strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

// Below the folder; or a device or a table of the kernel's, where writing leaves no file.
bool may_write(const char *path) {
   constexpr const char *harmless[] = {"/dev/null", "/dev/zero", "/dev/full", "/proc/self",
                                       "/proc/thread-self"};
   for (const char *one : harmless)
      if (starts_with(path, one))
         return true;
   return starts_with(path, allowed_folder);
}

void take_note(const char *name, const char *path) {
   const std::size_t slot = note_count.fetch_add(1);
   if (slot >= most_notes)
      return;
   notes[slot].name = name;
   notes[slot].during = doing;
   std::memcpy(notes[slot].path, path, std::min(std::strlen(path), sizeof notes[slot].path - 1));
}

// Whether the call may write to one of its paths; notes it if not.
bool path_permitted(const char *name, const long long (&arguments)[6], int folder, int path) {
   if (path == no_argument)
      return true;
   const auto *given = reinterpret_cast<const char *>(arguments[path]);
   if (!given)
      return true; // the kernel says EFAULT, or means the descriptor itself
   const int descriptor = folder == no_argument ? AT_FDCWD : static_cast<int>(arguments[folder]);
   char whole[PATH_MAX] = "";
   const bool readable = (given[0] == '/' || read_folder(whole, descriptor)) && append_tidied(whole, given);
   if (readable && may_write(whole))
      return true;
   take_note(name, readable ? whole : given);
   return false;
}

// What the refused call gives its caller: a result, or a negative errno.
long long answer(int number, const long long (&arguments)[6]) {
   for (const auto &one : writing_calls)
      if (one.number == number) {
         if (!path_permitted(one.name, arguments, one.folder, one.path) ||
             !path_permitted(one.name, arguments, one.second_folder, one.second_path))
            return -EACCES;
         const long made =
             syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], own_call);
         return made < 0 ? -errno : made;
      }
   for (const auto &one : refused_calls)
      if (one.number == number) {
         take_note(one.name, number == SYS_execve ? reinterpret_cast<const char *>(arguments[0]) : "");
         return -EACCES;
      }
   take_note(number == SYS_clone  ? "clone of a process"
             : number == SYS_kill ? "kill of another process"
                                  : "?",
             "");
   return -EACCES;
}

void on_refused(int, siginfo_t *info, void *context) {
   const int kept_errno = errno;
   auto &registers = static_cast<ucontext_t *>(context)->uc_mcontext.gregs;
   const long long arguments[6] = {registers[REG_RDI], registers[REG_RSI], registers[REG_RDX],
                                   registers[REG_R10], registers[REG_R8],  registers[REG_R9]};
   registers[REG_RAX] = answer(info->si_syscall, arguments);
   errno = kept_errno;
}

// ---- The filter

constexpr uint32_t offset_of_argument(int argument) {
   return static_cast<uint32_t>(offsetof(seccomp_data, args)) + 8 * static_cast<uint32_t>(argument);
}

class filter_program {
 public:
   void load(uint32_t offset) { add(BPF_LD | BPF_W | BPF_ABS, offset); }
   void answer(uint32_t action) { add(BPF_RET | BPF_K, action); }

   // The next `count` instructions are for this word alone.
   void unless_equal_skip(uint32_t word, uint8_t count) { add(BPF_JMP | BPF_JEQ | BPF_K, word, 0, count); }
   void if_any_bit_skip(uint32_t bits, uint8_t count) { add(BPF_JMP | BPF_JSET | BPF_K, bits, count, 0); }
   void if_equal_skip(uint32_t word, uint8_t count) { add(BPF_JMP | BPF_JEQ | BPF_K, word, count, 0); }

   sock_fprog program() { return {static_cast<unsigned short>(instructions_.size()), instructions_.data()}; }

 private:
   void add(unsigned code, uint32_t word, uint8_t if_true = 0, uint8_t if_false = 0) {
      instructions_.push_back({static_cast<uint16_t>(code), if_true, if_false, word});
   }
   std::vector<sock_filter> instructions_;
};

constexpr auto number_offset = static_cast<uint32_t>(offsetof(seccomp_data, nr));

// Calls of the handler's own, told by the word in their sixth argument.
void let_own_calls_through(filter_program &filter) {
   filter.load(offset_of_argument(5));
   filter.unless_equal_skip(static_cast<uint32_t>(own_call), 3);
   filter.load(offset_of_argument(5) + 4);
   filter.unless_equal_skip(static_cast<uint32_t>(own_call >> 32), 1);
   filter.answer(SECCOMP_RET_ALLOW);
}

// The call `number` is trapped only if this argument has one of these bits.
void trap_if_bits(filter_program &filter, int number, int argument, uint32_t bits) {
   filter.unless_equal_skip(static_cast<uint32_t>(number), 4);
   filter.load(offset_of_argument(argument));
   filter.if_any_bit_skip(bits, 1);
   filter.answer(SECCOMP_RET_ALLOW);
   filter.answer(SECCOMP_RET_TRAP);
}

// The call `number` is let through only if this argument has all these bits, or this value.
void allow_if_bits(filter_program &filter, int number, int argument, uint32_t bits) {
   filter.unless_equal_skip(static_cast<uint32_t>(number), 4);
   filter.load(offset_of_argument(argument));
   filter.if_any_bit_skip(bits, 1);
   filter.answer(SECCOMP_RET_TRAP);
   filter.answer(SECCOMP_RET_ALLOW);
}
void allow_if_value(filter_program &filter, int number, int argument, uint32_t value) {
   filter.unless_equal_skip(static_cast<uint32_t>(number), 4);
   filter.load(offset_of_argument(argument));
   filter.if_equal_skip(value, 1);
   filter.answer(SECCOMP_RET_TRAP);
   filter.answer(SECCOMP_RET_ALLOW);
}

void answer_call(filter_program &filter, int number, uint32_t action) {
   filter.unless_equal_skip(static_cast<uint32_t>(number), 1);
   filter.answer(action);
}

filter_program the_filter() {
   constexpr uint32_t writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
   filter_program filter;
   filter.load(static_cast<uint32_t>(offsetof(seccomp_data, arch)));
   filter.if_equal_skip(AUDIT_ARCH_X86_64, 1);
   filter.answer(SECCOMP_RET_KILL_PROCESS);
   let_own_calls_through(filter);
   filter.load(number_offset);
   trap_if_bits(filter, SYS_open, 1, writing);
   trap_if_bits(filter, SYS_openat, 2, writing);
   allow_if_bits(filter, SYS_clone, 0, CLONE_THREAD);
   allow_if_value(filter, SYS_kill, 0, static_cast<uint32_t>(getpid()));
   // Their arguments lie in memory, out of the filter's sight; libraries fall back to the calls above.
   for (const int number : {SYS_clone3, SYS_openat2, SYS_io_uring_setup})
      answer_call(filter, number, SECCOMP_RET_ERRNO | ENOSYS);
   for (const auto &one : writing_calls)
      answer_call(filter, one.number, SECCOMP_RET_TRAP);
   for (const auto &one : refused_calls)
      answer_call(filter, one.number, SECCOMP_RET_TRAP);
   filter.answer(SECCOMP_RET_ALLOW);
   return filter;
}

std::string reason(const char *what) { return fmt::format("{}: {}", what, std::strerror(errno)); }

} // namespace

std::string watch_system_calls(const std::string &folder) {
   if (folder.size() >= sizeof allowed_folder)
      return "the path of the private folder is too long";
   std::memcpy(allowed_folder, folder.c_str(), folder.size() + 1);
   struct sigaction action {};
   action.sa_sigaction = on_refused;
   // Not deferred: the handler's own calls, and those of calls that it interrupts, are watched as well.
   action.sa_flags = SA_SIGINFO | SA_NODEFER;
   if (sigaction(SIGSYS, &action, nullptr) != 0)
      return reason("no handler for SIGSYS");
   if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
      return reason("prctl(PR_SET_NO_NEW_PRIVS)");
   filter_program filter = the_filter();
   const sock_fprog program = filter.program();
   if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0)
      return reason("prctl(PR_SET_SECCOMP)");
   return {};
}

void system_calls_during(const char *what) { doing = what; }

std::vector<std::string> refused_system_calls() {
   std::vector<std::string> refused;
   for (std::size_t i = 0; i < std::min(note_count.load(), most_notes); ++i)
      refused.push_back(fmt::format("{}{}{} during {}", notes[i].name, notes[i].path[0] ? " of " : "",
                                    notes[i].path, notes[i].during));
   return refused;
}

#else

std::string watch_system_calls(const std::string &) { return "system calls are watched on x86-64 only"; }
void system_calls_during(const char *) {}
std::vector<std::string> refused_system_calls() { return {}; }

#endif

} // namespace giflab::validator
