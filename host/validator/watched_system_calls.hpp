#pragma once
// A process that may write below one folder only, reach no network and start no program: what it tries all the
// same is refused and noted.

#include <string>
#include <vector>

namespace giflab::validator {

// From now on, for this process and for ever. "" if it worked, else why the kernel refused. Refused calls fail
// with EACCES; threads may still be made. Call it once, in a process made for it.
//
// It reads the paths that a process shows it, and follows no links: it finds mistakes, and holds no attacker.
std::string watch_system_calls(const std::string &folder);

// What the process is about to do, for the notes; a literal.
void system_calls_during(const char *what);

// "openat of /tmp/x for writing during measure", in their order; the first 16.
std::vector<std::string> refused_system_calls();

} // namespace giflab::validator
