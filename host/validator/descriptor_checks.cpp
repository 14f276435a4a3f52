#include "validator/descriptor_checks.hpp"

#include "config/printable.hpp"
#include "modules/call.hpp"
#include "modules/descriptor.hpp"
#include "validator/isolated.hpp"
#include "validator/over_plugins.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <set>
#include <string_view>

namespace giflab::validator {

namespace {

// ---- Reading, which stops at the first mistake

// The check that answers for a rule in the errors of the reader.
std::string check_of_rule(const std::string &rule) {
   if (rule.starts_with("D"))
      return rule;
   return rule == "A6" || rule == "C2" ? "D03" : "D01"; // unknown values; else sizes and tails
}

// The rule that a reader's error ends with: "... (rule A4)".
std::string rule_in(const std::string &error) {
   constexpr std::string_view begin = "(rule ";
   const std::size_t at = error.rfind(begin);
   if (at == std::string::npos)
      return "";
   const std::size_t first = at + begin.size();
   return error.substr(first, error.find(')', first) - first);
}

// Reads every table and text, as all these checks do. A pointer that leads nowhere ends the process.
std::string read_everything(const giflab_module &module) {
   std::size_t bytes = 0;
   for (uint32_t i = 0; i < module.plugin_count; ++i)
      if (const auto made = modules::read_plugin(module.plugins[i]))
         modules::visit_texts(**made,
                              [&bytes](const std::string &, const char *text) { bytes += std::strlen(text); });
   return std::to_string(bytes);
}

bool can_be_read(const giflab_module &module) {
   bool finished = false;
   const services::cancellation nobody;
   run_isolated({{[&module] { return read_everything(module); }, std::chrono::seconds(5)}}, 1, nobody,
                [&finished](std::size_t, const isolated_outcome &ended) { finished = ended.finished; });
   return finished;
}

// The check `id` over each plugin of the module: what its reader says, then what `look` says of its tables.
finding over_tables(const giflab_module &module, const std::string &id,
                    const std::function<finding(const modules::plugin &)> &look) {
   if (id != "D01" && !can_be_read(module))
      return skipped("its tables cannot be read: see D01");
   return over_plugins(module.plugin_count, [&](uint32_t number) {
      const auto made = modules::read_plugin(module.plugins[number]);
      if (made)
         return look(**made);
      const std::string responsible = check_of_rule(rule_in(made.error().text));
      return responsible == id ? failed_check(made.error().text) : skipped("see " + responsible);
   });
}

// ---- Texts

// "" or what of it is not one sentence.
std::string not_one_sentence(const std::string &help) {
   if (help.find('\n') != std::string::npos)
      return "has line breaks";
   if (std::string_view(".!?").find(help.back()) == std::string_view::npos)
      return "does not end with a full stop";
   for (std::size_t i = 0; i + 2 < help.size(); ++i)
      if (help[i] == '.' && help[i + 1] == ' ' && help[i + 2] >= 'A' && help[i + 2] <= 'Z')
         return "goes on after its first full stop";
   return "";
}

// An expression of the form "MIT", "Apache-2.0 WITH LLVM-exception OR (GPL-2.0-or-later AND Zlib)".
bool looks_like_spdx(const std::string &license) {
   bool wants_name = true;
   int open = 0;
   std::string word;
   const auto end_word = [&] {
      if (word.empty())
         return true;
      const bool joins = word == "AND" || word == "OR" || word == "WITH";
      word.clear();
      if (joins == wants_name)
         return false;
      wants_name = joins;
      return true;
   };
   for (const char letter : license + " ") {
      if (std::isalnum(static_cast<unsigned char>(letter)) || std::strchr("-.+:", letter)) {
         word += letter;
         continue;
      }
      if (!end_word() || !std::strchr(" ()", letter) || (letter == '(' && !wants_name))
         return false;
      open += (letter == '(') - (letter == ')');
   }
   return !wants_name && open == 0;
}

// That its texts are there and UTF-8 is seen to as it is read.
finding texts_of(const modules::plugin &guest) {
   std::string advice;
   modules::visit_texts(guest, [&](const std::string &what, const char *text) {
      const std::string flaw = what.starts_with("help") && *text ? not_one_sentence(text) : "";
      if (advice.empty() && !flaw.empty())
         advice = fmt::format("the {} {}; it must be one sentence", what, flaw);
   });
   if (!advice.empty())
      return warned(advice);
   if (!looks_like_spdx(guest.table.license))
      return warned(fmt::format("its licence is {}, which is no SPDX expression such as MIT or LicenseRef-Name",
                                config::in_quotes(guest.table.license)));
   return passed();
}

std::string twice_in(const giflab_module &module) {
   std::set<std::string> seen;
   for (uint32_t i = 0; i < module.plugin_count; ++i)
      if (const auto made = modules::read_plugin(module.plugins[i]); made && !seen.insert((*made)->id()).second)
         return (*made)->id();
   return "";
}

// ---- D01 to D07

finding has_plausible_tables(const subject &given) {
   read_everything(*given.module);
   return over_tables(*given.module, "D01", [](const modules::plugin &) { return passed(); });
}

finding has_proper_texts(const subject &given) {
   const finding found = over_tables(*given.module, "D02", texts_of);
   if (found.verdict == verdict::fail || found.verdict == verdict::skip)
      return found;
   const std::string twice = twice_in(*given.module);
   return twice.empty() ? found : failed_check(fmt::format("it has two plugins called {}", twice));
}

finding has_known_values(const subject &given) {
   return over_tables(*given.module, "D03", [](const modules::plugin &) { return passed(); });
}

finding has_the_callbacks_of_its_scope(const subject &given) {
   return over_tables(*given.module, "D04", [](const modules::plugin &) { return passed(); });
}

finding has_proper_parameters(const subject &given) {
   return over_tables(*given.module, "D05", [](const modules::plugin &guest) {
      return guest.params.empty() ? skipped("it has no parameters") : passed();
   });
}

finding has_proper_outputs(const subject &given) {
   return over_tables(*given.module, "D06", [](const modules::plugin &guest) {
      return guest.outputs.empty() ? skipped("it has no outputs") : passed();
   });
}

finding judge_models(const modules::plugin &guest) {
   for (const giflab_model_source &model : guest.models) {
      if (!looks_like_spdx(model.license))
         return warned(fmt::format("the licence of model {} is {}, which is no SPDX expression", model.id,
                                   config::in_quotes(model.license)));
      if (!model.origin || !*model.origin)
         return warned(fmt::format("model {} has no origin: say where a person gets it", model.id));
   }
   return passed();
}

finding judge_needs(const modules::plugin &guest) {
   constexpr std::array known = {GIFLAB_MODELS,    GIFLAB_TASKS, GIFLAB_FILES,
                                 GIFLAB_PROCESSES, GIFLAB_CACHE, GIFLAB_CUDA};
   for (const char *const *id = guest.table.needs; id && *id; ++id) {
      const bool is_known =
          std::any_of(known.begin(), known.end(), [id](const char *one) { return std::strcmp(one, *id) == 0; });
      if (!is_known)
         return failed_check(fmt::format("it needs {}, which is no service of ABI {}.{}",
                                         config::in_quotes(*id), GIFLAB_ABI_MAJOR, GIFLAB_ABI_MINOR));
      if (!modules::host_table().query(&modules::host_table(), *id))
         return warned(
             fmt::format("it needs {}, which this giflab does not offer, so it cannot be used here", *id));
   }
   return passed();
}

finding has_proper_models_and_needs(const subject &given) {
   return over_tables(*given.module, "D07", [](const modules::plugin &guest) {
      if (guest.models.empty() && (!guest.table.needs || !*guest.table.needs))
         return skipped("it has no models and needs no service");
      const finding needs = judge_needs(guest);
      return needs.verdict == verdict::pass ? judge_models(guest) : needs;
   });
}

// ---- D09

finding has_faithful_descriptions(const subject &given) {
   return over_tables(*given.module, "D09", is_described_faithfully);
}

constexpr check descriptor_list[] = {
    {"D01", "tables have a plausible size and no unknown tail", "A4", stage::describe, extent::file,
     has_plausible_tables},
    {"D02", "ids and texts are there, unique and UTF-8", "D02", stage::describe, extent::file,
     has_proper_texts},
    {"D03", "every value is known, and it is one kind of plugin", "D03", stage::describe, extent::file,
     has_known_values},
    {"D04", "scope and callbacks agree", "D04", stage::describe, extent::file, has_the_callbacks_of_its_scope},
    {"D05", "parameters start within their range", "D05", stage::describe, extent::file, has_proper_parameters},
    {"D06", "outputs have sound bounds and pooling", "D06", stage::describe, extent::file, has_proper_outputs},
    {"D07", "models and needed services are well-formed", "D07", stage::describe, extent::file,
     has_proper_models_and_needs},
    {"D08", "descriptors are constant", "A1", stage::behave, extent::plugin, stays_constant},
    {"D09", "the pages made of its descriptor hold all of it", "", stage::describe, extent::file,
     has_faithful_descriptions},
    {"D10", "only declared views are touched", "C1", stage::call, extent::plugin, touches_declared_views},
};

} // namespace

std::span<const check> descriptor_checks() { return descriptor_list; }

} // namespace giflab::validator
