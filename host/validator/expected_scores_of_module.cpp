// Making the table of expected scores of a module.

#include "modules/descriptor.hpp"
#include "modules/module_file.hpp"
#include "services/sandbox.hpp"
#include "validator/expected_scores.hpp"
#include "validator/isolated.hpp"

#include <fmt/format.h>

#include <system_error>

namespace giflab::validator {

namespace {

constexpr std::chrono::minutes measuring_limit{5};

result<std::vector<expected_score>> measure_module(const std::string &path, const host_conduct &conduct) {
   const auto module = modules::open_module_file(path);
   if (!module)
      return tl::unexpected(module.error());
   if (const auto checked = modules::check_entry(**module); !checked)
      return tl::unexpected(checked.error());
   std::vector<expected_score> all;
   for (uint32_t i = 0; i < (*module)->plugin_count; ++i) {
      const auto guest = modules::read_plugin((*module)->plugins[i]);
      if (!guest)
         return tl::unexpected(guest.error());
      if (!(*guest)->is_metric())
         continue;
      const auto lines = measure_expected_scores(**guest, conduct);
      if (!lines)
         return failed(problem::plugin, fmt::format("{}: {}", (*guest)->id(), lines.error().text));
      all.insert(all.end(), lines->begin(), lines->end());
   }
   return all;
}

// What goes from one process to the other: a letter that tells a table from an error, and its text.
std::string told(const result<std::vector<expected_score>> &measured) {
   if (!measured)
      return "e" + measured.error().text;
   return "t" + (measured->empty() ? std::string() : expected_scores_text(*measured));
}

result<std::string> heard(const isolated_outcome &ended, const std::string &path) {
   if (!ended.finished)
      return failed(problem::plugin,
                    fmt::format("{}: the process that measured {}{}{}; giflab check tells more", path,
                                ended.timed_out ? "took too long" : "died", ended.doing.empty() ? "" : " in ",
                                ended.doing));
   if (ended.text[0] == 'e')
      return failed(problem::plugin, fmt::format("{}: {}", path, ended.text.substr(1)));
   return ended.text.substr(1);
}

} // namespace

result<std::string> expected_scores_of_module(const std::string &path,
                                              const std::vector<std::string> &model_folders,
                                              const services::cancellation &cancelled) {
   services::sandbox files;
   const auto folder = files.open_call();
   if (!folder)
      return tl::unexpected(folder.error());
   host_conduct conduct;
   conduct.folder = folder->path();
   conduct.model_folders = model_folders;
   const isolated_job job{[&] { return told(measure_module(path, conduct)); }, measuring_limit};
   isolated_outcome outcome;
   try {
      run_isolated({job}, 1, cancelled, [&](std::size_t, const isolated_outcome &ended) { outcome = ended; });
   } catch (const std::system_error &refused) {
      return failed(problem::internal, refused.what());
   }
   if (cancelled.requested())
      return failed(problem::cancelled, "stopped on request");
   return heard(outcome, path);
}

} // namespace giflab::validator
