#include "config/former_names.hpp"
#include "config/settings.hpp"
#include "media/limits.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fstream>
#include <set>
#include <stdexcept>

using namespace giflab::config;
using giflab::problem;

namespace {

using kind = setting_kind;

std::string setting_error(std::string_view name, std::string_view text) {
   settings all;
   const auto done = all.set(name, text, "option --x");
   if (done)
      return "";
   CHECK(done.error().kind == problem::usage);
   return done.error().text;
}

} // namespace

TEST_CASE("defaults") {
   const settings all;
   CHECK(all.integer(setting::optimization_level) == 2);
   CHECK(all.integer(setting::max_parallel_workers) == 0);
   CHECK(all.integer(setting::batch_size) == 8);
   CHECK(all.text(setting::device) == "auto");
   CHECK(all.paths(setting::plugin_path).empty());
   CHECK(all.text(setting::log_level) == "warning");
   CHECK(all.enabled(setting::enable_parallel_metrics));
   CHECK(all.enabled(setting::browser_delays));
   CHECK(all.background() == colour{255, 255, 255});
   CHECK(all.text(setting::background) == "#ffffff");
   CHECK(all.text(setting::align) == "time");
   CHECK_FALSE(all.resize());
   for (const setting_definition &definition : setting_definitions())
      CHECK(all.origin(definition.id) == "default");
}

TEST_CASE("the limits are those of the media room") {
   const settings all;
   const giflab::media::limits limits;
   CHECK(all.integer(setting::max_pixels) == limits.max_pixels);
   CHECK(all.integer(setting::max_frames) == limits.max_frames);
   CHECK(all.integer(setting::max_file_bytes) == limits.max_bytes);
}

TEST_CASE("every definition is sound") {
   std::set<std::string> names;
   for (const setting_definition &definition : setting_definitions()) {
      CAPTURE(definition.name);
      CHECK(&definition == &definition_of(definition.id));
      CHECK(names.insert(option_name(definition)).second);
      CHECK((definition.other_option.empty() || names.insert(std::string(definition.other_option)).second));
      CHECK(definition.help.ends_with('.'));
      CHECK_FALSE(accepted_values(definition).empty());
      CHECK((definition.kind == kind::choice) != definition.choices.empty());
   }
   CHECK(environment_name(definition_of(setting::batch_size)) == "GIFLAB_BATCH_SIZE");
   CHECK(option_name(definition_of(setting::batch_size)) == "--batch-size");
}

TEST_CASE("every range ends where it says") {
   for (const setting_definition &definition : setting_definitions()) {
      if (definition.kind != kind::integer && definition.kind != kind::bytes)
         continue;
      CAPTURE(definition.name);
      settings all;
      for (const int64_t number : {definition.lowest, definition.highest}) {
         CHECK(all.set(definition.name, std::to_string(number), "test"));
         CHECK(all.integer(definition.id) == number);
      }
      CHECK_FALSE(all.set(definition.name, std::to_string(definition.lowest - 1), "test"));
      const uint64_t too_much = static_cast<uint64_t>(definition.highest) + 1; // which an int64_t may not hold
      CHECK_FALSE(all.set(definition.name, std::to_string(too_much), "test"));
      CHECK(all.integer(definition.id) == definition.highest);
   }
}

TEST_CASE("nonsense is refused by every setting but a list of folders") {
   for (const setting_definition &definition : setting_definitions()) {
      CAPTURE(definition.name);
      for (const std::string_view text : {" ",
                                          "nonsense",
                                          "1x",
                                          "0x10",
                                          "1.5",
                                          "+1",
                                          "1 ",
                                          "99999999999999999999",
                                          "-",
                                          "#12345",
                                          "#1234567",
                                          "#gggggg",
                                          "#-12345",
                                          "K",
                                          "-1K",
                                          "9999999999999999G",
                                          "true ",
                                          "auto|cpu",
                                          "|",
                                          "distorted:",
                                          "distorted:cubic",
                                          "left:area",
                                          ":area",
                                          "\xFF"}) {
         CAPTURE(text);
         if (definition.kind != kind::programs) // it takes some of them: see "names of programs"
            CHECK(setting_error(definition.name, text).empty() ==
                  (definition.kind == kind::paths || definition.kind == kind::program ||
                   definition.kind == kind::folder));
      }
   }
}

