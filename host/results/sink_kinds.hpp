#pragma once
// One maker a form; open_sink chooses among them.

#include "results/output_file.hpp"
#include "results/sinks.hpp"

namespace giflab::results {

std::unique_ptr<sink> make_table_sink(output_file file, bool many);
std::unique_ptr<sink> make_json_sink(output_file file, bool many, bool per_frame);
std::unique_ptr<sink> make_json_lines_sink(output_file file, bool per_frame);
std::unique_ptr<sink> make_csv_sink(output_file file, bool per_frame, bool samples);

} // namespace giflab::results
