#include "cli/profiling.hpp"

#include "cli/command.hpp"

#include "config/printable.hpp"
#include "results/grid.hpp"
#include "results/output_file.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ctime>
#include <map>
#include <optional>
#include <unistd.h>

namespace giflab::cli {

namespace {

using results::grid;
using services::stage_total;

double milliseconds(int64_t nanoseconds) { return static_cast<double>(nanoseconds) * 1e-6; }

std::string share(int64_t part, int64_t whole) {
   return whole > 0 ? fmt::format("{:.1f} %", 100 * static_cast<double>(part) / static_cast<double>(whole))
                    : "-";
}

double processor_milliseconds() {
   timespec spent{};
   clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
   return static_cast<double>(spent.tv_sec) * 1e3 + static_cast<double>(spent.tv_nsec) * 1e-6;
}

struct sums {
   uint64_t count = 0;
   int64_t own_ns = 0, own_cpu_ns = 0;

   void add(const stage_total &one) {
      count += one.count;
      own_ns += one.own_ns;
      own_cpu_ns += one.own_cpu_ns;
   }
};

// What was done, over all threads, the longest first.
std::string stage_table(const std::vector<stage_total> &totals, int64_t wall_ns) {
   using enum grid::side;
   std::map<std::pair<services::stage, std::string>, sums> by_stage;
   for (const stage_total &one : totals)
      by_stage[{one.stage, one.subject}].add(one);
   std::vector<std::pair<std::pair<services::stage, std::string>, sums>> rows(by_stage.begin(), by_stage.end());
   std::stable_sort(rows.begin(), rows.end(),
                    [](const auto &a, const auto &b) { return a.second.own_ns > b.second.own_ns; });
   grid table({left, left, right, right, right, right});
   table.add({"stage", "plugin", "count", "ms", "of wall", "CPU ms"});
   for (const auto &[of, sum] : rows)
      table.add({services::stage_name(of.first), config::printable(of.second), std::to_string(sum.count),
                 fmt::format("{:.2f}", milliseconds(sum.own_ns)), share(sum.own_ns, wall_ns),
                 fmt::format("{:.2f}", milliseconds(sum.own_cpu_ns))});
   return table.text();
}

// How busy each thread was: all of its time but what it waited.
std::string thread_table(const std::vector<stage_total> &totals, int64_t wall_ns) {
   using enum grid::side;
   std::map<std::pair<std::string, uint32_t>, sums> busy;
   for (const stage_total &one : totals)
      if (sums &of_thread = busy[{one.process, one.thread}]; one.stage != services::stage::waiting)
         of_thread.add(one);
   grid table({left, right, right, right, right});
   table.add({"thread", "count", "busy ms", "of wall", "CPU ms"});
   for (const auto &[thread, sum] : busy)
      table.add({thread.first.empty() ? std::to_string(thread.second)
                                      : fmt::format("{} {}", config::printable(thread.first), thread.second),
                 std::to_string(sum.count), fmt::format("{:.2f}", milliseconds(sum.own_ns)),
                 share(sum.own_ns, wall_ns), fmt::format("{:.2f}", milliseconds(sum.own_cpu_ns))});
   return table.text();
}

void print_tables(const services::profile &times, double earlier_cpu_ms) {
   const int64_t wall_ns = times.elapsed_ns();
   const std::vector<stage_total> totals = times.totals();
   tell(fmt::format(
       "profile: {:.2f} ms of wall time, {:.2f} ms of processor time, and {:.2f} before that to start the "
       "program\n"
       "Times are without what was timed inside of them, and those of threads add up.\n\n{}\n{}",
       milliseconds(wall_ns), processor_milliseconds() - earlier_cpu_ms, earlier_cpu_ms,
       stage_table(totals, wall_ns), thread_table(totals, wall_ns)));
}

// A complete event ("ph": "X") of the Trace Event Format, which has microseconds.
std::string event_of(const services::traced_span &span) {
   const std::string name = span.subject.empty()
                                ? services::stage_name(span.stage)
                                : fmt::format("{} {}", services::stage_name(span.stage), span.subject);
   return fmt::format(R"({{"name":{},"cat":"{}","ph":"X","pid":{},"tid":{},"ts":{:.3f},"dur":{:.3f}}})",
                      nlohmann::json(name).dump(), services::stage_name(span.stage), getpid(), span.thread,
                      static_cast<double>(span.begin_ns) * 1e-3, static_cast<double>(span.length_ns) * 1e-3);
}

result<void> write_trace(const services::profile &times, results::output_file &file) {
   std::string before = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";
   for (const services::traced_span &span : times.spans()) {
      if (auto written = file.write(before + event_of(span)); !written)
         return written;
      before = ",\n";
   }
   return file.write(fmt::format("\n],\"otherData\":{{\"spans_left_out\":{}}}}}\n", times.spans_dropped()))
       .and_then([&] { return file.commit(); });
}

// Opened before anything is done, which may take long.
result<std::optional<results::output_file>> open_trace(const std::string &path) {
   if (path.empty())
      return std::nullopt;
   if (path == "-")
      return failed(problem::usage, "--trace needs a file: standard output is for results");
   return results::output_file::open(path).map(
       [](results::output_file &&opened) { return std::optional(std::move(opened)); });
}

result<void> tell_of_times(const profiling_options &options, std::optional<results::output_file> &trace,
                           double earlier_cpu_ms) {
   if (options.table)
      print_tables(*options.into, earlier_cpu_ms);
   if (!trace)
      return {};
   if (const std::size_t left_out = options.into->spans_dropped(); left_out > 0)
      tell(fmt::format("giflab: {}: the trace is full; {} spans are left out\n",
                       config::printable(options.trace), left_out));
   return write_trace(*options.into, *trace);
}

} // namespace

void add_profiling_options(CLI::App &command, profiling_options &options) {
   command.add_flag("--profile", options.table,
                    "Tell on standard error where the time went (implies --in-process)");
   command
       .add_option("--trace", options.trace,
                   "Write what each thread did as Chrome trace events to this file (implies --in-process)")
       ->type_name("FILE");
}

result<int> profiled(profiling_options &options, const std::function<result<int>()> &command) {
   if (!options.table && options.trace.empty())
      return command();
   const double earlier_cpu_ms = processor_milliseconds();
   auto trace = open_trace(options.trace);
   if (!trace)
      return tl::unexpected(trace.error());
   options.into = std::make_shared<services::profile>(!options.trace.empty());
   result<int> outcome = command();
   if (!outcome &&
       outcome.error().kind == problem::usage) // nothing was done, and the trace may be what was refused
      return outcome;
   const result<void> told = tell_of_times(options, *trace, earlier_cpu_ms);
   return told || !outcome ? outcome : tl::unexpected(told.error());
}

} // namespace giflab::cli
