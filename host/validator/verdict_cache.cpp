#include "validator/verdict_cache.hpp"

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
#include <system_error>

namespace giflab::validator {

namespace fs = std::filesystem;

namespace {

tl::unexpected<error> forgotten(const fs::path &where, const std::string &why) {
   return failed(
       problem::internal,
       fmt::format("the verdict is not remembered: {}: {}; set XDG_CACHE_HOME to a folder that can be "
                   "written to",
                   where.string(), why));
}

// Empty where the environment names none.
fs::path cache_folder() {
   if (const char *cache = secure_getenv("XDG_CACHE_HOME"); cache && *cache == '/') // others are to be ignored
      return fs::path(cache) / "giflab/checks";
   if (const char *home = secure_getenv("HOME"); home && *home == '/')
      return fs::path(home) / ".cache/giflab/checks";
   return {};
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

result<std::string> sha256_of_file(const std::string &path) {
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
   const fs::path folder = cache_folder();
   const auto sha256 = sha256_of_file(path);
   if (folder.empty() || !sha256)
      return known_verdict::unchecked;
   std::ifstream file(folder / (*sha256 + ".json"));
   const auto document = nlohmann::ordered_json::parse(file, nullptr, false);
   if (!document.is_object() || !document.contains("checker") || document["checker"] != checker() ||
       !document.contains("passed") || !document["passed"].is_boolean())
      return known_verdict::unchecked;
   return document["passed"].get<bool>() ? known_verdict::passed : known_verdict::failed;
}

result<void> remember(const validation &told) {
   const fs::path folder = cache_folder();
   if (folder.empty())
      return forgotten("its folder", "neither XDG_CACHE_HOME nor HOME names one");
   const auto sha256 = sha256_of_file(told.path);
   if (!sha256)
      return tl::unexpected(sha256.error());
   std::error_code trouble;
   fs::create_directories(folder, trouble);
   if (trouble)
      return forgotten(folder, trouble.message());
   return write_whole(folder / (*sha256 + ".json"), as_json(told).dump() + "\n");
}

} // namespace giflab::validator
