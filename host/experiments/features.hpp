#pragma once
// Measuring the sources themselves, once each: what their class is told by.

#include "engine/workshop.hpp"
#include "results/journal.hpp"

#include <functional>

namespace giflab::experiments {

struct experiment;

// Compares every source that the journal has no features of with itself, by the experiment's features, and
// writes each down. A source that cannot be read has a reason instead.
result<void> examine_features(const experiment &of, results::journal &in, engine::workshop &on);

} // namespace giflab::experiments
