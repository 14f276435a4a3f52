#pragma once
// The checks of descriptors that need more than their fields. Each is the run of one check; see there.

#include "validator/check.hpp"

namespace giflab::validator {

finding stays_constant(const subject &given);                  // D08
finding is_described_faithfully(const modules::plugin &guest); // D09
finding touches_declared_views(const subject &given);          // D10

} // namespace giflab::validator
