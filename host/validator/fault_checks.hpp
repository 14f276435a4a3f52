#pragma once
// The checks of faults one by one; fault_checks() lists them all.

#include "validator/check.hpp"
#include "validator/isolated.hpp"

#include <functional>
#include <string>

namespace giflab::validator {

// memory_faults.cpp
finding check_no_memory(const subject &given); // F01

// service_faults.cpp
finding check_missing_services(const subject &given); // F02
finding check_models(const subject &given);           // F04
finding check_paths(const subject &given);            // F05
finding check_processes(const subject &given);        // F06
finding check_texts(const subject &given);            // F10

// cancelling.cpp
finding check_cancelling(const subject &given); // F03

// survival.cpp
finding check_device(const subject &given);   // F07
finding check_survival(const subject &given); // F08
finding check_ending(const subject &given);   // F09

// How a process ended that did not finish: "died of SIGSEGV in measure, 31x33 of org.x". In survival.cpp.
std::string death_of(const isolated_outcome &outcome);

// Says what is being tried, for the sentence about a death: "without giflab.tasks/1".
using trying = std::function<void(const std::string &what)>;

// Runs work in a process of its own and gives its finding. If the process dies, hangs or throws, that is what
// was found. The calling process must have one thread only. In survival.cpp.
finding survived(const std::function<finding(const trying &tries)> &work);

} // namespace giflab::validator