TEST_CASE("errors say name, value, what is accepted and origin") {
   CHECK(setting_error("batch_size", "300") ==
         "batch_size must be an integer from 1 to 256, not \"300\" (option --x)");
   CHECK(setting_error("align", "tme") == "align must be time, index or content, not \"tme\" (option --x)");
   CHECK(setting_error("batch_sise", "3") ==
         "unknown setting \"batch_sise\" (option --x); did you mean batch_size?");
}

TEST_CASE("values in all their spellings") {
   settings all;
   for (const std::string_view yes : {"true", "1", "yes", "ON"}) {
      REQUIRE(all.set("browser_delays", yes, "test"));
      CHECK(all.text(setting::browser_delays) == "true");
   }
   for (const std::string_view no : {"false", "0", "No", "off"}) {
      REQUIRE(all.set("browser_delays", no, "test"));
      CHECK_FALSE(all.enabled(setting::browser_delays));
   }
   const std::pair<std::string_view, int64_t> sizes[] = {
       {"10", 10}, {"2K", 2048}, {"3m", 3 << 20}, {"4G", int64_t{4} << 30}};
   for (const auto &[text, bytes] : sizes) {
      REQUIRE(all.set("max_file_bytes", text, "test"));
      CHECK(all.integer(setting::max_file_bytes) == bytes);
   }
   REQUIRE(all.set("background", "#0aF", "test").has_value() == false);
   REQUIRE(all.set("background", "#0aFf10", "test"));
   CHECK(all.background() == colour{0x0a, 0xff, 0x10});
   CHECK(all.text(setting::background) == "#0aff10");
   REQUIRE(all.set("background", "Black", "test"));
   CHECK(all.text(setting::background) == "#000000");
   REQUIRE(all.set("resize", "reference:area", "test"));
   CHECK_FALSE(all.resize()->distorted);
   CHECK(all.resize()->filter == "area");
   REQUIRE(all.set("resize", "distorted:lanczos", "test"));
   CHECK(all.resize()->distorted);
}

TEST_CASE("lists of folders") {
   settings all;
   REQUIRE(all.set("plugin_path", ":a::b:", "environment GIFLAB_PLUGIN_PATH"));
   CHECK(all.paths(setting::plugin_path) == std::vector<std::string>{"a", "b"});
   CHECK(all.text(setting::plugin_path) == "a:b");
   all.prepend_paths(setting::plugin_path, std::vector<std::string>{"c:d", "e"}, "option --plugin");
   CHECK(all.paths(setting::plugin_path) == std::vector<std::string>{"c:d", "e", "a", "b"});
   CHECK(all.origin(setting::plugin_path) == "option --plugin, environment GIFLAB_PLUGIN_PATH");
}

TEST_CASE("names of programs") {
   settings all;
   CHECK(all.programs(setting::allowed_programs).empty());
   REQUIRE(all.set("allowed_programs", "gifski:x264+-_1.0", "test"));
   CHECK(all.programs(setting::allowed_programs) == std::vector<std::string>{"gifski", "x264+-_1.0"});
   for (const char *text : {"/bin/sh", "a:../b", "..", "a b", "a;b"}) {
      CAPTURE(text);
      CHECK(setting_error("allowed_programs", text).find("must be names of programs with ':' between them") !=
            std::string::npos);
   }
}

