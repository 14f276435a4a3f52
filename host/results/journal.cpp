#include "results/journal.hpp"

#include "config/printable.hpp"
#include "results/transaction.hpp"
#include "results/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace giflab::results {

namespace {

constexpr int64_t journal_schema = 2;

// What the journal and its export have in common.
const std::string tables = R"(
CREATE TABLE {0}facts(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE {0}sources(source INTEGER PRIMARY KEY, path TEXT NOT NULL, content TEXT NOT NULL,
   bytes INTEGER NOT NULL);
CREATE TABLE {0}pipelines(pipeline INTEGER PRIMARY KEY, frame TEXT NOT NULL, colour TEXT NOT NULL,
   lossy TEXT NOT NULL);
CREATE TABLE {0}cells(source INTEGER NOT NULL, pipeline INTEGER NOT NULL, status TEXT NOT NULL,
   reason TEXT NOT NULL, file TEXT NOT NULL, bytes INTEGER NOT NULL, width INTEGER NOT NULL,
   height INTEGER NOT NULL, frames INTEGER NOT NULL, duration_us INTEGER NOT NULL, pairs INTEGER NOT NULL,
   dropped INTEGER NOT NULL, duplicated INTEGER NOT NULL, reordered INTEGER NOT NULL,
   max_drift_us INTEGER NOT NULL, PRIMARY KEY(source, pipeline)) WITHOUT ROWID;
CREATE TABLE {0}rules(text TEXT NOT NULL);
CREATE TABLE {0}examinations(source INTEGER PRIMARY KEY, width INTEGER NOT NULL, height INTEGER NOT NULL,
   frames INTEGER NOT NULL, duration_us INTEGER NOT NULL, reason TEXT NOT NULL);
CREATE TABLE {0}features(source INTEGER NOT NULL, feature INTEGER NOT NULL,
   id TEXT NOT NULL, value REAL, status TEXT NOT NULL, reason TEXT NOT NULL, mean REAL, std REAL, min REAL,
   p05 REAL, p95 REAL, max REAL, first REAL, middle REAL, last REAL, positional_variance REAL,
   frames INTEGER NOT NULL, direction TEXT NOT NULL, unit TEXT NOT NULL, pooling TEXT NOT NULL,
   plugin TEXT NOT NULL, version TEXT NOT NULL, device TEXT NOT NULL,
   PRIMARY KEY(source, feature)) WITHOUT ROWID;
CREATE TABLE {0}metric_values(source INTEGER NOT NULL, pipeline INTEGER NOT NULL, metric INTEGER NOT NULL,
   id TEXT NOT NULL, value REAL, status TEXT NOT NULL, reason TEXT NOT NULL, mean REAL, std REAL, min REAL,
   p05 REAL, p95 REAL, max REAL, first REAL, middle REAL, last REAL, positional_variance REAL,
   frames INTEGER NOT NULL, direction TEXT NOT NULL, unit TEXT NOT NULL, pooling TEXT NOT NULL,
   plugin TEXT NOT NULL, version TEXT NOT NULL, device TEXT NOT NULL,
   PRIMARY KEY(source, pipeline, metric)) WITHOUT ROWID;
)";

std::string tables_in(std::string_view schema) {
   std::string made;
   for (std::size_t at = 0;;) {
      const std::size_t mark = tables.find("{0}", at);
      made += tables.substr(at, mark - at);
      if (mark == std::string::npos)
         return made;
      made += schema;
      at = mark + 3;
   }
}

template <class Word> Word word_back(const std::string &text, std::initializer_list<Word> all) {
   return *std::find_if(all.begin(), std::prev(all.end()), [&](Word one) { return word_for(one) == text; });
}

status status_back(const std::string &text) {
   using enum status;
   return word_back(text, {present, undefined, skipped, unavailable, failed});
}

direction direction_back(const std::string &text) {
   using enum direction;
   return word_back(text, {higher, lower, neither});
}

result<int64_t> version_of(database &in) {
   auto version = in.prepare("PRAGMA user_version");
   if (!version)
      return tl::unexpected(version.error());
   return version->step().map([&](bool) { return version->integer(0); });
}

// Of which something failed.
constexpr std::string_view failed_cells =
    "SELECT source, pipeline FROM cells WHERE status='failed' UNION SELECT source, "
    "pipeline FROM metric_values WHERE status='failed'";

// For writing: a commit is a write to the log that the next opening reads.
result<void> make_ready(database &in, bool fresh) {
   if (auto set = in.write_ahead().and_then([&] { return in.execute("PRAGMA synchronous=NORMAL"); });
       !set || !fresh)
      return set;
   const std::string own = fmt::format("CREATE TABLE timings(source INTEGER NOT NULL, pipeline INTEGER NOT "
                                       "NULL, seconds REAL NOT NULL, PRIMARY KEY(source, pipeline)) WITHOUT "
                                       "ROWID; PRAGMA user_version={};",
                                       journal_schema);
   transaction all(in);
   return all.begin().and_then([&] { return in.execute(tables_in("") + own); }).and_then([&] {
      return all.commit();
   });
}

template <class Visit> result<void> each_row(statement &rows, const Visit &visit) {
   for (;;) {
      auto row = rows.step();
      if (!row)
         return tl::unexpected(row.error());
      if (!*row)
         return {};
      visit(rows);
   }
}

template <class Visit> result<void> each_row(result<statement> rows, const Visit &visit) {
   return rows ? each_row(*rows, visit) : tl::unexpected(rows.error());
}

experiment_cell cell_of(const statement &row, const std::vector<experiment_source> &sources) {
   experiment_cell cell;
   cell.source = row.integer(0);
   cell.pipeline = row.integer(1);
   cell.status = status_back(row.text(2));
   cell.reason = row.text(3);
   cell.file = row.text(4);
   const experiment_source &source = sources.at(static_cast<std::size_t>(cell.source - 1));
   cell.found.reference.path = source.path;
   cell.found.reference.bytes = source.bytes;
   file_summary &file = cell.found.distorted;
   file.path = cell.file;
   file.bytes = row.integer(5);
   file.width = static_cast<int32_t>(row.integer(6));
   file.height = static_cast<int32_t>(row.integer(7));
   file.frames = row.integer(8);
   file.duration_us = row.integer(9);
   alignment_summary &alignment = cell.found.alignment;
   int column = 10;
   for (int64_t *one : {&alignment.pairs, &alignment.dropped, &alignment.duplicated, &alignment.reordered,
                        &alignment.max_drift_us})
      *one = row.integer(column++);
   if (cell.status != status::present)
      cell.found.failure = cell.reason;
   return cell;
}

metric_value value_of(const statement &row) {
   metric_value value;
   value.id = row.text(0);
   value.value = row.number(1);
   value.status = status_back(row.text(2));
   value.reason = row.text(3);
   statistics all;
   int column = 4;
   for (double *one : {&all.mean, &all.std, &all.min, &all.p05, &all.p95, &all.max, &all.first, &all.middle,
                       &all.last, &all.positional_variance})
      *one = row.number(column++);
   value.frames = row.integer(14);
   value.direction = direction_back(row.text(15));
   value.unit = row.text(16);
   value.pooling = row.text(17);
   value.plugin = row.text(18);
   value.version = row.text(19);
   value.device = row.text(20);
   if (value.frames > 0) // values of whole clips have none
      value.statistics = all;
   return value;
}

// The parameters of a value, from `first` on.
statement &bound(statement &row, int first, const metric_value &value) {
   row.bind(first, value.id);
   row.bind(first + 1, value.status == status::present ? value.value : statistics::none);
   row.bind(first + 2, word_for(value.status)).bind(first + 3, value.reason);
   const statistics all = value.statistics.value_or(statistics());
   int column = first + 4;
   for (const double one : {all.mean, all.std, all.min, all.p05, all.p95, all.max, all.first, all.middle,
                            all.last, all.positional_variance})
      row.bind(column++, one);
   row.bind(column, value.frames).bind(column + 1, word_for(value.direction)).bind(column + 2, value.unit);
   row.bind(column + 3, value.pooling).bind(column + 4, value.plugin).bind(column + 5, value.version);
   return row.bind(column + 6, value.device);
}

} // namespace

