#pragma once
// Comparisons that several tests of this room look at.

#include "results/comparison.hpp"

#include <string>

namespace giflab::results {

// The comparison of host/results/README.md: a value with infinite statistics, an absent one and a warning.
comparison readme_comparison();

// Two files that could not be compared.
comparison failed_comparison();

std::string content_of(const std::string &path);

} // namespace giflab::results
