#pragma once
// What the machine's result cache knows of one comparison, and what it learns of it.

#include "engine/result_cache.hpp"
#include "engine/summary.hpp"

#include <optional>
#include <string>
#include <vector>

namespace giflab::engine {

// Nothing is known, and nothing learned, without a cache, below level 2, of metrics that are to run on a
// device, or cannot run here, and of comparisons that are one round of another, which may measure some pairs
// alone. Used by the thread that compares.
class remembered_comparison {
 public:
   // While another thread of the process compares the same, this waits. All arguments outlive it.
   remembered_comparison(const std::string &reference, const std::string &distorted,
                         const std::vector<planned_metric> &plan, const comparison_options &options,
                         machine &on);
   ~remembered_comparison();
   remembered_comparison(const remembered_comparison &) = delete;
   remembered_comparison &operator=(const remembered_comparison &) = delete;

   // By place in the plan; null where nothing is known.
   const measured_scores *known(std::size_t metric) const {
      return known_[metric] ? &*known_[metric] : nullptr;
   }

   // If all is known: the comparison as it would be.
   std::optional<results::comparison> whole() const;

   // What was measured, unless a file changed meanwhile. `metrics` in the order of the plan.
   void learn(comparison_record record, const metric_runs &metrics);

 private:
   bool concerns(const planned_metric &metric) const;
   giflab_clip compared() const;
   bool is_too_large(const planned_metric &metric) const;

   const std::string &reference_, &distorted_;
   const std::vector<planned_metric> &plan_;
   const comparison_options &options_;
   machine &on_;
   result_cache *cache_;
   std::optional<result_cache::subject> subject_;
   std::optional<comparison_record> record_;
   std::vector<std::optional<measured_scores>> known_;
};

} // namespace giflab::engine