TEST_CASE("a device is the processor, one by its number, or left to giflab") {
   settings all;
   CHECK(all.device().automatic);
   CHECK(all.device().cuda);
   CHECK(all.device().ordinal == 0);
   REQUIRE(all.set("device", "cpu", "test"));
   CHECK_FALSE(all.device().cuda);
   for (const auto &[text, ordinal] : {std::pair{"cuda", 0}, {"cuda:0", 0}, {"cuda:7", 7}, {"cuda:255", 255}}) {
      REQUIRE(all.set("device", text, "test"));
      CHECK(all.text(setting::device) == text);
      CHECK(all.device().cuda);
      CHECK_FALSE(all.device().automatic);
      CHECK(all.device().ordinal == ordinal);
   }
   for (const char *text : {"gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:256", "cuda0", "CUDA", ""})
      CHECK(setting_error("device", text).find("device must be auto, cpu, cuda or cuda:N") !=
            std::string::npos);
}

TEST_CASE("reading a setting as what it is not is a bug") {
   settings all;
   CHECK_THROWS_AS(all.integer(setting::device), std::logic_error);
   CHECK_THROWS_AS(all.enabled(setting::batch_size), std::logic_error);
   CHECK_THROWS_AS(all.paths(setting::align), std::logic_error);
   CHECK_THROWS_AS(all.prepend_paths(setting::align, {}, ""), std::logic_error);
}

TEST_CASE("default < run file < environment < command line") {
   const std::vector<assignment> file{{"batch_size", "2", "file a.toml:2:14"},
                                      {"align", "index", "file a.toml:3:9"},
                                      {"device", "cpu", "file a.toml:4:10"}};
   const std::vector<std::string_view> environment{"GIFLAB_BATCH_SIZE=3", "GIFLAB_ALIGN=content",
                                                   "HOME=/nowhere"};
   const std::vector<assignment> options{{"batch_size", "4", "option --batch-size"}};
   const auto all = effective_settings(file, environment, options);
   REQUIRE(all);
   CHECK(all->integer(setting::batch_size) == 4);
   CHECK(all->origin(setting::batch_size) == "option --batch-size");
   CHECK(all->text(setting::align) == "content");
   CHECK(all->origin(setting::align) == "environment GIFLAB_ALIGN");
   CHECK(all->text(setting::device) == "cpu");
   CHECK(all->origin(setting::device) == "file a.toml:4:10");
   CHECK(all->origin(setting::resize) == "default");
}

TEST_CASE("an error in any layer is an error") {
   const std::vector<assignment> wrong{{"batch_size", "0", "somewhere"}};
   CHECK_FALSE(effective_settings(wrong, {}, {}));
   CHECK_FALSE(effective_settings({}, {}, wrong));
   CHECK_FALSE(effective_settings({}, std::vector<std::string_view>{"GIFLAB_BATCH_SIZE=0"}, {}));
}

TEST_CASE("the environment") {
   settings all;
   const std::vector<std::string_view> harmless{"GIFLAB_BATCH_SIZE=", "GIFLAB_UNKNOWN=", "GIFLAB", "", "=x",
                                                "PATH=/bin"};
   CHECK(all.apply_environment(harmless));
   CHECK(all.origin(setting::batch_size) == "default");
   const std::vector<std::string_view> of_builds{"GIFLAB_SDK=/opt/giflab", "GIFLAB_RS=/opt/giflab.rs",
                                                 "GIFLAB_REPOSITORY=https://example.org/giflab"};
   CHECK(all.apply_environment(of_builds));

   const auto unknown = all.apply_environment(std::vector<std::string_view>{"GIFLAB_BACH_SIZE=3"});
   REQUIRE_FALSE(unknown);
   CHECK(unknown.error().text ==
         "unknown environment variable GIFLAB_BACH_SIZE; did you mean GIFLAB_BATCH_SIZE?");

   const auto wrong = all.apply_environment(std::vector<std::string_view>{"GIFLAB_MAX_FRAMES=many"});
   REQUIRE_FALSE(wrong);
   CHECK(wrong.error().text == "max_frames must be an integer from 1 to 1000000000, not \"many\" (environment "
                               "GIFLAB_MAX_FRAMES)");
   CHECK_FALSE(all.apply_environment(std::vector<std::string_view>{"GIFLAB_=1"}));
   CHECK_FALSE(all.apply_environment(std::vector<std::string_view>{"GIFLAB_batch_size=1"}));
}

