// giflab new-plugin NAME

#include "cli/command.hpp"
#include "cli/plugin_templates.hpp"
#include "config/nearest_name.hpp"
#include "config/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace giflab::cli {

namespace {

namespace fs = std::filesystem;

struct new_plugin_options {
   std::string name, kind, language, into = ".";
};

// What one builds and tests a plugin with, as people type it in the plugin's folder.
struct language {
   std::string_view name, needs, build, test, folder, module, source;
};
constexpr language languages[] = {
    {"c",
     "The giflab SDK must be installed. Where it is not under giflab's own prefix, add\n"
     "`-DCMAKE_PREFIX_PATH=PREFIX` to the first command.",
     "cmake -B build && cmake --build build", "ctest --test-dir build --output-on-failure", "build",
     "build/@name@.so", "source/@name@.c"},
    {"cpp",
     "The giflab SDK must be installed. Where it is not under giflab's own prefix, add\n"
     "`-DCMAKE_PREFIX_PATH=PREFIX` to the first command.",
     "cmake -B build && cmake --build build", "ctest --test-dir build --output-on-failure", "build",
     "build/@name@.so", "source/@name@.cpp"},
    {"rust", "`src/giflab.rs` is the whole SDK: nothing is needed but cargo.", "cargo build --release",
     "cargo test --release", "target/release", "target/release/lib@name@.so", "src/lib.rs"},
};
const std::vector<std::string> kinds = {"metric", "filter", "encoder"};

// What CMake keeps for targets of its own (its policy CMP0037).
constexpr std::string_view reserved_names[] = {"all",           "clean",   "edit_cache",     "help",
                                               "install",       "package", "package_source", "preinstall",
                                               "rebuild_cache", "test"};

constexpr std::size_t longest_name = 64;

bool is_plugin_name(std::string_view name) {
   const auto fits = [](char letter) {
      return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
   };
   return !name.empty() && name.size() <= longest_name && name[0] >= 'a' && name[0] <= 'z' &&
          std::all_of(name.begin(), name.end(), fits) &&
          std::find(std::begin(reserved_names), std::end(reserved_names), name) == std::end(reserved_names);
}

// The nearest name that would do.
std::string mended_name(std::string_view name) {
   std::string mended;
   for (const char letter : name) {
      const auto byte = static_cast<unsigned char>(letter);
      const char next = byte < 128 && std::isalnum(byte) ? static_cast<char>(std::tolower(byte)) : '_';
      if (next != '_' || (!mended.empty() && mended.back() != '_'))
         mended += next;
   }
   while (!mended.empty() && mended.back() == '_')
      mended.pop_back();
   if (mended.empty() || std::isdigit(static_cast<unsigned char>(mended[0])))
      mended = "my_" + (mended.empty() ? "plugin" : mended);
   mended.resize(std::min(mended.size(), longest_name));
   return is_plugin_name(mended) ? mended : "my_" + mended;
}

result<void> check_name(const std::string &name) {
   if (is_plugin_name(name))
      return {};
   return failed(
       problem::usage,
       fmt::format("{} cannot be a plugin's name, which is lowercase letters, digits and '_', a letter "
                   "first, at most {}, and none that CMake keeps for itself: try {}",
                   config::in_quotes(name), longest_name, mended_name(name)));
}

result<void> check_word(const char *option, const std::string &word, const std::vector<std::string> &known) {
   if (std::find(known.begin(), known.end(), word) != known.end())
      return {};
   return failed(problem::usage, fmt::format("{} {} is not known: {}", option, config::in_quotes(word),
                                             config::did_you_mean(word, known)));
}

result<void> check_new_plugin(const new_plugin_options &options) {
   std::vector<std::string> names;
   for (const language &one : languages)
      names.emplace_back(one.name);
   if (auto checked = check_name(options.name); !checked)
      return checked;
   if (auto checked = check_word("--kind", options.kind, kinds); !checked)
      return checked;
   return check_word("--language", options.language, names);
}

// The folder to fill: not there yet, or empty.
result<fs::path> free_folder(const new_plugin_options &options) {
   std::error_code problem_found;
   if (!fs::is_directory(options.into, problem_found))
      return failed(problem::usage,
                    fmt::format("--into {}: there is no such folder", config::in_quotes(options.into)));
   fs::path folder = options.into == "." ? fs::path(options.name) : fs::path(options.into) / options.name;
   const fs::file_status found = fs::symlink_status(folder, problem_found);
   if (!fs::exists(found))
      return folder;
   if (!fs::is_directory(found) || !fs::is_empty(folder, problem_found) || problem_found)
      return failed(problem::usage,
                    fmt::format("{} is there already and is no empty folder: choose another name, or "
                                "another place with --into",
                                config::in_quotes(folder.string())));
   return folder;
}

// ---- Files from templates

std::string filled(std::string_view text, const new_plugin_options &options, const language &with) {
   // @name@ comes last: the others hold it.
   const std::array<std::pair<std::string_view, std::string_view>, 7> placeholders = {
       {{"@needs@", with.needs},
        {"@build@", with.build},
        {"@test@", with.test},
        {"@folder@", with.folder},
        {"@module@", with.module},
        {"@source@", with.source},
        {"@name@", options.name}}};
   std::string made(text);
   for (const auto &[placeholder, value] : placeholders)
      for (std::size_t at = 0; (at = made.find(placeholder, at)) != std::string::npos; at += value.size())
         made.replace(at, placeholder.size(), value);
   return made;
}

// The first part of a path, which is taken off.
std::string_view first_part(std::string_view &path) {
   const std::size_t end = path.find('/');
   const std::string_view part = path.substr(0, end);
   path.remove_prefix(end + 1);
   return part;
}

result<void> write_file(const fs::path &file, const std::string &text) {
   std::error_code problem_found;
   fs::create_directories(file.parent_path(), problem_found);
   errno = 0;
   std::ofstream stream(file, std::ios::binary);
   stream << text;
   stream.close();
   if (stream)
      return {};
   const std::string why = problem_found ? problem_found.message() : std::strerror(errno);
   return failed(problem::input,
                 fmt::format("{} cannot be written: {}", config::in_quotes(file.string()), why));
}

result<void> write_files(const fs::path &folder, const new_plugin_options &options, const language &with) {
   for (const plugin_template &file : plugin_templates()) {
      std::string_view path = file.path;
      const std::string_view for_language = first_part(path), for_kind = first_part(path);
      if ((for_language != "any" && for_language != with.name) ||
          (for_kind != "any" && for_kind != options.kind))
         continue;
      if (auto written = write_file(folder / filled(path, options, with), filled(file.text, options, with));
          !written)
         return written;
   }
   return {};
}

// A path as a shell takes it.
std::string in_shell(const std::string &path) {
   const auto plain = [](char letter) {
      return std::isalnum(static_cast<unsigned char>(letter)) || std::strchr("_-./", letter);
   };
   if (std::all_of(path.begin(), path.end(), plain))
      return path;
   std::string quoted = "'";
   for (const char letter : path)
      quoted += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
   return quoted + "'";
}

result<int> run(const new_plugin_options &options) {
   if (auto checked = check_new_plugin(options); !checked)
      return tl::unexpected(checked.error());
   const language &with = *std::find_if(std::begin(languages), std::end(languages),
                                        [&](const language &one) { return one.name == options.language; });
   const auto folder = free_folder(options);
   if (!folder)
      return tl::unexpected(folder.error());
   if (auto written = write_files(*folder, options, with); !written)
      return tl::unexpected(written.error());
   return print(fmt::format("{} holds a new {}. Next:\n\n  cd {}\n  {}\n  {}\n", folder->string(), options.kind,
                            in_shell(folder->string()), with.build, with.test));
}

} // namespace

command add_new_plugin(CLI::App &app) {
   auto options = std::make_shared<new_plugin_options>();
   CLI::App *parser =
       app.add_subcommand("new-plugin", "Begin a plugin: a folder that builds and tests by itself");
   parser->add_option("NAME", options->name, "Its name: lowercase letters, digits and '_'")->required();
   parser->add_option("--kind", options->kind, "metric, filter or encoder")->type_name("KIND")->required();
   parser->add_option("--language", options->language, "c, cpp or rust")->type_name("LANGUAGE")->required();
   parser
       ->add_option("--into", options->into,
                    "The folder in which its folder is made (default: the current one)")
       ->type_name("DIR");
   return {parser, [options] {
              const result<int> outcome = run(*options);
              return outcome ? *outcome : report(outcome.error());
           }};
}

} // namespace giflab::cli