std::string experiment_pipeline::text() const {
   std::string all;
   for (const std::string &step : steps)
      if (step != "none")
         all += (all.empty() ? "" : " + ") + step;
   return all.empty() ? "none" : all;
}

result<journal> journal::open(const std::string &path, database::access wanted) {
   std::error_code absent;
   if (wanted == database::access::read && !std::filesystem::exists(path, absent))
      return failed(problem::input,
                    fmt::format("{} is not there: name the folder of a run over pipelines, such as "
                                "runs/latest",
                                config::in_quotes(path)));
   auto opened = database::open(path, wanted);
   if (!opened)
      return tl::unexpected(opened.error());
   journal made(std::move(*opened));
   auto number = version_of(made.database_);
   if (!number)
      return tl::unexpected(number.error());
   if (*number == 0 && wanted == database::access::read)
      return failed(problem::input, fmt::format("{} is no journal of a run", config::in_quotes(path)));
   if (*number != 0 && *number != journal_schema)
      return failed(problem::input, fmt::format("{} is a journal of another giflab (schema {}; this one knows "
                                                "{}): choose another folder with --output",
                                                config::in_quotes(path), *number, journal_schema));
   if (wanted == database::access::write)
      if (auto ready = make_ready(made.database_, *number == 0); !ready)
         return tl::unexpected(ready.error());
   return made;
}

