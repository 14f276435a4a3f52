#pragma once
// What people and programs read of a validation.

#include "validator/validate.hpp"

#include <chrono>
#include <span>
#include <string>

namespace giflab::validator {

// "pass", "warn", "fail" or "skip".
const char *verdict_name(verdict named);

// One line of the table: id, verdict, plugin, sentence, rule. Ends in a line break. `colour` is for terminals.
std::string report_line(const checked &line, bool colour);

// "57 passed, 1 warned, 0 failed, 2 skipped in 3.2 s", and how to repeat what failed.
std::string report_summary(const validation &told, std::chrono::milliseconds wall);

// All checks, one a line.
std::string list_of_checks();

// A JSON array with an object for each file. The error is that of a file that cannot be read any more.
result<std::string> report_json(std::span<const validation> told);

} // namespace giflab::validator
