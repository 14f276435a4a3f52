#pragma once
// `run --estimate`: how long it would take.

#include "experiments/estimate.hpp"

#include <string>

namespace giflab::cli {

struct estimate_wish {
   std::string output, name;     // as for the folder of the run
   std::size_t at_once = 1;      // cells
   std::string temporary_folder; // for cells that are tried; empty: where the system says
};

// Lines that say how long, from what that is known, and how far it may be off. Where no run is there to go by,
// some cells are tried by `run`.
result<std::string> time_text(const experiments::experiment &of, const results::run_facts &facts,
                              const estimate_wish &wish, engine::machine &on,
                              const experiments::cell_trial &run);

} // namespace giflab::cli
