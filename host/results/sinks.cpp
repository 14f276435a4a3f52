#include "results/sinks.hpp"

#include "results/sink_kinds.hpp"

#include <fmt/format.h>

namespace giflab::results {

result<std::unique_ptr<sink>> open_sink(const sink_options &options) {
   using config::output_format;
   if (options.per_frame && !config::holds_frames(options.format))
      return failed(problem::usage, fmt::format("a {} cannot hold values per frame; use json, jsonl or csv",
                                                config::name_of(options.format)));
   result<output_file> file = output_file::open(options.path);
   if (!file)
      return tl::unexpected(file.error());
   switch (options.format) {
   case output_format::table:
      return make_table_sink(std::move(*file), options.many);
   case output_format::json:
      return make_json_sink(std::move(*file), options.many, options.per_frame);
   case output_format::jsonl:
      return make_json_lines_sink(std::move(*file), options.per_frame);
   case output_format::csv:
      return make_csv_sink(std::move(*file), options.per_frame, options.samples);
   }
   return failed(problem::internal, "no such output format");
}

} // namespace giflab::results
