#include "validator/verdict_cache.hpp"

#include "modules/regular_file.hpp"
#include "services/descriptor.hpp"
#include "services/sha256.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <system_error>

namespace giflab::validator {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view ending = ".json";

tl::unexpected<error> forgotten(const fs::path &where, const std::string &why,
                                std::string_view what = "the verdict") {
   return failed(problem::internal,
                 fmt::format("{} is not remembered: {}: {}; set XDG_CACHE_HOME to a folder that can be "
                             "written to",
                             what, where.string(), why));
}

// What a verdict depends on besides the file.
nlohmann::ordered_json checker() {
   auto ids = nlohmann::ordered_json::array();
   for (const check &one : every_check())
      ids.push_back(one.id);
   return {{"giflab", GIFLAB_VERSION}, {"checks", ids}};
}

nlohmann::ordered_json as_json(const validation &told) {
   nlohmann::ordered_json document{{"checker", checker()}, {"seed", told.seed}, {"passed", told.passed()}};
   document["failed"] = nlohmann::ordered_json::array();
   for (const checked &line : told.lines)
      if (line.found.verdict == verdict::fail)
         document["failed"].push_back(line.what->id);
   return document;
}

// The file appears whole or not at all.
result<void> write_whole(const fs::path &file, std::string_view text) {
   std::string name = file.string() + ".XXXXXX";
   const services::descriptor made(mkostemp(name.data(), O_CLOEXEC)); // with mode 0600
   if (!made)
      return forgotten(file, std::strerror(errno));
   errno = ENOSPC; // which a write that comes back short does not say
   if (write(made.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
       std::rename(name.c_str(), file.c_str()) == 0)
      return {};
   const int reason = errno;
   unlink(name.c_str());
   return forgotten(file, std::strerror(reason));
}

} // namespace

fs::path checks_folder() {
   if (const char *cache = secure_getenv("XDG_CACHE_HOME"); cache && *cache == '/') // others are to be ignored
      return fs::path(cache) / "giflab/checks";
   if (const char *home = secure_getenv("HOME"); home && *home == '/')
      return fs::path(home) / ".cache/giflab/checks";
   return {};
}

result<std::string> sha256_of_file(const std::string &path) {
   if (const auto regular = modules::check_is_file(path); !regular)
      return failed(problem::input, fmt::format("{}: {}", path, regular.error().text));
   std::ifstream file(path, std::ios::binary);
   services::sha256 hash;
   std::array<char, 1 << 16> buffer;
   while (file.read(buffer.data(), buffer.size()) || file.gcount() > 0)
      hash.add(std::as_bytes(std::span(buffer).first(static_cast<std::size_t>(file.gcount()))));
   if (!file.eof())
      return failed(problem::input, fmt::format("{}: it cannot be read: {}", path, std::strerror(errno)));
   return hash.digest();
}

known_verdict lookup(const std::string &path) {
   const fs::path folder = checks_folder();
   const auto sha256 = sha256_of_file(path);
   if (folder.empty() || !sha256)
      return known_verdict::unchecked;
   std::ifstream file(folder / (*sha256 + std::string(ending)));
   const auto document = nlohmann::ordered_json::parse(file, nullptr, false);
   if (!document.is_object() || !document.contains("checker") || document["checker"] != checker() ||
       !document.contains("passed") || !document["passed"].is_boolean())
      return known_verdict::unchecked;
   return document["passed"].get<bool>() ? known_verdict::passed : known_verdict::failed;
}

result<void> remember(const validation &told) {
   const fs::path folder = checks_folder();
   if (folder.empty())
      return forgotten("its folder", "neither XDG_CACHE_HOME nor HOME names one");
   const auto sha256 = sha256_of_file(told.path);
   if (!sha256)
      return tl::unexpected(sha256.error());
   std::error_code trouble;
   fs::create_directories(folder, trouble);
   if (trouble)
      return forgotten(folder, trouble.message());
   return write_whole(folder / (*sha256 + std::string(ending)), as_json(told).dump() + "\n");
}

// ---- Quarantine

namespace {

constexpr std::string_view of_quarantine = "the quarantine";

// A folder of its own: every start looks through it, and it is hardly ever there.
fs::path quarantine_folder() {
   const fs::path checks = checks_folder();
   return checks.empty() ? checks : checks / "quarantine";
}

std::vector<fs::path> quarantine_files() {
   std::vector<fs::path> files;
   std::error_code trouble; // what is not there holds nobody
   for (fs::directory_iterator entry(quarantine_folder(), trouble), end; !trouble && entry != end;
        entry.increment(trouble))
      if (entry->path().extension() == ending)
         files.push_back(entry->path());
   return files;
}

// Ids and reasons; nothing where the file is not there or is none of ours.
std::map<std::string, std::string> read_quarantine(const fs::path &path) {
   std::ifstream file(path);
   const auto document = nlohmann::ordered_json::parse(file, nullptr, false);
   std::map<std::string, std::string> kept;
   if (document.is_object())
      for (const auto &[id, reason] : document.items())
         if (reason.is_string())
            kept[id] = reason.get<std::string>();
   return kept;
}

result<void> write_quarantine(const fs::path &path, const std::map<std::string, std::string> &kept) {
   std::error_code trouble;
   if (kept.empty()) {
      fs::remove(path, trouble);
      return trouble ? result<void>(forgotten(path, trouble.message(), of_quarantine)) : result<void>();
   }
   return write_whole(path, nlohmann::ordered_json(kept).dump(
                                3, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
                                "\n");
}

} // namespace

std::optional<std::string> quarantined(const std::string &path, const std::string &plugin) {
   std::optional<std::string> sha256; // asked for once, and only where it matters
   for (const fs::path &file : quarantine_files()) {
      const auto kept = read_quarantine(file);
      const auto reason = kept.find(plugin);
      if (reason == kept.end())
         continue;
      if (!sha256)
         sha256 = sha256_of_file(path).value_or("");
      if (file.filename() == *sha256 + std::string(ending))
         return reason->second;
   }
   return std::nullopt;
}

result<void> quarantine(const std::string &path, const std::string &plugin, const std::string &reason) {
   const fs::path folder = quarantine_folder();
   if (folder.empty())
      return forgotten("its folder", "neither XDG_CACHE_HOME nor HOME names one", of_quarantine);
   const auto sha256 = sha256_of_file(path);
   if (!sha256)
      return tl::unexpected(sha256.error());
   std::error_code trouble;
   fs::create_directories(folder, trouble);
   if (trouble)
      return forgotten(folder, trouble.message(), of_quarantine);
   const fs::path file = folder / (*sha256 + std::string(ending));
   auto kept = read_quarantine(file);
   kept[plugin] = reason;
   return write_quarantine(file, kept);
}

result<bool> forgive(const std::string &plugin) {
   bool found = false;
   for (const fs::path &file : quarantine_files()) {
      auto kept = read_quarantine(file);
      if (kept.erase(plugin) == 0)
         continue;
      found = true;
      if (auto written = write_quarantine(file, kept); !written)
         return tl::unexpected(written.error());
   }
   return found;
}

} // namespace giflab::validator
