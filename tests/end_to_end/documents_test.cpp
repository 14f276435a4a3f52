// What the documents promise is there.

#include "program.hpp"

#include <doctest/doctest.h>
#include <regex>
#include <set>

using namespace end_to_end;
namespace fs = std::filesystem;

namespace {

std::string settings_document() { return contents(fs::path(SOURCE_DIRECTORY) / "configs/README.md"); }

// From its heading to the next.
std::string settings_section() {
   const std::string document = settings_document();
   const std::size_t start = document.find("## Settings");
   return document.substr(start, document.find("\n## ", start) - start);
}

// The first group of every match.
std::set<std::string> matches(const std::string &text, const char *pattern) {
   const std::regex expression(pattern);
   std::set<std::string> found;
   for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match)
      found.insert((*match)[1]);
   return found;
}

std::string help_of(const std::string &command) {
   std::vector<std::string> arguments = {command};
   if (command == "config")
      arguments.emplace_back("show");
   if (command == "models")
      arguments.emplace_back("list");
   arguments.emplace_back("--help");
   const outcome ended = giflab(arguments);
   CHECK(ended.code == 0);
   return ended.out;
}

} // namespace

TEST_CASE("every option in the document of settings is in the help of every command, and no other") {
   const std::set<std::string> documented = matches(settings_section(), "`(--[a-z][a-z-]*)`");
   CHECK(documented.size() >= 16);
   for (const std::string command : {"compare", "run", "info", "plugins", "doctor", "config", "models"}) {
      CAPTURE(command);
      const std::string help = help_of(command);
      for (const std::string &option : documented) {
         CAPTURE(option);
         CHECK((has(help, option + " ") || has(help, option + ",")));
      }
      const std::string settings = help.substr(0, help.find("\nExit codes")).substr(help.find("\nSettings:"));
      for (const std::string &option : matches(settings, "[ ,](--[a-z][a-z-]*)[ ,]"))
         CHECK_MESSAGE((documented.contains(option) || option == "--quiet"), option);
   }
}

TEST_CASE("every command in the document of settings exists") {
   const std::set<std::string> commands = matches(settings_document(), "(?:`|\n    )giflab ([a-z]+)");
   CHECK(commands.contains("run"));
   for (const std::string &command : commands)
      CHECK_MESSAGE(has(giflab({"--help"}).out, "\n  " + command + " "), command);
}

TEST_CASE("every setting in the document is shown with the documented default, and no other") {
   const std::string document = settings_document(), shown = giflab({"config", "show"}).out;
   const std::set<std::string> documented = matches(document, "\n\\| `([a-z_]+)` \\| `GIFLAB_");
   CHECK(documented.size() >= 14);
   CHECK(documented == matches("\n" + shown, "\n([a-z_]+) "));
   for (const std::string &setting : documented) {
      CAPTURE(setting);
      const std::set<std::string> initial =
          matches(document, ("\n\\| `" + setting + "` (?:\\|[^|\n]*){3}\\| ([^|\n]*) \\|").c_str());
      REQUIRE(initial.size() == 1);
      std::string value = *matches("\n" + shown, ("\n" + setting + " +([^ \n]+)").c_str()).begin();
      if (value == "#ffffff")
         value = "white";
      else if (value == "1073741824")
         value = "1G";
      else if (setting.ends_with("_path") || setting.ends_with("_dir") ||
               setting == "allowed_programs") // nothing is shown as nothing, and the origin follows
         value = "none";
      CHECK(value == *initial.begin());
   }
}

TEST_CASE("every variable in the document is taken") {
   for (const std::string &variable : matches(settings_document(), "`(GIFLAB_[A-Z_]+)`"))
      CHECK(giflab(invocation{.arguments = {"config", "show"}, .variables = {{variable, ""}}}).code == 0);
}

// Whether a page names an id, or with a star for all endings the id that it begins with.
bool page_names(const std::string &page, const std::string &id) {
   bool found = has(page, "`" + id + "`") || has(page, "`" + id + "*`");
   for (std::size_t at = id.find('_'); at != std::string::npos && !found; at = id.find('_', at + 1))
      found = has(page, "`" + id.substr(0, at) + "*`");
   return found;
}

TEST_CASE("the catalogue's table is what the modules say of themselves, and every module has a page that names "
          "all its metrics") {
   const fs::path plugins = fs::path(SOURCE_DIRECTORY) / "plugins";
   const outcome printed =
       giflab(invocation{.arguments = {"plugins", "--markdown"}, .variables = {{"HOME", "/"}}});
   REQUIRE(printed.code == 0);
   CHECK_MESSAGE(has(contents(plugins / "README.md"),
                     "<!-- giflab plugins --markdown -->\n" + printed.out + "<!-- end -->\n"),
                 "plugins/README.md: paste the output of giflab plugins --markdown between its two marks");
   const std::regex row("\\| \\[`([a-z0-9_]+)`\\]\\(([a-z0-9_]+)/README.md\\)");
   std::set<std::string> metrics, modules;
   for (std::sregex_iterator match(printed.out.begin(), printed.out.end(), row), end; match != end; ++match) {
      const std::string id = (*match)[1], module = (*match)[2];
      CHECK_MESSAGE(page_names(contents(plugins / module / "README.md"), id), "plugins/", module,
                    "/README.md does not name ", id);
      metrics.insert(id);
      modules.insert(module);
   }
   CHECK(modules.size() > 20);
   CHECK(metrics.size() > 200);
}