result<run_facts> journal::facts() {
   run_facts found;
   auto read = each_row(database_.prepare("SELECT name, value FROM facts ORDER BY name"),
                        [&](const statement &row) { found.emplace_back(row.text(0), row.text(1)); });
   return read.map([&] { return std::move(found); });
}

result<void> journal::begin(const run_facts &facts, const std::vector<experiment_source> &sources,
                            const std::vector<experiment_pipeline> &pipelines) {
   auto fact = database_.prepare("INSERT INTO facts VALUES(?, ?)");
   auto source = database_.prepare("INSERT INTO sources VALUES(?, ?, ?, ?)");
   auto pipeline = database_.prepare("INSERT INTO pipelines VALUES(?, ?, ?, ?)");
   for (const auto *made : {&fact, &source, &pipeline})
      if (!*made)
         return tl::unexpected(made->error());
   transaction all(database_);
   result<void> done = all.begin();
   for (std::size_t i = 0; done && i < facts.size(); ++i)
      done = fact->bind(1, facts[i].first).bind(2, facts[i].second).run();
   int64_t number = 0;
   for (std::size_t i = 0; done && i < sources.size(); ++i) {
      source->bind(1, ++number).bind(2, sources[i].path).bind(3, sources[i].content);
      done = source->bind(4, sources[i].bytes).run();
   }
   number = 0;
   for (std::size_t i = 0; done && i < pipelines.size(); ++i) {
      const auto &steps = pipelines[i].steps;
      done = pipeline->bind(1, ++number).bind(2, steps[0]).bind(3, steps[1]).bind(4, steps[2]).run();
   }
   return done ? all.commit() : done;
}

result<std::vector<experiment_source>> journal::sources() {
   std::vector<experiment_source> found;
   auto read = each_row(database_.prepare("SELECT path, content, bytes FROM sources ORDER BY source"),
                        [&](const statement &row) {
                           found.push_back({row.text(0), row.text(1), row.integer(2)});
                        });
   return read.map([&] { return std::move(found); });
}

result<std::vector<experiment_pipeline>> journal::pipelines() {
   std::vector<experiment_pipeline> found;
   auto read = each_row(database_.prepare("SELECT frame, colour, lossy FROM pipelines ORDER BY pipeline"),
                        [&](const statement &row) {
                           found.push_back({{row.text(0), row.text(1), row.text(2)}});
                        });
   return read.map([&] { return std::move(found); });
}

result<std::set<std::pair<int64_t, int64_t>>> journal::done() {
   std::set<std::pair<int64_t, int64_t>> found;
   auto read =
       each_row(database_.prepare(fmt::format(
                    "SELECT source, pipeline FROM cells WHERE (source, pipeline) NOT IN ({})", failed_cells)),
                [&](const statement &row) { found.emplace(row.integer(0), row.integer(1)); });
   return read.map([&] { return std::move(found); });
}

