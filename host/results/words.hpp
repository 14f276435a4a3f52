#pragma once
// The words and numbers that all forms of output share.

#include "results/comparison.hpp"

#include <string>
#include <string_view>

namespace giflab::results {

std::string_view word_for(status value);
std::string_view word_for(direction value); // "neither", "higher", "lower"

// The shortest text that reads back as the same number; "Infinity" and "-Infinity"; empty for NaN.
std::string exact_number(double value);

// Microseconds as milliseconds, without loss.
std::string exact_milliseconds(int64_t microseconds);

} // namespace giflab::results
