#pragma once
// The checks of loading that need more than a look at the file. Each is the run of one check; see there.

#include "validator/check.hpp"

namespace giflab::validator {

finding loads_quietly(const subject &given);      // L06
finding bears_copies(const subject &given);       // L07
finding bears_a_decoy(const subject &given);      // L08
finding bears_a_later_host(const subject &given); // L09

} // namespace giflab::validator
