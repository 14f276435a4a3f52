#pragma once
// Modules under the validator, as the tests of its findings need it.

#include "validator/validate.hpp"

#include <set>
#include <string>
#include <vector>

namespace validator_tests {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

// The *.so of a folder, sorted.
std::vector<std::string> modules_in(const std::string &folder);

// Memory, cost and polling (R05 to R07), over large pictures: more than half of the time that all checks take.
std::vector<std::string> dear_checks();

// All the others.
std::vector<std::string> cheap_checks();

// A validation that must come to an end, with as many processes at once as there are processors.
giflab::validator::validation validated(const std::string &path, const std::vector<std::string> &only = {});

// The ids of the checks that failed, of whatever plugin.
std::set<std::string> failures(const giflab::validator::validation &told);

// "S05 org.x: sentence", for people.
std::string in_words(const giflab::validator::checked &line);

} // namespace validator_tests
