#pragma once
// What tests of the engine compare, and with which plugins.

#include "modules/catalogue.hpp"
#include "scratch_folder.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <string>

namespace engine_tests {

// The built-in ones, and those for tests.
inline const giflab::modules::catalogue &plugins() {
   static const auto found = giflab::modules::catalogue::discover({BUILTIN_PLUGINS, BEHAVIOUR_PLUGINS}, 2);
   REQUIRE(found);
   return *found;
}

inline void make_gif(const std::filesystem::path &path, int width, int height, int frames) {
   REQUIRE(std::system(
               fmt::format("{} {} {} {} {}", SYNTHETIC_GIF, path.string(), width, height, frames).c_str()) ==
           0);
}

// The path of a synthetic GIF, made once in the run of a program.
inline std::string gif(int width, int height, int frames) {
   static const giflab::tests::scratch_folder folder;
   const std::string path = folder.file(fmt::format("{}x{}-{}.gif", width, height, frames));
   if (!std::filesystem::exists(path))
      make_gif(path, width, height, frames);
   return path;
}

} // namespace engine_tests
