#pragma once
// The checks of scores and pictures one by one; score_checks() lists them all.

#include "validator/check.hpp"

namespace giflab::validator {

// layout_checks.cpp: whatever the pictures' size, and however they lie in memory
finding check_sizes(const subject &given);       // S03
finding check_strides(const subject &given);     // S04
finding check_padding(const subject &given);     // S05
finding check_guard_pages(const subject &given); // S06

// repetition_checks.cpp: the same thing done again, otherwise
finding check_repetition(const subject &given); // S09
finding check_instances(const subject &given);  // S10
finding check_order(const subject &given);      // S11
finding check_parameters(const subject &given); // S12

// expected_scores.cpp
finding check_expected_scores(const subject &given); // S14

} // namespace giflab::validator
