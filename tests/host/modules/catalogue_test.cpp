#include "contains.hpp"
#include "modules/catalogue.hpp"
#include "modules/descriptor.hpp"
#include "modules/reference_page.hpp"
#include "scratch_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sys/stat.h>
#include <unistd.h>

using namespace giflab;
using giflab::tests::contains, giflab::tests::scratch_folder;
namespace fs = std::filesystem;

namespace {

// The reason for which a file of that name was turned away; empty if it was not.
std::string reason_for(const modules::catalogue &found, const std::string &name) {
   for (const modules::rejection &one : found.rejected())
      if (fs::path(one.path).filename() == name)
         return one.reason;
   return {};
}

} // namespace

TEST_CASE("each bad module is turned away for its own fault, with the rule") {
   const auto found = modules::catalogue::discover({BAD_PLUGINS}, 1);
   REQUIRE(found);
   CHECK(found->plugins().empty());
   const std::pair<const char *, const char *> expected[] = {
       {"wrong_magic", "0xDEADBEEF: it is no giflab module table (rule A1)"},
       {"wrong_major", "built for plugin ABI 2.0, this giflab has 1.0: rebuild it (rule A2)"},
       {"newer_minor", "needs host ABI 1.1, this is 1.0: use a newer giflab (rule A2)"},
       {"zero_size", "the size of its module table is 0"},
       {"no_plugins", "lists no plugin (rule D01)"},
       {"many_plugins", "its module table lists 4026531840 plugins, more than the 4096"},
       {"many_params", "the count of params is 4026531840, more than the 4096 that there may be (rule D01)"},
       {"null_models", "models is NULL but its count is 60000000 (rule A4)"},
       {"misspelt_entry",
        "no symbol giflab_module_entry (rule A1); it exports 'giflab_module_entri', is that a slip?"},
       {"short_table", "the size of its table is 40, less than ABI 1.0 has"},
       {"newer_fields", "fields newer than this host: it needs a newer giflab (rule A4)"},
       {"bad_id", "its id is missing or not of the form"},
       {"no_help", "its help is missing (rule D02)"},
       {"unknown_scope", "scope is 17, which this host does not know (rule A6)"},
       {"unknown_input", "inputs has bits 0x100000 that this host does not know (rule A6)"},
       {"reserved_set", "its reserved field is not 0 (rule D03)"},
       {"huge_pictures",
        "its smallest pictures are 2147483647x2147483647, more than 16777216 pixels (rule D03)"},
       {"bounds_beyond_choices",
        "parameter grid has bounds from 0 to 2, and its choices go from 0 to 1 (rule D05)"},
       {"huge_side", "output bad needs pictures larger than there are (rule D06)"},
       {"two_kinds", "exactly one of metric, filter and encoder must be set (rule D03)"},
       {"clip_without_begin", "begin and finish belong to CLIP scope, both of them (rule D04)"},
       {"reentrant_clip", "CLIP scope cannot be GIFLAB_REENTRANT"},
       {"param_outside", "parameter sigma does not start within its own range (rule D05)"},
       {"infinite_mean", "output bad may be infinite and so cannot be pooled by a mean or sum (rule D06)"},
       {"bad_model", "model m has no SHA-256 of 64 lowercase hex digits (rule D07)"},
       {"sizeless_model", "a model lacks its id, licence or size (rule D07)"},
       {"unknown_service", "it needs giflab.crystal_ball/1, which this giflab does not offer (rule D07)"},
       {"per_clip_frame", "output bad is PER_CLIP, but FRAME scope never sees a clip (rule D04)"},
   };
   for (const auto &[name, reason] : expected) {
      CAPTURE(name);
      const std::string given = reason_for(*found, std::string(name) + ".so");
      CAPTURE(given);
      CHECK(contains(given, reason));
   }
   CHECK(found->rejected().size() == std::size(expected));
}

TEST_CASE("a model may leave its hash, and then its size, to whoever imports it") {
   const auto found = modules::catalogue::discover({BUILTIN_PLUGINS}, 1);
   REQUIRE(found);
   const modules::plugin *sound = found->find("org.giflab.ssim");
   REQUIRE(sound);
   giflab_model_source source{.id = "m", .sha256 = "", .origin = nullptr, .license = "MIT", .size = 0};
   giflab_plugin table = sound->table;
   table.models = &source;
   table.model_count = 1;
   table.model_size = sizeof source;
   for (const uint64_t size : {0, 5}) {
      source.size = size;
      const auto read = modules::read_plugin(&table);
      REQUIRE_MESSAGE(read, (read ? "" : read.error().text));
      (*read)->home = sound->home;
      CHECK(std::string_view((*read)->models[0].sha256).empty());
      CHECK(contains(modules::reference_page(**read), size == 0 ? "size known once imported" : "5 bytes"));
   }
   source.sha256 = nullptr; // which is forgetting, not leaving
   CHECK(
       contains(modules::read_plugin(&table).error().text, "no SHA-256 of 64 lowercase hex digits (rule D07)"));
}

