#include "config/printable.hpp"
#include "results/grid.hpp"
#include "results/sink_kinds.hpp"
#include "results/words.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>
#include <vector>

namespace giflab::results {

namespace {

using config::printable;

constexpr std::string_view nothing = "-"; // a cell without a value

// As readable; counts, which are values of whole clips, without decimals. "~" stands before what was sampled.
std::string readable_value(const metric_value &metric) {
   const bool count =
       metric.pooling.empty() && metric.value == std::trunc(metric.value) && std::abs(metric.value) < 1e9;
   const std::string digits = count ? fmt::format("{:.0f}", metric.value) : readable(metric.value);
   return metric.sample ? "~" + digits : digits;
}

// With thousands apart; never below 0.
std::string readable_count(int64_t count) {
   std::string digits = std::to_string(count);
   for (std::size_t i = digits.size(); i > 3; i -= 3)
      digits.insert(i - 3, ",");
   return digits;
}

std::string readable_seconds(int64_t microseconds) {
   return fmt::format("{:.2f} s", static_cast<double>(microseconds) / 1e6);
}

std::string plural(int64_t count, std::string_view noun) {
   return fmt::format("{} {}{}", readable_count(count), noun, count == 1 ? "" : "s");
}

std::string size_ratio(const comparison &comparison) {
   if (comparison.reference.bytes <= 0 || comparison.distorted.bytes <= 0)
      return std::string(nothing);
   return fmt::format("{:.1f} %", 100.0 * static_cast<double>(comparison.distorted.bytes) /
                                      static_cast<double>(comparison.reference.bytes));
}

void add_file(grid &head, std::string_view side, const file_summary &file) {
   if (file.format.empty()) // it could not be read
      return head.add({std::string(side), printable(file.path)});
   head.add({std::string(side), printable(file.path), printable(file.format),
             fmt::format("{} x {}", file.width, file.height), plural(file.frames, "frame"),
             readable_seconds(file.duration_us), plural(file.bytes, "byte")});
}

std::string alignment_line(const alignment_summary &alignment) {
   std::string line = fmt::format("by {}: {} over {}", printable(alignment.mode),
                                  plural(alignment.pairs, "pair"), readable_seconds(alignment.duration_us));
   line += fmt::format("; {} dropped, {} duplicated, {} reordered", readable_count(alignment.dropped),
                       readable_count(alignment.duplicated), readable_count(alignment.reordered));
   if (alignment.max_drift_us != 0)
      line += fmt::format(", up to {} ms off", exact_milliseconds(alignment.max_drift_us));
   return line;
}

// Facts about the files and how they were laid beside each other.
std::string head_of(const comparison &from) {
   using enum grid::side;
   grid files({left, left, left, right, right, right, right});
   add_file(files, "reference", from.reference);
   add_file(files, "distorted", from.distorted);
   std::string facts;
   const auto add = [&](std::string_view name, std::string_view fact) {
      facts += fmt::format("{:<9}  {}\n", name, fact); // as wide as "reference" above
   };
   if (from.failure.empty()) {
      add("size", size_ratio(from) + " of the reference");
      add("aligned", alignment_line(from.alignment));
      add("settings", fmt::format("optimization level {}, background {}", from.optimization_level,
                                  printable(from.background)));
   }
   for (const std::string &note : from.alignment.notes)
      add("note", printable(note));
   for (const file_summary *file : {&from.reference, &from.distorted})
      for (const std::string &warning : file->warnings)
         add("warning", printable(file->path) + ": " + printable(warning));
   if (!from.failure.empty())
      add("failed", printable(from.failure));
   return files.text() + facts;
}

std::string values_of(const comparison &from) {
   using enum grid::side;
   grid table({left, right, left, right, right, right, right, right, right, right, left});
   table.add({"metric", "value", "unit", "mean", "std", "min", "p05", "p95", "max", "frames", "better"});
   for (const metric_value &metric : from.metrics) {
      if (metric.status != status::present)
         continue;
      const statistics all = metric.statistics.value_or(statistics());
      const bool directed = metric.direction != direction::neither;
      table.add({printable(metric.id), readable_value(metric), metric.unit == "1" ? "" : printable(metric.unit),
                 readable(all.mean), readable(all.std), readable(all.min), readable(all.p05), readable(all.p95),
                 readable(all.max), metric.statistics ? readable_count(metric.frames) : std::string(nothing),
                 std::string(directed ? word_for(metric.direction) : nothing)});
   }
   return table.text();
}

std::string absent_of(const comparison &from) {
   using enum grid::side;
   grid absent({left, left, left});
   for (const metric_value &metric : from.metrics)
      if (metric.status != status::present)
         absent.add({printable(metric.id), std::string(word_for(metric.status)), printable(metric.reason)});
   return absent.empty() ? "" : "\nwithout a value\n" + absent.text();
}

// What a value that is there leaves out.
std::string remarks_of(const comparison &from) {
   std::string remarks;
   for (const metric_value &metric : from.metrics)
      if (metric.status == status::present && !metric.reason.empty())
         remarks += fmt::format("{}: {}\n", printable(metric.id), printable(metric.reason));
   return remarks.empty() ? remarks : "\n" + remarks;
}

class table_sink : public sink {
 public:
   explicit table_sink(output_file file) : file_(std::move(file)) {}

