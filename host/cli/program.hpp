#pragma once

namespace giflab::cli {

// All of the program: finds the command that the arguments of main() name, runs it, and gives its exit code.
// Lets no exception out.
int run_program(int argc, char **argv);

} // namespace giflab::cli
