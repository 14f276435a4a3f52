#include "cli/progressive.hpp"

#include "config/printable.hpp"
#include "results/formula_values.hpp"
#include "results/grid.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <ctime>

namespace giflab::cli {

namespace {

// Of the whole process: the tasks of a comparison are spread over its threads.
double process_seconds() {
   timespec now{};
   clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
   return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

engine::unasked_metrics meaning_of(config::unasked_metrics written) {
   switch (written) {
   case config::unasked_metrics::skip:
      return engine::unasked_metrics::skipped;
   case config::unasked_metrics::sample:
      return engine::unasked_metrics::sampled;
   case config::unasked_metrics::measure:
      return engine::unasked_metrics::measured;
   case config::unasked_metrics::automatic:
      break;
   }
   return engine::unasked_metrics::automatic;
}

result<engine::quality_tier> tier_for(const config::run_tier &written, const std::vector<std::string> &ids) {
   engine::quality_tier tier{written.name, {}, meaning_of(written.unasked)};
   for (const config::run_gate &condition : written.conditions) {
      auto read = results::parse_gate(condition.text, condition.where);
      if (!read)
         return tl::unexpected(read.error());
      tier.conditions.push_back(std::move(*read));
   }
   if (auto checked = results::check_gates(tier.conditions, ids); !checked)
      return tl::unexpected(checked.error());
   return tier;
}

} // namespace

bool is_progressive(const config::settings &settings) {
   using config::setting;
   const int64_t level = settings.integer(setting::optimization_level);
   const bool asked = settings.origin(setting::enable_progressive_calculation) != "default";
   return settings.enabled(setting::enable_progressive_calculation) && level > 0 && (level >= 3 || asked);
}

result<std::optional<engine::progressive_policy>> progressive_policy_for(const config::settings &settings,
                                                                         const config::run_progressive &written,
                                                                         const std::vector<std::string> &ids) {
   if (!is_progressive(settings))
      return std::nullopt;
   engine::progressive_policy policy;
   policy.confidence = written.confidence;
   policy.precision = written.precision;
   policy.precisions = written.precisions;
   policy.first_frames = static_cast<std::size_t>(written.first_frames);
   policy.worst_frames = static_cast<std::size_t>(written.worst_frames);
   policy.most_frames = static_cast<std::size_t>(written.most_frames);
   policy.cheap_nanoseconds = written.cheap_nanoseconds;
   policy.early_exit = written.early_exit;
   policy.unasked = meaning_of(written.unasked);
   policy.picture_bytes = static_cast<std::size_t>(written.picture_megabytes) << 20;
   policy.seed = static_cast<uint64_t>(written.seed);
   for (const config::run_tier &each : written.tiers) {
      auto tier = tier_for(each, ids);
      if (!tier)
         return tl::unexpected(tier.error());
      policy.tiers.push_back(std::move(*tier));
   }
   return policy;
}

progressive_comparer::progressive_comparer(comparing_plan &planned, const comparing_options &options)
    : planned_(planned), options_(options), wanted_{planned.gates, results::metrics_of(planned.formulas)} {}

result<results::comparison> progressive_comparer::compare(const std::string &reference,
                                                          const std::string &distorted,
                                                          const engine::comparison_options &how,
                                                          const engine::progress_listener &progress) {
   if (!planned_.progressive)
      return planned_.workshop.shop().compare(reference, distorted, planned_.metrics, how, progress);
   const double began = process_seconds();
   auto found =
       engine::compare_progressively(reference, distorted, planned_.metrics, how, *planned_.progressive,
                                     wanted_, planned_.workshop.machine(), progress, costs_);
   seconds_ += process_seconds() - began;
   if (found && options_.verify_progressive)
      if (auto verified = verify(*found, how); !verified)
         return tl::unexpected(verified.error());
   return found;
}

// Against level 1, which leaves nothing out.
result<void> progressive_comparer::verify(const results::comparison &found,
                                          const engine::comparison_options &how) {
   engine::comparison_options all = how;
   all.level = 1;
   const double began = process_seconds();
   auto full = planned_.workshop.shop().compare(found.reference.path, found.distorted.path, planned_.metrics,
                                                all, nullptr);
   full_seconds_ += process_seconds() - began;
   if (!full)
      return tl::unexpected(full.error());
   results::comparison progressive = found;
   for (results::comparison *each : {&progressive, &*full})
      results::add_formula_values(*each, planned_.formulas);
   engine::note_agreement(agreement_, progressive, *full, planned_.gates);
   return {};
}

std::string progressive_comparer::report_of_costs() const {
   using enum results::grid::side;
   results::grid table({left, right, right, right, right, right, right});
   table.add({"plugin", "sampled", "skipped", "whole", "pairs measured", "left out", "seconds saved"});
   double saved = 0;
   bool unmeasured = false;
   for (const auto &[plugin, cost] : costs_) {
      const std::optional<double> seconds = cost.saved_seconds();
      saved += seconds.value_or(0);
      unmeasured |= !seconds;
      table.add({config::printable(plugin), fmt::format("{}", cost.sampled), fmt::format("{}", cost.skipped),
                 fmt::format("{}", cost.whole), fmt::format("{}", cost.measured_pairs),
                 fmt::format("{}", cost.spared_pairs), seconds ? fmt::format("{:.2f}", *seconds) : "?"});
   }
   return fmt::format(
       "{}progressive: {:.2f} s of the processor, and some {:.2f} s saved by what a pair cost here{}\n",
       table.text(), seconds_, saved, unmeasured ? "; ?: never measured, so nobody knows" : "");
}

std::string progressive_comparer::report_of_agreement() const {
   std::string text;
   for (const std::string &difference : agreement_.differences)
      text += fmt::format("differs: {}\n", config::printable(difference));
   return text +
          fmt::format("agreement with level 1, which took {:.2f} s of the processor: {} of {} verdicts, {} of "
                      "{} gates ({} not judged), {} of {} intervals hold, {} of {} whole values are equal\n",
                      full_seconds_, agreement_.comparisons - agreement_.other_verdicts, agreement_.comparisons,
                      agreement_.gates - agreement_.other_gates, agreement_.gates, agreement_.unasked,
                      agreement_.intervals - agreement_.missed, agreement_.intervals,
                      agreement_.whole_values - agreement_.other_values, agreement_.whole_values);
}

void progressive_comparer::report() const {
   if (!planned_.progressive)
      return;
   if (!options_.common.quiet && !costs_.empty())
      tell(report_of_costs());
   if (options_.verify_progressive)
      tell(report_of_agreement());
}

} // namespace giflab::cli
