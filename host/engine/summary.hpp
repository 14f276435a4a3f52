#pragma once
// From what was measured to a row of results.

#include "engine/compare.hpp"
#include "engine/metric_run.hpp"
#include "engine/result_cache.hpp"

#include <memory>
#include <string>
#include <vector>

namespace giflab::engine {

using metric_runs = std::vector<std::unique_ptr<metric_run>>;

// All but the pairs, once both files were read to their ends. Sizes are those that were compared.
comparison_record record_of(const media::file_facts &reference, const media::file_facts &distorted,
                            const media::alignment_report &report);

// Under the paths that are given here. With the rows of pairs if options.per_frame says so.
results::comparison assembled(const comparison_record &record, const std::string &reference,
                              const std::string &distorted, const metric_runs &metrics,
                              const comparison_options &options);

} // namespace giflab::engine
