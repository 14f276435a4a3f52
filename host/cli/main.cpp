#include "cli/program.hpp"

int main(int argc, char **argv) { return giflab::cli::run_program(argc, argv); }