   result<void> write(const comparison &comparison) override {
      const bool any = std::ranges::any_of(
          comparison.metrics, [](const metric_value &metric) { return metric.status == status::present; });
      return file_.write(head_of(comparison) + (any ? "\n" + values_of(comparison) : "") +
                         remarks_of(comparison) + absent_of(comparison));
   }

   result<void> finish() override { return file_.commit(); }

 private:
   output_file file_;
};

// A line a comparison. Columns are known only after the last, so the lines wait until then.
class run_table_sink : public sink {
 public:
   explicit run_table_sink(output_file file) : file_(std::move(file)) {}

   result<void> write(const comparison &comparison) override;
   result<void> finish() override;

 private:
   struct line {
      std::vector<std::string> files;
      std::vector<std::string> values; // in the order of columns_, as far as that was known
   };
   // Absences for one reason, told once: a missing model concerns every comparison of a run alike.
   struct absence {
      std::string what, status, reason;
      int64_t times = 0;
   };

   std::size_t column_of(const std::string &metric);
   void note_absence(const std::string &what, std::string_view status, const std::string &reason);
   std::string lines() const;
   std::string absences() const;

   output_file file_;
   std::vector<std::string> columns_;
   std::vector<line> lines_;
   std::vector<absence> absences_;
};

std::size_t run_table_sink::column_of(const std::string &metric) {
   const auto found = std::ranges::find(columns_, metric);
   const auto index = static_cast<std::size_t>(found - columns_.begin());
   if (found == columns_.end())
      columns_.push_back(metric);
   return index;
}

void run_table_sink::note_absence(const std::string &what, std::string_view status, const std::string &reason) {
   for (absence &known : absences_)
      if (known.what == what && known.status == status && known.reason == reason) {
         ++known.times;
         return;
      }
   absences_.push_back({what, std::string(status), reason, 1});
}

result<void> run_table_sink::write(const comparison &comparison) {
   line row{
       {printable(comparison.reference.path), printable(comparison.distorted.path), size_ratio(comparison)},
       {}};
   for (const metric_value &metric : comparison.metrics) {
      const std::size_t column = column_of(metric.id);
      row.values.resize(std::max(row.values.size(), column + 1), std::string(nothing));
      if (metric.status == status::present)
         row.values[column] = readable_value(metric);
      else if (comparison.failure.empty())
         note_absence(metric.id, word_for(metric.status), metric.reason);
   }
   if (!comparison.failure.empty())
      note_absence(comparison.distorted.path, "failed", comparison.failure);
   lines_.push_back(std::move(row));
   return {};
}

std::string run_table_sink::lines() const {
   using enum grid::side;
   std::vector<grid::side> sides(3 + columns_.size(), right);
   sides[0] = sides[1] = left;
   grid table(std::move(sides));
   std::vector<std::string> heading{"reference", "distorted", "size"};
   for (const std::string &column : columns_)
      heading.push_back(printable(column));
   table.add(std::move(heading));
   for (const line &each : lines_) {
      std::vector<std::string> row = each.files;
      row.insert(row.end(), each.values.begin(), each.values.end());
      row.resize(3 + columns_.size(), std::string(nothing));
      table.add(std::move(row));
   }
   return table.text();
}

std::string run_table_sink::absences() const {
   using enum grid::side;
   grid table({left, left, right, left});
   for (const absence &each : absences_)
      table.add({printable(each.what), each.status, plural(each.times, "time"), printable(each.reason)});
   return table.empty() ? "" : "\nwithout a value\n" + table.text();
}

result<void> run_table_sink::finish() {
   if (result<void> done = file_.write(lines() + absences()); !done)
      return done;
   return file_.commit();
}

} // namespace

std::unique_ptr<sink> make_table_sink(output_file file, bool many) {
   if (many)
      return std::make_unique<run_table_sink>(std::move(file));
   return std::make_unique<table_sink>(std::move(file));
}

} // namespace giflab::results
