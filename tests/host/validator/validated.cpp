#include "validated.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <thread>

namespace validator_tests {

using namespace giflab::validator;
namespace fs = std::filesystem;

std::vector<std::string> modules_in(const std::string &folder) {
   std::vector<std::string> paths;
   for (const fs::directory_entry &entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ".so")
         paths.push_back(entry.path().string());
   std::sort(paths.begin(), paths.end());
   return paths;
}

std::vector<std::string> dear_checks() { return {"R05", "R06", "R07"}; }

std::vector<std::string> cheap_checks() {
   const std::vector<std::string> dear = dear_checks();
   std::vector<std::string> ids;
   for (const check &one : every_check())
      if (std::find(dear.begin(), dear.end(), one.id) == dear.end())
         ids.emplace_back(one.id);
   return ids;
}

validation validated(const std::string &path, const std::vector<std::string> &only) {
   const giflab::services::cancellation never;
   validation_options options;
   options.only = only;
   options.at_once = std::max(1u, std::thread::hardware_concurrency());
   options.model_folders = {fs::path(path).parent_path().string()};
   auto told = validate(path, options, never, [](const checked &) {});
   REQUIRE_MESSAGE(told, (told ? "" : told.error().text));
   return *told;
}

std::set<std::string> failures(const validation &told) {
   std::set<std::string> ids;
   for (const checked &line : told.lines)
      if (line.found.verdict == verdict::fail)
         ids.insert(line.what->id);
   return ids;
}

std::string in_words(const checked &line) {
   return fmt::format("{} {}: {} ({} ms)", line.what->id, line.plugin.empty() ? "the file" : line.plugin,
                      line.found.sentence, line.wall.count());
}

} // namespace validator_tests
