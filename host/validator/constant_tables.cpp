// D08: nothing that a descriptor leads to ever changes, and nobody could change it.

#include "modules/description.hpp"
#include "modules/descriptor.hpp"
#include "modules/module_file.hpp"
#include "validator/descriptor_checks.hpp"
#include "validator/isolated.hpp"
#include "validator/trial.hpp"

#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <fstream>

namespace giflab::validator {

namespace fs = std::filesystem;

namespace {

constexpr int most_runs = 1000;
constexpr std::chrono::milliseconds time_for_runs{150};

// A piece of a descriptor, where the module has it.
struct region {
   std::string what;
   const void *begin;
   std::size_t bytes;
};

// The table of this plugin as the module has it; `guest` is a copy.
const giflab_plugin *original_of(const subject &given, uint32_t &number) {
   for (number = 0; number < given.module->plugin_count; ++number)
      if (std::strcmp(given.module->plugins[number]->id, given.plugin->table.id) == 0)
         return given.module->plugins[number];
   return nullptr;
}

void add_lists(const giflab_plugin &table, const modules::plugin &guest, std::vector<region> &all) {
   const auto list = [&all](const char *what, const void *begin, std::size_t count, std::size_t size) {
      if (count != 0)
         all.push_back({what, begin, count * size});
   };
   const auto texts = [&list](const char *what, const char *const *begin) {
      std::size_t count = 1; // and the NULL at the end
      for (const char *const *text = begin; begin && *text; ++text)
         ++count;
      list(what, begin, begin ? count : 0, sizeof *begin);
   };
   list(".params", table.params, table.param_count, table.param_size);
   list(".outputs", table.outputs, table.output_count, table.output_size);
   list(".models", table.models, table.model_count, table.model_size);
   list(".metric", table.metric, table.metric != nullptr, sizeof(giflab_metric));
   list(".filter", table.filter, table.filter != nullptr, sizeof(giflab_filter));
   list(".encoder", table.encoder, table.encoder != nullptr, sizeof(giflab_encoder));
   texts(".needs", table.needs);
   for (const giflab_param &param : guest.params)
      if (param.kind == GIFLAB_CHOICE)
         texts(".choices of a parameter", param.choices);
}

std::vector<region> regions_of(const giflab_module &module, const giflab_plugin &table,
                               const modules::plugin &guest) {
   std::vector<region> all = {{"giflab_module_entry", &module, module.size},
                              {"the list of plugins", module.plugins, module.plugin_count * sizeof(void *)},
                              {"the plugin's table", &table, table.size}};
   add_lists(table, guest, all);
   modules::visit_texts(guest, [&all](const std::string &what, const char *text) {
      all.push_back({"the text of its " + what, text, std::strlen(text) + 1});
   });
   return all;
}

std::string bytes_of(const region &one) { return {static_cast<const char *>(one.begin), one.bytes}; }

std::vector<std::string> content_of(const std::vector<region> &all) {
   std::vector<std::string> content;
   for (const region &one : all)
      content.push_back(bytes_of(one));
   return content;
}

// "" or what differs from its earlier content.
std::string changed(const std::vector<region> &all, const std::vector<std::string> &before) {
   for (std::size_t i = 0; i < all.size(); ++i)
      if (std::memcmp(all[i].begin, before[i].data(), before[i].size()) != 0)
         return all[i].what;
   return "";
}

// "" or what lies where the process may write.
std::string writable_in(const std::vector<region> &all) {
   std::ifstream maps("/proc/self/maps");
   for (std::string line; std::getline(maps, line);) {
      uintptr_t begin = 0, end = 0;
      char may_write = '-';
      if (std::sscanf(line.c_str(), "%lx-%lx %*c%c", &begin, &end, &may_write) != 3 || may_write != 'w')
         continue;
      for (const region &one : all) {
         const auto first = reinterpret_cast<uintptr_t>(one.begin);
         if (first < end && first + one.bytes > begin)
            return one.what;
      }
   }
   return "";
}

// How often a small picture was evaluated in the time that there is, until a call was refused.
int run_many_times(const subject &given) {
   const modules::plugin &guest = *given.plugin;
   const auto [width, height] = size_for(guest, 8, 8);
   const test_clip clip = make_still(motif::scene, width, height, given.seed);
   laid_out_clip shown(clip, guest.table);
   test_host host(guest, conduct_of(given));
   const time_allowance allowed(time_for_runs);
   int runs = 0;
   while (runs < most_runs && !allowed.spent() && evaluate(host, clip, shown).ok())
      ++runs;
   return runs;
}

// In a process of its own: "" or how a second copy of the file, loaded from scratch, describes itself
// otherwise.
std::string differs_when_loaded_afresh(const subject &given, uint32_t number) {
   const fs::path copy = fs::path(given.folder) / "copy" / fs::path(given.path).filename();
   fs::create_directories(copy.parent_path());
   fs::copy_file(given.path, copy);
   const auto opened = modules::open_module_file(copy);
   if (!opened)
      return opened.error().text;
   const auto made = modules::read_plugin((*opened)->plugins[number]);
   if (!made)
      return made.error().text;
   modules::plugin homeless;
   homeless.table = given.plugin->table, homeless.params = given.plugin->params;
   homeless.outputs = given.plugin->outputs, homeless.models = given.plugin->models;
   return modules::description(**made) == modules::description(homeless) ? "" : "it describes itself otherwise";
}

std::string differs_in_another_process(const subject &given, uint32_t number) {
   std::string found = "that process ended";
   const services::cancellation nobody;
   run_isolated({{[&] { return differs_when_loaded_afresh(given, number); }, std::chrono::seconds(10)}}, 1,
                nobody, [&found](std::size_t, const isolated_outcome &ended) {
                   if (ended.finished)
                      found = ended.text;
                });
   return found;
}

} // namespace

finding stays_constant(const subject &given) {
   uint32_t number = 0;
   const giflab_plugin *table = original_of(given, number);
   if (!table)
      return failed_check(
          fmt::format("its list of plugins changed: {} is no longer in it", given.plugin->table.id));
   const std::vector<region> all = regions_of(*given.module, *table, *given.plugin);
   if (const std::string what = writable_in(all); !what.empty())
      return failed_check(fmt::format("{} lies in memory that may be written to: declare it const, and let "
                                      "nothing be computed for it as the module is loaded",
                                      what));
   const std::vector<std::string> before = content_of(all);
   const int runs = run_many_times(given);
   if (const std::string what = changed(all, before); !what.empty())
      return failed_check(fmt::format("{} changed within {} runs: declare it const", what, runs));
   if (const std::string how = differs_in_another_process(given, number); !how.empty())
      return failed_check(
          fmt::format("loaded in another process from another path, {}: a descriptor must be the "
                      "same everywhere",
                      how));
   return passed(fmt::format("after {} runs, and in another process", runs));
}

} // namespace giflab::validator