namespace {

// A row of configs/README.md as it should begin, up to the test that shows it.
std::string row_of(const setting_definition &each) {
   std::string options = fmt::format("`{}`", option_name(each));
   if (each.kind == kind::paths)
      options = fmt::format("`{}`", each.other_option);
   else if (!each.other_option.empty())
      options += fmt::format(", `{}`", each.other_option);
   return fmt::format("| `{}` | `{}` | {} | {} | {} | {} | ", each.name, environment_name(each), options,
                      accepted_values(each), each.initial.empty() ? "none" : each.initial, each.help);
}

std::string text_of(const std::string &file) {
   std::ifstream from(SOURCE_DIRECTORY "/" + file);
   return {std::istreambuf_iterator<char>(from), {}};
}

// What a file says from a test's name to the next test. The name may be broken over lines as clang-format does.
std::string body_of(const std::string &file, const std::string &test) {
   const std::string text = text_of(file);
   const std::size_t begin = text.find("\"" + test + "\")");
   return begin == std::string::npos ? "" : text.substr(begin, text.find("\nTEST_CASE(", begin) - begin);
}

} // namespace

TEST_CASE("configs/README.md lists every setting as it is, with a test that uses it") {
   const std::string readme = text_of("configs/README.md");
   for (const setting_definition &each : setting_definitions()) {
      CAPTURE(each.name);
      const std::size_t row = readme.find("\n" + row_of(each));
      CHECK(row != std::string::npos);
      if (row == std::string::npos)
         continue;
      const std::size_t begin = row + 1 + row_of(each).size();
      const std::string shown = readme.substr(begin, readme.find(" |\n", begin) - begin);
      const std::size_t end = shown.find("`: ");
      REQUIRE(shown.starts_with("`tests/"));
      REQUIRE(end != std::string::npos);
      const std::string body = body_of(shown.substr(1, end - 1), shown.substr(end + 3));
      CAPTURE(shown);
      CHECK_FALSE(body.empty());
      CHECK((body.find("\"" + option_name(each)) != std::string::npos ||
             body.find("\"" + environment_name(each) + "\"") != std::string::npos ||
             (!each.other_option.empty() &&
              body.find("\"" + std::string(each.other_option) + "\"") != std::string::npos)));
   }
   std::size_t rows = 0;
   for (std::size_t at = readme.find("\n| `"); at != std::string::npos; at = readme.find("\n| `", at + 1))
      rows += readme.substr(at, readme.find('\n', at + 1) - at).find("` | `GIFLAB_") != std::string::npos;
   CHECK(rows == setting_definitions().size());
}

TEST_CASE("variables of GifLab 0.2.0 are refused with what there is in their place") {
   const std::string readme = text_of("configs/README.md");
   for (const former_name &each : former_names()) {
      CAPTURE(each.name);
      for (const setting_definition &one : setting_definitions())
         CHECK(environment_name(one) != each.name);
      settings all;
      const std::string text = std::string(each.name) + "=1";
      const auto told = all.apply_environment(std::vector<std::string_view>{text});
      REQUIRE_FALSE(told);
      CHECK(told.error().kind == problem::usage);
      CHECK(told.error().text == fmt::format("unknown environment variable {}; {}", each.name, each.instead));
      CHECK(readme.find(fmt::format("\n| `{}` | {} |\n", each.name, each.instead)) != std::string::npos);
      // What is named exists.
      for (std::size_t at = each.instead.find("GIFLAB_"); at != std::string_view::npos;
           at = each.instead.find("GIFLAB_", at + 1)) {
         const std::string name(
             each.instead.substr(at, each.instead.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", at) - at));
         CAPTURE(name);
         CHECK(std::ranges::any_of(setting_definitions(), [&](const setting_definition &one) {
            return environment_name(one) == name;
         }));
      }
   }
   settings all;
   const auto told =
       all.apply_environment(std::vector<std::string_view>{"GIFLAB_CONFIG_FRAME_CACHE_MEMORY_LIMIT_MB=3"});
   REQUIRE_FALSE(told);
   CHECK(told.error().text.find("giflab config show") != std::string::npos);
}
