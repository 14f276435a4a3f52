#pragma once
// Files of the corpus as [[inputs]] of run files: a small share that every run of the tests can afford, or with
// GIFLAB_TEST_WHOLE_CORPUS in the environment all of them.

#include <cstddef>
#include <string>

namespace equality {

bool whole_corpus();

struct inputs {
   std::string toml; // tables to be put behind the others of a run file
   std::size_t pairs = 0;
};

// Each original beside what encoders made of it; of the share `most` at most. No pairs where there is no
// corpus, which is told.
inputs candidates(std::size_t most = 3);

// Each original beside itself, each damaged file beside itself, and each original beside the next one by name,
// which is mostly of another size: files that no candidate was made of are read as well.
inputs originals();
inputs damaged();
inputs neighbours();

} // namespace equality
