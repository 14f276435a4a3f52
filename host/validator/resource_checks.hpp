#pragma once
// The checks of resources and manners one by one; resource_checks() lists them all.

#include "validator/check.hpp"

namespace giflab::validator {

// What is left behind, and what is taken.
finding check_leftovers(const subject &given);      // R01
finding check_memory_bound(const subject &given);   // R05
finding check_shared_objects(const subject &given); // R08

// manners_checks.cpp: what others in the process notice
finding check_process_state(const subject &given); // R03
finding check_system_calls(const subject &given);  // R04

// pace_checks.cpp: how fast, and how soon it listens
finding check_cost_class(const subject &given); // R06
finding check_polling(const subject &given);    // R07

} // namespace giflab::validator
