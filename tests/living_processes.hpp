#pragma once
// Which processes live, told by what they were started with.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

// A file below /proc/PID; empty where the process has ended, before or while this reads, and where it is
// somebody else's. Anything else that fails throws std::system_error.
inline std::string text_of_process(const std::filesystem::path &file) {
   std::string text;
   std::array<char, 4096> part;
   const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
   ssize_t count = descriptor < 0 ? -1 : 0;
   while (descriptor >= 0 && (count = read(descriptor, part.data(), part.size())) > 0)
      text.append(part.data(), static_cast<std::size_t>(count));
   const int trouble = count < 0 ? errno : 0;
   if (descriptor >= 0)
      close(descriptor);
   if (trouble == 0)
      return text;
   if (trouble == ENOENT || trouble == ESRCH || trouble == EACCES || trouble == EPERM)
      return "";
   throw std::system_error(trouble, std::generic_category(), file.string());
}

// Every living process but this one that has `mark` in the environment it was started with: "PID: its words".
inline std::vector<std::string> living_processes_with(const std::string &mark) {
   std::vector<std::string> found;
   for (const auto &entry : std::filesystem::directory_iterator("/proc")) {
      const std::string name = entry.path().filename();
      if (name.find_first_not_of("0123456789") != std::string::npos || name == std::to_string(getpid()))
         continue;
      if (text_of_process(entry.path() / "environ").find(mark) != std::string::npos)
         found.push_back(name + ": " + text_of_process(entry.path() / "cmdline"));
   }
   return found;
}
