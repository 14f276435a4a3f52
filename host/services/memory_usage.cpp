#include "services/memory_usage.hpp"

#include <unistd.h>

#include <charconv>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string_view>

namespace giflab::services {

namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path &file) {
   const std::ifstream from(file);
   std::ostringstream all;
   all << from.rdbuf();
   return all.str();
}

std::optional<std::size_t> number_in(std::string_view text) {
   const std::size_t start = text.find_first_not_of(" \t");
   if (start == std::string_view::npos)
      return std::nullopt;
   std::size_t number = 0;
   const auto [end, problem] = std::from_chars(text.data() + start, text.data() + text.size(), number);
   return problem == std::errc{} ? std::optional(number) : std::nullopt;
}

// The number behind a word at the beginning of a line, as in memory.stat and meminfo.
std::optional<std::size_t> number_behind(std::string_view word, const std::string &text) {
   for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string_view line(text.data() + at, end - at);
      if (line.starts_with(word) && line.size() > word.size() &&
          (line[word.size()] == ' ' || line[word.size()] == ':'))
         return number_in(line.substr(word.size() + 1));
      at = end + 1;
   }
   return std::nullopt;
}

std::size_t resident_bytes_of(const fs::path &process) {
   const std::string pages = text_of(process / "statm"); // all, resident, shared, ... in pages
   const std::size_t space = pages.find(' ');
   if (space == std::string::npos)
      return 0;
   return number_in(std::string_view(pages).substr(space)).value_or(0) *
          static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::vector<std::string> children_of(const fs::path &process) {
   std::vector<std::string> children;
   std::error_code gone; // processes end while they are looked at
   for (fs::directory_iterator thread(process / "task", gone), end; !gone && thread != end;
        thread.increment(gone)) {
      std::istringstream words(text_of(thread->path() / "children"));
      for (std::string word; words >> word;)
         children.push_back(word);
   }
   return children;
}

// ---- Control groups

// What the two versions call the same things.
struct group_files {
   const char *limit, *used, *droppable; // the last is a line of memory.stat
};
constexpr group_files first_version{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"};
constexpr group_files second_version{"memory.max", "memory.current", "inactive_file"};

memory_reading reading_of(const fs::path &group, const group_files &files) {
   memory_reading made;
   const auto limit = number_in(text_of(group / files.limit)); // "max" is no number
   const auto used = number_in(text_of(group / files.used));
   // The first version says "no limit" by a number near 2^63.
   if (!limit || !used || *limit > std::numeric_limits<std::size_t>::max() / 4)
      return made;
   const std::size_t droppable = number_behind(files.droppable, text_of(group / "memory.stat")).value_or(0);
   made.limit = *limit;
   made.used = *used - std::min(*used, droppable);
   return made;
}

// The group and all around it, up to the top of what is mounted here. In a container the path may be one of the
// world outside, of which only the top is seen.
memory_reading tightest(const fs::path &top, const fs::path &group, const group_files &files) {
   memory_reading found;
   for (fs::path at = group.relative_path();; at = at.parent_path()) {
      const memory_reading one = reading_of(at.empty() ? top : top / at, files);
      if (one.limit && (!found.limit || one.share() > found.share()))
         found = one;
      if (at.empty())
         return found;
   }
}

bool names_memory(std::string_view controllers) {
   while (!controllers.empty()) {
      const std::size_t end = std::min(controllers.find(','), controllers.size());
      if (controllers.substr(0, end) == "memory")
         return true;
      controllers.remove_prefix(std::min(end + 1, controllers.size()));
   }
   return false;
}

} // namespace

std::size_t resident_bytes_of_tree(int process, const memory_sources &from) {
   std::size_t all = 0;
   std::vector<std::string> waiting{std::to_string(process)};
   while (!waiting.empty()) {
      const fs::path one = from.processes / waiting.back();
      waiting.pop_back();
      all += resident_bytes_of(one);
      for (std::string &child : children_of(one))
         waiting.push_back(std::move(child));
   }
   return all;
}

std::size_t resident_bytes(const memory_sources &from) { return resident_bytes_of(from.processes / "self"); }

memory_reading control_group_memory(const memory_sources &from) {
   memory_reading found;
   std::istringstream lines(text_of(from.processes / "self" / "cgroup")); // "number:controllers:path"
   for (std::string line; std::getline(lines, line);) {
      const std::size_t first = line.find(':'), second = line.find(':', first + 1);
      if (first == std::string::npos || second == std::string::npos)
         continue;
      const std::string_view controllers = std::string_view(line).substr(first + 1, second - first - 1);
      const fs::path group = line.substr(second + 1);
      memory_reading one;
      if (controllers.empty())
         one = tightest(from.groups, group, second_version);
      else if (names_memory(controllers))
         one = tightest(from.groups / "memory", group, first_version);
      if (one.limit && (!found.limit || one.share() > found.share()))
         found = one;
   }
   return found;
}

memory_reading machine_memory(const memory_sources &from) {
   const std::string about = text_of(from.processes / "meminfo"); // in KiB
   const std::size_t all = number_behind("MemTotal", about).value_or(0);
   const std::size_t available = number_behind("MemAvailable", about).value_or(all);
   return {(all - std::min(all, available)) * 1024, all * 1024};
}

} // namespace giflab::services
