// L07 to L09: a module in company: of its own copies, of a library that exports all names, of a later host.

#include "modules/descriptor.hpp"
#include "modules/module_file.hpp"
#include "validator/isolated.hpp"
#include "validator/loading_checks.hpp"
#include "validator/module_elf.hpp"
#include "validator/trial.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>

namespace giflab::validator {

namespace fs = std::filesystem;

namespace {

// A file of the module, loaded, and one of its plugins.
struct loaded_plugin {
   std::unique_ptr<modules::module> home;
   std::unique_ptr<modules::plugin> plugin;
   std::string folder; // for its calls alone
};

// Throws std::runtime_error if the file does not load as it did before.
loaded_plugin load(const std::string &path, std::size_t number, const std::string &folder) {
   const auto opened = modules::open_module_file(path);
   if (!opened)
      throw std::runtime_error(opened.error().text);
   auto made = modules::read_plugin((*opened)->plugins[number]);
   if (!made)
      throw std::runtime_error(made.error().text);
   loaded_plugin loaded{std::make_unique<modules::module>(), std::move(*made), folder};
   loaded.home->path = path;
   loaded.plugin->home = loaded.home.get();
   fs::create_directories(folder);
   return loaded;
}

// Another file with the same content: the loader takes it for another library.
std::string copy_of(const subject &given, const std::string &name) {
   const fs::path target = fs::path(given.folder) / name / fs::path(given.path).filename();
   fs::create_directories(target.parent_path());
   fs::copy_file(given.path, target, fs::copy_options::overwrite_existing);
   return target;
}

// Which of its module's plugins is being checked.
uint32_t number_of(const subject &given) {
   for (uint32_t number = 0; number < given.module->plugin_count; ++number)
      if (given.plugin->id() == given.module->plugins[number]->id)
         return number;
   throw std::runtime_error(fmt::format("{} is no longer in the list of its module", given.plugin->id()));
}

test_clip small_clip(const modules::plugin &guest, uint64_t seed) {
   const auto [width, height] = size_for(guest, 24, 20);
   return make_clip(width, height, 2, seed);
}

host_conduct conduct_in(const subject &given, const loaded_plugin &loaded) {
   host_conduct conduct = conduct_of(given);
   conduct.folder = loaded.folder;
   return conduct;
}

evaluation evaluate(const subject &given, const loaded_plugin &loaded) {
   return evaluate(*loaded.plugin, conduct_in(given, loaded), small_clip(*loaded.plugin, given.seed));
}

// One more instance, alive while others work.
struct bystander {
   bystander(const subject &given, const loaded_plugin &loaded)
       : host(*loaded.plugin, conduct_in(given, loaded)),
         shown(small_clip(*loaded.plugin, given.seed), loaded.plugin->table), instance(host, shown.facts()) {
      instance.create();
   }
   test_host host;
   laid_out_clip shown;
   test_instance instance;
};

// ---- L07

// ---- L08

fs::path decoy_path() {
   return fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "lib/giflab/decoy.so";
}

// In a process of its own: "" or how results differ under the decoy from those of `before`.
std::string differs_beside_decoy(const subject &given, const evaluation &before) {
   dlopen(decoy_path().c_str(), RTLD_NOW | RTLD_GLOBAL); // it is loaded already, and now seen by all
   const loaded_plugin copy = load(copy_of(given, "decoyed"), number_of(given), given.folder + "/files");
   const evaluation after = evaluate(given, copy);
   if (!after.ok())
      return said_by(after);
   return difference(*copy.plugin, before, after);
}

// A death in the decoy: by its own words, or nothing.
struct decoy_words {
   std::string symbol, caller;
};
std::optional<decoy_words> said_by_decoy(const std::string &output) {
   constexpr std::string_view begin = "decoy: ", middle = " called from ";
   const std::size_t at = output.rfind(begin);
   const std::size_t between = at == std::string::npos ? at : output.find(middle, at);
   if (between == std::string::npos)
      return std::nullopt;
   const std::size_t caller = between + middle.size();
   return decoy_words{output.substr(at + begin.size(), between - at - begin.size()),
                      output.substr(caller, output.find('\n', caller) - caller)};
}

finding finding_of(const decoy_words &words, const subject &given) {
   const auto file = read_module_elf(given.path);
   const bool imports = file && std::binary_search(file->imported.begin(), file->imported.end(), words.symbol);
   const bool from_module = fs::path(words.caller).filename() == fs::path(given.path).filename();
   if (from_module && !imports)
      return failed_check(
          fmt::format("where another library exports '{}', it calls that one: look symbols up in "
                      "a library of your own choice, not in the whole process",
                      words.symbol));
   return warned(fmt::format("{} takes '{}' from whichever library of the process exports it first: link what "
                             "has it statically, or ship it under names of its own",
                             from_module ? "it" : words.caller, words.symbol));
}

finding compare_beside_decoy(const subject &given) {
   const loaded_plugin alone = load(copy_of(given, "alone"), number_of(given), given.folder + "/files");
   const evaluation before = evaluate(given, alone);
   if (!before.ok())
      return skipped("nothing to compare with: " + said_by(before));
   isolated_outcome ended;
   const services::cancellation nobody;
   run_isolated({{[&] { return differs_beside_decoy(given, before); }, std::chrono::seconds(20)}}, 1, nobody,
                [&ended](std::size_t, const isolated_outcome &outcome) { ended = outcome; });
   if (ended.finished)
      return ended.text.empty()
                 ? passed()
                 : failed_check(fmt::format("beside a library that exports common names: {}; hide "
                                            "your own symbols and look none up by name",
                                            ended.text));
   if (const auto words = said_by_decoy(ended.output))
      return finding_of(*words, given);
   return failed_check("it dies beside a library that exports common names: hide your own symbols");
}

} // namespace

finding bears_copies(const subject &given) {
   const uint32_t number = number_of(given);
   const char *names[] = {"the first file", "a copy of it", "a second copy"};
   const loaded_plugin all[] = {load(given.path, number, given.folder + "/original files"),
                                load(copy_of(given, "one"), number, given.folder + "/one files"),
                                load(copy_of(given, "two"), number, given.folder + "/two files")};
   comparison_of_runs runs(*all[0].plugin, evaluate(given, all[0]));
   std::vector<std::unique_ptr<bystander>> alive;
   for (const loaded_plugin &one : all)
      if (runs.comparable())
         alive.push_back(std::make_unique<bystander>(given, one));
   for (const std::size_t i : {1u, 2u, 0u, 2u, 1u})
      if (!runs.add(evaluate(given, all[i]), fmt::format("in {}, loaded beside the others", names[i])))
         break;
   return runs.result(
       "results may depend neither on where the file lies nor on what else is loaded, so keep no "
       "state that a process has once");
}

finding bears_a_decoy(const subject &given) {
   if (!dlopen(decoy_path().c_str(), RTLD_NOW | RTLD_LOCAL))
      return skipped(
          fmt::format("the library to load beside it is not there, reinstall giflab: {}", dlerror()));
   return compare_beside_decoy(given);
}

finding bears_a_later_host(const subject &given) {
   const modules::plugin &guest = *given.plugin;
   const test_clip clip = small_clip(guest, given.seed);
   host_conduct conduct = conduct_of(given);
   comparison_of_runs runs(guest, evaluate(guest, conduct, clip));
   conduct.grown = true;
   runs.add(evaluate(guest, conduct, clip), "under a host of a later minor version, whose tables are longer");
   finding found =
       runs.result("take equal and later minor versions alike, reach host tables by pointer and copy "
                   "none of them (rules A2 and A3)");
   if (found.verdict == verdict::pass)
      found.sentence = fmt::format("it targets ABI {}.{}, this host has {}.{}", given.module->abi_major,
                                   given.module->abi_minor, GIFLAB_ABI_MAJOR, GIFLAB_ABI_MINOR);
   return found;
}

} // namespace giflab::validator
