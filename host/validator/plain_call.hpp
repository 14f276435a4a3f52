#pragma once
// The simplest thing that can be asked of a plugin, in a process of its own: what faults, throws or hangs there
// is told apart by the checks that each answer for one of these.

#include "validator/check.hpp"
#include "validator/isolated.hpp"

#include <chrono>

namespace giflab::validator {

// How long it may take before it counts as hanging.
inline constexpr std::chrono::seconds plain_call_limit{5};

// Create, every call and destroy over a clip of three small frames and a still, at optimisation levels 0 and 2.
// `text` of a process that finished is "", "threw: <what>", or "<entry>: <status>: <text>" of a call that was
// refused. The calling process must have one thread only. [main]
isolated_outcome plain_call(const subject &given);

// Whether a process died of a null pointer, such as the view of a picture that was not declared: by its blame
// page or, in builds with a sanitizer, by what that printed.
bool touched_null(const isolated_outcome &ended);

} // namespace giflab::validator
