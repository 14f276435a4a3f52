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

// How long `probe` may take, which is to answer within a second: a program that a cold disk makes start late is
// no fault of it. Sanitizers make everything slower.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr std::chrono::seconds probe_limit{10};
#else
inline constexpr std::chrono::seconds probe_limit{2};
#endif

// The probe of a plugin that has one, each time in a process of its own: with as much room for its fingerprint
// as giflab gives it, and with little. How the first ended that did not come back; else the last. `text` as
// that of plain_call. The calling process must have one thread only. [main]
isolated_outcome probe_call(const subject &given);

// Whether what was called threw something.
bool threw(const isolated_outcome &ended);

// Whether a process died of a null pointer, such as the view of a picture that was not declared: by its blame
// page or, in builds with a sanitizer, by what that printed.
bool touched_null(const isolated_outcome &ended);

} // namespace giflab::validator
