#pragma once
// Comparisons that were made before. What is kept is what metrics measured, pair by pair, and how the files lie
// beside one another; everything else is worked out from it anew, so values have the same bits, from the cache
// or not.

#include "engine/selection.hpp"
#include "results/comparison.hpp"
#include "results/value_store.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace giflab::engine {

struct comparison_options;

// All that a comparison has besides the values of metrics.
struct comparison_record {
   results::file_summary reference, distorted;
   results::alignment_summary alignment;
   std::vector<std::string> reference_notes,
       distorted_notes;                  // of the alignment, kept without the path they begin with
   std::vector<results::pair_row> pairs; // without values
};

// What one metric measured.
struct measured_scores {
   std::vector<double> scores;      // [pair * outputs + output]
   std::vector<double> clip_scores; // [output]
};

// Files are known by the SHA-256 of all their bytes, never by samples; names and times of files are no part of
// a key. All functions: any thread.
class result_cache {
 public:
   struct settings {
      std::string folder; // made when it is first needed
      results::store_limits limits;
      std::vector<std::string> model_folders;
   };
   explicit result_cache(settings given);
   ~result_cache(); // tells its counts at the log level debug
   result_cache(const result_cache &) = delete;
   result_cache &operator=(const result_cache &) = delete;

   // Two files as they are now, and how they are compared.
   struct subject {
      std::string key;
      struct side {
         std::string path, sha256, identity;
         bool recent; // it changed so lately that its times would not tell of another change
      };
      side reference, distorted;
   };
   // Nothing, where a file cannot be read: the comparison itself will say why.
   std::optional<subject> examine(const std::string &reference, const std::string &distorted,
                                  const comparison_options &options, const services::cancellation &cancelled);

   // False if a file has changed since: what was measured belongs to nobody knows which content.
   bool is_unchanged(const subject &one, const services::cancellation &cancelled) const;

   std::optional<comparison_record> record_of(const subject &one);
   std::optional<measured_scores> scores_of(const subject &one, const planned_metric &metric);

   struct measured_metric {
      const planned_metric *metric;
      measured_scores found;
   };
   void keep(const subject &one, const comparison_record &record, const std::vector<measured_metric> &metrics);

   // One comparison of a subject at a time in this process: whoever comes second finds what the first kept.
   bool begin(const subject &one); // false while another is at it
   void end(const subject &one);

   struct counts {
      int64_t found = 0, missed = 0; // metrics
   };
   counts counted() const { return {found_.load(), missed_.load()}; }

 private:
   results::value_store *store();
   std::string key_of(const subject &one, const planned_metric &metric);
   std::string identity_of_models(const planned_metric &metric) const;
   std::string sha256_of(const std::string &path);

   const settings settings_;
   std::mutex mutex_; // guards all below but the counts
   bool tried_ = false;
   std::unique_ptr<results::value_store> store_;
   std::set<std::string> under_way_;
   std::map<std::string, std::pair<std::string, std::string>> hashes_; // by path: identity and SHA-256
   std::atomic<int64_t> found_{0}, missed_{0};
};

} // namespace giflab::engine
