#pragma once
// The forms in which results can be written.

#include "error.hpp"

#include <string_view>

namespace giflab::config {

enum class output_format { table, json, jsonl, csv };

// From "table", "json", "jsonl" or "csv"; the error names the nearest.
result<output_format> parse_output_format(std::string_view text);

std::string_view name_of(output_format format);

// Whether the format can hold the values of every pair. A table cannot: it is for people.
bool holds_frames(output_format format);

} // namespace giflab::config
