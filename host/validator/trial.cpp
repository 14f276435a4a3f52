#include "validator/trial.hpp"

#include "modules/call.hpp"
#include "modules/model_registry.hpp"

#include <fmt/format.h>

#include <utility>

namespace giflab::validator {

host_conduct conduct_of(const subject &given) {
   host_conduct conduct;
   conduct.seed = given.seed;
   conduct.folder = given.folder;
   conduct.model_folders = given.model_folders;
   return conduct;
}

std::string size_text(int32_t width, int32_t height) { return fmt::format("{}x{}", width, height); }

std::string said_by(const evaluation &outcome) {
   return fmt::format("{} gave {}{}", outcome.entry, modules::status_name(outcome.status),
                      outcome.text.empty() ? std::string(" without a word")
                                           : fmt::format(" (\"{}\")", outcome.text));
}

bool sees_pixels(const modules::plugin &guest) {
   return guest.table.inputs != 0 && guest.table.scope != GIFLAB_SCOPE_FILE;
}

bool needs(const modules::plugin &guest, const std::string &service) {
   for (const char *const *id = guest.table.needs; id && *id; ++id)
      if (service == *id)
         return true;
   return false;
}

std::string missing_model(const subject &given) {
   modules::model_registry models(given.model_folders);
   for (const giflab_model_source &source : given.plugin->models) {
      const auto held = models.acquire(source, nullptr);
      if (!held)
         return held.error().text;
      models.release(*held);
   }
   return {};
}

comparison_of_runs::comparison_of_runs(const modules::plugin &guest, evaluation first)
    : guest_(guest), first_(std::move(first)) {}

bool comparison_of_runs::add(const evaluation &again, const std::string &how) {
   if (!found_.empty() || !first_.ok())
      return false;
   if (!again.ok())
      found_ = fmt::format("it fails {}: {}", how, said_by(again));
   else if (const std::string differs = difference(guest_, first_, again); !differs.empty())
      found_ = fmt::format("results differ {}: {}", how, differs);
   return found_.empty();
}

finding comparison_of_runs::result(const std::string &advice) const {
   if (!first_.ok())
      return skipped("nothing to compare with: " + said_by(first_));
   return found_.empty() ? passed() : failed_check(found_ + "; " + advice);
}

} // namespace giflab::validator
