#include "validator/process_state.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cfenv>
#include <clocale>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <locale.h>

#ifdef __x86_64__
#   include <immintrin.h>
#endif

extern char **environ;

namespace giflab::validator {

namespace {

// The low bits of MXCSR only tell what happened in calculations.
constexpr uint32_t exception_flags = 0x3F;

// Of a signal set, what the kernel knows; the rest of glibc's type is not filled in.
std::string bytes_of(const sigset_t &set) {
   std::string members;
   for (int signal = 1; signal < NSIG; ++signal)
      members += sigismember(&set, signal) == 1 ? '1' : '0';
   return members;
}

std::vector<process_state::handling> current_handlers() {
   std::vector<process_state::handling> handlers(NSIG);
   for (int signal = 1; signal < NSIG; ++signal) {
      struct sigaction action {};
      if (sigaction(signal, nullptr, &action) != 0)
         continue; // one of those that the C library keeps to itself
      auto &handling = handlers[static_cast<std::size_t>(signal)];
      std::memcpy(&handling.handler, &action.sa_handler, sizeof handling.handler);
      if (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN)
         continue; // the rest is about a handler
      handling.flags = action.sa_flags;
      handling.blocked = bytes_of(action.sa_mask);
   }
   return handlers;
}

void read_floating_point(process_state &state) {
   state.rounding = std::fegetround();
#ifdef __x86_64__
   state.vector_control = _mm_getcsr() & ~exception_flags;
   asm volatile("fnstcw %0" : "=m"(state.x87_control));
#endif
}

uint32_t current_umask() {
   const mode_t mask = umask(0); // there is no way to ask only
   umask(mask);
   return mask;
}

std::vector<uint64_t> current_standard_files() {
   std::vector<uint64_t> files;
   for (int descriptor = 0; descriptor <= STDERR_FILENO; ++descriptor) {
      struct stat facts {};
      const bool open = fstat(descriptor, &facts) == 0;
      files.push_back(open ? facts.st_dev : 0);
      files.push_back(open ? facts.st_ino : 0);
   }
   return files;
}

const char *signal_change(const process_state &before, const process_state &after, int &signal) {
   for (signal = 1; signal < NSIG; ++signal)
      if (before.handlers[static_cast<std::size_t>(signal)] != after.handlers[static_cast<std::size_t>(signal)])
         return strsignal(signal);
   return nullptr;
}

// The first entry of one list that the other lacks.
std::string environment_change(const process_state &before, const process_state &after) {
   const auto lacking = [](const std::vector<std::string> &in, const std::vector<std::string> &of) {
      const auto found = std::find_if(of.begin(), of.end(), [&](const auto &one) {
         return std::find(in.begin(), in.end(), one) == in.end();
      });
      return found == of.end() ? std::string() : found->substr(0, found->find('='));
   };
   const std::string added = lacking(before.environment, after.environment);
   return added.empty() ? "unset " + lacking(after.environment, before.environment) : "set " + added;
}

} // namespace

process_state current_process_state() {
   process_state state;
   read_floating_point(state);
   sigset_t blocked;
   sigemptyset(&blocked);
   pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
   state.blocked_signals = bytes_of(blocked);
   state.handlers = current_handlers();
   const char *locale = std::setlocale(LC_ALL, nullptr);
   state.locale = locale ? locale : "";
   state.thread_locale = uselocale(nullptr);
   std::error_code unreadable; // a folder that was removed under the process has no name
   state.folder = std::filesystem::current_path(unreadable).string();
   state.umask = current_umask();
   for (char **entry = environ; entry && *entry; ++entry)
      state.environment.emplace_back(*entry);
   state.standard_files = current_standard_files();
   return state;
}

std::string changes(const process_state &before, const process_state &after) {
   if (before.rounding != after.rounding)
      return fmt::format("changed the rounding mode from {:#x} to {:#x}", before.rounding, after.rounding);
   if (before.vector_control != after.vector_control)
      return fmt::format("changed the floating-point control word MXCSR from {:#x} to {:#x}",
                         before.vector_control, after.vector_control);
   if (before.x87_control != after.x87_control)
      return fmt::format("changed the x87 control word from {:#x} to {:#x}", before.x87_control,
                         after.x87_control);
   if (before.blocked_signals != after.blocked_signals)
      return "changed the thread's signal mask";
   int signal = 0;
   if (const char *name = signal_change(before, after, signal))
      return fmt::format("changed how signal {} ({}) is handled", signal, name);
   if (before.locale != after.locale)
      return fmt::format("changed the locale from {} to {}", before.locale, after.locale);
   if (before.thread_locale != after.thread_locale)
      return "changed the thread's locale (uselocale)";
   if (before.folder != after.folder)
      return fmt::format("changed the working directory to {}", after.folder);
   if (before.umask != after.umask)
      return fmt::format("changed the umask from {:03o} to {:03o}", before.umask, after.umask);
   if (before.environment != after.environment)
      return environment_change(before, after) + " in the environment";
   if (before.standard_files != after.standard_files)
      return "closed or replaced standard input, output or error";
   return {};
}

} // namespace giflab::validator