result<void> journal::forget_failures() {
   const std::string statements = fmt::format(
       "DELETE FROM cells WHERE (source, pipeline) IN ({});"
       "DELETE FROM metric_values WHERE (source, pipeline) NOT IN (SELECT source, pipeline FROM cells);"
       "DELETE FROM timings WHERE (source, pipeline) NOT IN (SELECT source, pipeline FROM cells);"
       "DELETE FROM examinations WHERE reason<>'' OR source IN (SELECT source FROM features WHERE "
       "status='failed');"
       "DELETE FROM features WHERE source NOT IN (SELECT source FROM examinations);",
       failed_cells);
   transaction all(database_);
   return all.begin().and_then([&] { return database_.execute(statements); }).and_then([&] {
      return all.commit();
   });
}

result<std::map<std::pair<int64_t, int64_t>, double>> journal::timings() {
   std::map<std::pair<int64_t, int64_t>, double> all;
   auto read = each_row(database_.prepare("SELECT timings.source, timings.pipeline, seconds FROM timings JOIN "
                                          "cells USING(source, pipeline) WHERE status <> 'unavailable'"),
                        [&](const statement &row) {
                           all[{row.integer(0), row.integer(1)}] = row.number(2);
                        });
   return read.map([&] { return std::move(all); });
}

result<void> journal::add(const experiment_cell &cell) {
   transaction all(database_);
   return all.begin().and_then([&] { return add_rows(cell); }).and_then([&] { return all.commit(); });
}

