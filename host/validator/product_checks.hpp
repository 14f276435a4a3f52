#pragma once
// The checks of what plugins make, one by one; product_checks() lists them all.

#include "validator/check.hpp"

namespace giflab::validator {

finding check_filter(const subject &given); // P01

// encoder_check.cpp
finding check_encoder(const subject &given); // P02

// fuzz_check.cpp
finding check_at_random(const subject &given); // P03

} // namespace giflab::validator