TEST_CASE("parameters and texts that nobody can mean are turned away as they are read") {
   const auto found = modules::catalogue::discover({BUILTIN_PLUGINS}, 1);
   REQUIRE(found);
   const modules::plugin *sound = found->find("org.giflab.ssim");
   REQUIRE(sound);
   constexpr double infinite = std::numeric_limits<double>::infinity();
   const char *twice[] = {"fine", "fine", nullptr}, *nameless[] = {"fine", "", nullptr};
   const auto param = [](uint32_t kind, double lowest, double highest, double initial,
                         const char *const *choices = nullptr, const char *help = "Help.") {
      return giflab_param{"p", help, nullptr, kind, 0, lowest, highest, initial, choices, nullptr};
   };
   const std::pair<giflab_param, const char *> cases[] = {
       {param(GIFLAB_BOOL, -3, 7, 1), "parameter p is BOOL and must go from 0 to 1"},
       {param(GIFLAB_INT, 0.5, 1.5, 1),
        "parameter p is INT and has a bound that is no whole number (rule D05)"},
       {param(GIFLAB_REAL, 0, infinite, infinite), "parameter p starts at no finite number (rule D05)"},
       {param(GIFLAB_CHOICE, 0, 1, 0, twice), "parameter p has the choice \"fine\" twice (rule D05)"},
       {param(GIFLAB_CHOICE, 0, 1, 0, nameless), "parameter p has a choice without a name (rule D05)"},
       {param(GIFLAB_REAL, 0, 1, 0, nullptr, "Andr\xE9."),
        "the help of parameter p is not UTF-8: \"Andr\\xE9.\" (rule D02)"},
   };
   giflab_plugin table = sound->table;
   table.param_count = 1;
   table.param_size = sizeof(giflab_param);
   for (const auto &[wrong, reason] : cases) {
      CAPTURE(reason);
      table.params = &wrong;
      const auto read = modules::read_plugin(&table);
      REQUIRE_FALSE(read);
      CAPTURE(read.error().text);
      CHECK(contains(read.error().text, reason));
   }
   table = sound->table;
   table.label = "Andr\xE9";
   CHECK(contains(modules::read_plugin(&table).error().text, "the label is not UTF-8"));
}

TEST_CASE("files that are no modules are turned away with a reason of their own") {
   const scratch_folder folder;
   std::ofstream(folder.path() / "text.so") << "just words\n";
   std::ofstream(folder.path() / "empty.so");
   std::ofstream(folder.path() / "cut.so") << "\x7f"
                                              "ELF and no more";
   std::ofstream(folder.path() / "ignored.txt") << "no .so, not looked at\n";
   fs::create_directory(folder.path() / "folder.so");
   fs::create_symlink("/nowhere/at/all.so", folder.path() / "dangling.so");
   REQUIRE(mkfifo((folder.path() / "pipe.so").c_str(), 0600) == 0); // nobody writes: opening it would never end
   fs::create_symlink("pipe.so", folder.path() / "to_pipe.so");
   const auto found = modules::catalogue::discover({folder.path().string()}, 1);
   REQUIRE(found);
   CHECK(found->plugins().empty());
   CHECK(found->rejected().size() == 7);
   CHECK(contains(reason_for(*found, "text.so"), "it is no shared library"));
   CHECK(contains(reason_for(*found, "empty.so"), "it is no shared library"));
   CHECK(contains(reason_for(*found, "cut.so"), "no shared library for this machine"));
   CHECK(contains(reason_for(*found, "dangling.so"), "cannot be opened"));
   for (const char *name : {"folder.so", "pipe.so", "to_pipe.so"})
      CHECK(contains(reason_for(*found, name), "it is not a regular file"));
}

TEST_CASE("a shared library that is no module says what it lacks") {
   const scratch_folder folder;
   fs::path library;
   for (const char *candidate : {"/lib/x86_64-linux-gnu/libm.so.6", "/lib/aarch64-linux-gnu/libm.so.6"})
      if (fs::exists(candidate))
         library = candidate;
   REQUIRE(!library.empty());
   fs::create_symlink(library, folder.path() / "libm.so");
   const auto found = modules::catalogue::discover({folder.path().string()}, 1);
   REQUIRE(found);
   CHECK(contains(reason_for(*found, "libm.so"), "exports no symbol giflab_module_entry (rule A1)"));
}

TEST_CASE("a folder that was asked for must be there, others need not") {
   CHECK(modules::catalogue::discover({"/nowhere/at/all"}, 0));
   const auto missing = modules::catalogue::discover({"/nowhere/at/all"}, 1);
   REQUIRE_FALSE(missing);
   CHECK(contains(missing.error().text, "/nowhere/at/all: there is no such folder of plugins"));
}

TEST_CASE("the first plugin with an id wins, the second is listed as shadowed") {
   const auto found = modules::catalogue::discover({BUILTIN_PLUGINS, BUILTIN_PLUGINS});
   REQUIRE(found);
   CHECK(!found->plugins().empty());
   CHECK(found->rejected().size() == found->plugins().size());
   for (const modules::rejection &one : found->rejected())
      CHECK(contains(one.reason, "shadowed by the plugin of the same id in"));
}

TEST_CASE("every built-in loads and its page tells all that its tables say") {
   const auto found = modules::catalogue::discover({BUILTIN_PLUGINS}, 1);
   REQUIRE(found);
   CHECK(found->rejected().empty());
   CHECK(found->plugins().size() >= 9);
   for (const auto &one : found->plugins()) {
      const std::string page = modules::reference_page(*one);
      CAPTURE(page);
      CHECK(contains(page, one->table.id));
      CHECK(contains(page, one->table.help));
      for (const giflab_output &output : one->outputs)
         CHECK(contains(page, output.id));
      for (const giflab_param &param : one->params)
         CHECK(contains(page, param.id));
      CHECK_FALSE(contains(page, "unknown"));
   }
   const std::string list = modules::plugin_list(*found, true);
   CHECK(contains(list, "Nothing was turned away."));
   CHECK(contains(list, "org.giflab.ssim"));
}