result<void> journal::add_rows(const experiment_cell &cell) {
   auto row = database_.prepare("INSERT INTO cells VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
   auto timing = database_.prepare("INSERT INTO timings VALUES(?, ?, ?)");
   for (const auto *made : {&row, &timing})
      if (!*made)
         return tl::unexpected(made->error());
   const file_summary &file = cell.found.distorted;
   const alignment_summary &alignment = cell.found.alignment;
   row->bind(1, cell.source).bind(2, cell.pipeline).bind(3, word_for(cell.status)).bind(4, cell.reason);
   row->bind(5, cell.file).bind(6, file.bytes).bind(7, int64_t{file.width}).bind(8, int64_t{file.height});
   row->bind(9, file.frames).bind(10, file.duration_us).bind(11, alignment.pairs).bind(12, alignment.dropped);
   row->bind(13, alignment.duplicated).bind(14, alignment.reordered).bind(15, alignment.max_drift_us);
   if (auto run = row->run(); !run)
      return run;
   int64_t metric = 0;
   for (const metric_value &value : cell.found.metrics)
      if (auto added = add_value(cell, ++metric, value); !added)
         return added;
   return timing->bind(1, cell.source).bind(2, cell.pipeline).bind(3, cell.seconds).run();
}

result<void> journal::add_value(const experiment_cell &cell, int64_t metric, const metric_value &value) {
   auto row = database_.prepare("INSERT INTO metric_values VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                                "?, ?, ?, ?, ?, ?, ?, ?, ?)");
   if (!row)
      return tl::unexpected(row.error());
   row->bind(1, cell.source).bind(2, cell.pipeline).bind(3, metric);
   return bound(*row, 4, value).run();
}

result<void> journal::note_rules(const std::string &text) {
   auto row = database_.prepare("INSERT INTO rules VALUES(?)");
   if (!row)
      return tl::unexpected(row.error());
   transaction all(database_);
   return all.begin()
       .and_then([&] { return database_.execute("DELETE FROM rules"); })
       .and_then([&] { return row->bind(1, text).run(); })
       .and_then([&] { return all.commit(); });
}

result<std::string> journal::rules() {
   std::string text;
   auto read =
       each_row(database_.prepare("SELECT text FROM rules"), [&](const statement &row) { text = row.text(0); });
   return read.map([&] { return std::move(text); });
}

result<void> journal::add_features(int64_t source, const comparison &found) {
   auto examination = database_.prepare("INSERT INTO examinations VALUES(?, ?, ?, ?, ?, ?)");
   auto row =
       database_.prepare("INSERT INTO features VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                         "?, ?, ?, ?, ?, ?)");
   for (const auto *made : {&examination, &row})
      if (!*made)
         return tl::unexpected(made->error());
   transaction all(database_);
   result<void> done = all.begin();
   const file_summary &file = found.reference;
   examination->bind(1, source).bind(2, int64_t{file.width}).bind(3, int64_t{file.height});
   examination->bind(4, file.frames).bind(5, file.duration_us).bind(6, found.failure);
   if (done)
      done = examination->run();
   for (std::size_t i = 0; done && i < found.metrics.size(); ++i) {
      row->bind(1, source).bind(2, static_cast<int64_t>(i) + 1);
      done = bound(*row, 3, found.metrics[i]).run();
   }
   return done ? all.commit() : done;
}

result<std::map<int64_t, comparison>> journal::features() {
   std::map<int64_t, comparison> all;
   auto read = each_row(database_.prepare("SELECT source, width, height, frames, duration_us, reason FROM "
                                          "examinations ORDER BY source"),
                        [&](const statement &row) {
                           comparison &one = all[row.integer(0)];
                           one.reference.width = static_cast<int32_t>(row.integer(1));
                           one.reference.height = static_cast<int32_t>(row.integer(2));
                           one.reference.frames = row.integer(3);
                           one.reference.duration_us = row.integer(4);
                           one.failure = row.text(5);
                           one.distorted = one.reference;
                        })
                   .and_then([&] {
                      return each_row(
                          database_.prepare("SELECT id, value, status, reason, mean, std, min, p05, p95, max, "
                                            "first, middle, last, positional_variance, frames, direction, "
                                            "unit, pooling, plugin, version, device, source FROM features "
                                            "ORDER BY source, feature"),
                          [&](const statement &row) { all[row.integer(21)].metrics.push_back(value_of(row)); });
                   });
   return read.map([&] { return std::move(all); });
}

result<void> journal::visit(const visitor &visit) {
   auto about = sources();
   if (!about)
      return tl::unexpected(about.error());
   auto values = database_.prepare("SELECT id, value, status, reason, mean, std, min, p05, p95, max, first, "
                                   "middle, last, positional_variance, frames, direction, unit, pooling, "
                                   "plugin, version, device FROM metric_values WHERE source=? AND pipeline=? "
                                   "ORDER BY metric");
   if (!values)
      return tl::unexpected(values.error());
   result<void> visited;
   auto read = each_row(
       database_.prepare("SELECT source, pipeline, status, reason, file, bytes, width, height, frames, "
                         "duration_us, pairs, dropped, duplicated, reordered, max_drift_us FROM cells "
                         "ORDER BY source, pipeline"),
       [&](const statement &row) {
          if (!visited)
             return;
          experiment_cell cell = cell_of(row, *about);
          values->bind(1, cell.source).bind(2, cell.pipeline);
          visited = each_row(*values, [&](const statement &one) {
                       cell.found.metrics.push_back(value_of(one));
                    }).and_then([&] { return visit(cell); });
       });
   return read ? visited : read;
}

result<void> journal::copy_to(const std::string &path, const std::string &more) {
   auto attach = database_.prepare("ATTACH ? AS export");
   if (!attach)
      return tl::unexpected(attach.error());
   if (auto attached = attach->bind(1, path).run(); !attached)
      return attached;
   std::string copies;
   for (const auto &[table, order] :
        {std::pair("facts", "name"), std::pair("sources", "source"), std::pair("pipelines", "pipeline"),
         std::pair("rules", "text"), std::pair("examinations", "source"),
         std::pair("features", "source, feature"), std::pair("cells", "source, pipeline"),
         std::pair("metric_values", "source, pipeline, metric")})
      copies += fmt::format("INSERT INTO export.{0} SELECT * FROM main.{0} ORDER BY {1};", table, order);
   auto copied = database_.execute(
       fmt::format("PRAGMA export.journal_mode=OFF; PRAGMA export.synchronous=OFF; BEGIN; PRAGMA "
                   "export.user_version={}; {} {} {} COMMIT;",
                   journal_schema, tables_in("export."), copies, more));
   if (!copied)
      (void)database_.execute("ROLLBACK"); // what went wrong is told of below
   auto detached = database_.execute("DETACH export");
   return copied ? detached : copied;
}

} // namespace giflab::results
