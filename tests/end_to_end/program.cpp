#include "program.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace end_to_end {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

namespace {

class scratch {
 public:
   scratch() : folder_(fs::temp_directory_path() / fmt::format("giflab-end-to-end-{}", getpid())) {
      fs::create_directories(folder_ / "home");
   }
   ~scratch() {
      std::error_code ignored;
      fs::remove_all(folder_, ignored);
   }
   const fs::path &folder() const { return folder_; }

 private:
   fs::path folder_;
};

const fs::path &scratch_folder() {
   static const scratch made;
   return made.folder();
}

// A file without a name: it takes whatever a child writes, and no reader has to keep up.
class catcher {
 public:
   catcher() : descriptor_(memfd_create("output", MFD_CLOEXEC)) {
      if (descriptor_ < 0)
         throw std::runtime_error("no memory for a child's output");
   }
   catcher(const catcher &) = delete;
   catcher &operator=(const catcher &) = delete;
   ~catcher() { close(descriptor_); }
   int descriptor() const { return descriptor_; }
   std::string text() const {
      std::string text(static_cast<std::size_t>(lseek(descriptor_, 0, SEEK_END)), '\0');
      const ssize_t got = pread(descriptor_, text.data(), text.size(), 0);
      text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
      return text;
   }

 private:
   int descriptor_;
};

std::vector<std::string> environment_for(const invocation &asked) {
   std::vector<std::string> variables;
   for (char **variable = environ; *variable; ++variable)
      if (const std::string text = *variable; !text.starts_with("GIFLAB_") && !text.starts_with("HOME=") &&
                                              !text.starts_with("XDG_DATA_HOME=") &&
                                              !asked.variables.contains(text.substr(0, text.find('='))))
         variables.push_back(text);
   variables.push_back("HOME=" + (scratch_folder() / "home").string());
   for (const auto &[name, value] : asked.variables)
      variables.push_back(fmt::format("{}={}", name, value));
   return variables;
}

std::vector<char *> pointers_to(std::vector<std::string> &texts) {
   std::vector<char *> pointers;
   pointers.reserve(texts.size() + 1);
   for (std::string &text : texts)
      pointers.push_back(text.data());
   pointers.push_back(nullptr);
   return pointers;
}

pid_t start(const std::string &program, const invocation &asked, const catcher &out, const catcher &err) {
   std::vector<std::string> words = asked.arguments, variables = environment_for(asked);
   words.insert(words.begin(), program);
   const std::string folder = asked.folder.empty() ? scratch_folder().string() : asked.folder.string();
   posix_spawn_file_actions_t actions;
   posix_spawn_file_actions_init(&actions);
   posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
   posix_spawn_file_actions_adddup2(&actions, out.descriptor(), STDOUT_FILENO);
   posix_spawn_file_actions_adddup2(&actions, err.descriptor(), STDERR_FILENO);
   posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
   pid_t child = -1;
   const int failure = posix_spawnp(&child, program.c_str(), &actions, nullptr, pointers_to(words).data(),
                                    pointers_to(variables).data());
   posix_spawn_file_actions_destroy(&actions);
   if (failure != 0)
      throw std::runtime_error(fmt::format("{} does not start: {}", program, std::strerror(failure)));
   return child;
}

bool has_ended(int process, std::chrono::milliseconds within) {
   pollfd ended{process, POLLIN, 0};
   return poll(&ended, 1, static_cast<int>(within.count())) > 0;
}

// Before a program has its handler, SIGINT would end it in the ordinary way.
bool catches_interrupts(pid_t child) {
   std::ifstream status(fmt::format("/proc/{}/status", child));
   for (std::string line; std::getline(status, line);)
      if (line.starts_with("SigCgt:"))
         return (std::stoull(line.substr(7), nullptr, 16) & (1u << (SIGINT - 1))) != 0;
   return false;
}

void interrupt(pid_t child, int process, int signal) {
   for (int i = 0; i < 6000 && !catches_interrupts(child); ++i)
      if (has_ended(process, std::chrono::milliseconds(10)))
         return;
   if (!has_ended(process, std::chrono::milliseconds(300)))
      kill(child, signal);
}

} // namespace

outcome run_program(const std::string &program, const invocation &asked) {
   const catcher out, err;
   auto began = steady_clock::now();
   const pid_t child = start(program, asked, out, err);
   // The wrapper of glibc 2.36 is not declared for C++.
   const int process = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
   if (asked.interrupt) {
      interrupt(child, process, asked.signal);
      began = steady_clock::now();
   }
   if (asked.kill_after_ms >= 0 && !has_ended(process, std::chrono::milliseconds(asked.kill_after_ms)))
      kill(child, SIGKILL);
   outcome ended;
   ended.hung = !has_ended(process, std::chrono::seconds(asked.seconds));
   if (ended.hung)
      kill(child, SIGKILL);
   close(process);
   int status = 0;
   waitpid(child, &status, 0);
   ended.seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
   ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
   ended.out = out.text();
   ended.err = err.text();
   return ended;
}

outcome giflab(const invocation &asked) { return run_program(GIFLAB, asked); }

outcome giflab(const std::vector<std::string> &arguments) { return giflab(invocation{arguments}); }

std::vector<outcome> giflab_each(const std::vector<invocation> &asked) {
   std::vector<outcome> outcomes(asked.size());
   std::atomic<std::size_t> next = 0;
   std::vector<std::jthread> workers;
   for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i)
      workers.emplace_back([&] {
         for (std::size_t mine = next++; mine < asked.size(); mine = next++)
            outcomes[mine] = giflab(asked[mine]);
      });
   workers.clear(); // waits for them
   return outcomes;
}

std::string sanitizer_report(const outcome &ended) {
   for (const char *sign : {"ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer",
                            "ThreadSanitizer:DEADLYSIGNAL", "runtime error:"})
      if (has(ended.err, sign))
         return ended.err;
   return {};
}

void check_refusal(const outcome &ended, int code, const std::string &words) {
   CAPTURE(ended.err);
   CHECK_FALSE(ended.hung);
   CHECK(ended.code == code);
   CHECK(ended.out.empty());
   CHECK(ended.err.starts_with("giflab: "));
   CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') == 1);
   CHECK(ended.err.ends_with("\n"));
   CHECK(has(ended.err, words));
   CHECK(sanitizer_report(ended).empty());
}

fs::path fresh_folder(const std::string &name) {
   fs::path folder = scratch_folder() / name;
   fs::remove_all(folder);
   fs::create_directories(folder);
   return folder;
}

std::vector<std::string> names_in(const fs::path &folder) {
   std::vector<std::string> names;
   for (const fs::directory_entry &entry : fs::directory_iterator(folder))
      names.push_back(entry.path().filename().string());
   std::sort(names.begin(), names.end());
   return names;
}

std::string contents(const fs::path &file) {
   std::ifstream stream(file, std::ios::binary);
   return {std::istreambuf_iterator<char>(stream), {}};
}

void write_file(const fs::path &file, const std::string &bytes) {
   std::ofstream stream(file, std::ios::binary);
   stream << bytes;
   if (!stream.flush())
      throw std::runtime_error(fmt::format("{} could not be written", file.string()));
}

} // namespace end_to_end
