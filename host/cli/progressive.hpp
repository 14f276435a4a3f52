#pragma once
// Level 3 on the command line: what it saves, and how well it agrees with measuring everything.

#include "cli/comparing.hpp"
#include "engine/progressive_agreement.hpp"

namespace giflab::cli {

bool is_progressive(const config::settings &settings);

// Nothing where everything is to be measured. `ids`: what the conditions of tiers may be about.
result<std::optional<engine::progressive_policy>> progressive_policy_for(const config::settings &settings,
                                                                         const config::run_progressive &written,
                                                                         const std::vector<std::string> &ids);

// Compares pairs of files as the plan says: progressively, in this process, or all of everything.
class progressive_comparer {
 public:
   // Both must outlive it.
   progressive_comparer(comparing_plan &planned, const comparing_options &options);

   result<results::comparison> compare(const std::string &reference, const std::string &distorted,
                                       const engine::comparison_options &how,
                                       const engine::progress_listener &progress);

   // Says on standard error what all comparisons so far cost and saved; nothing when quiet, or not progressive.
   void report() const;

 private:
   result<void> verify(const results::comparison &found, const engine::comparison_options &how);
   std::string report_of_costs() const;
   std::string report_of_agreement() const;

   comparing_plan &planned_;
   const comparing_options &options_;
   engine::decision wanted_;
   engine::progressive_costs costs_;
   engine::progressive_agreement agreement_;
   double seconds_ = 0, full_seconds_ = 0; // of the processor, all threads
};

} // namespace giflab::cli
