#include "config/run_file.hpp"

#include "config/nearest_name.hpp"
#include "config/printable.hpp"
#include "config/text_file.hpp"
#include "config/tidy_path.hpp"
#include "config/toml_reader.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>

namespace giflab::config {

namespace {

class run_file_parser : toml_reader {
 public:
   explicit run_file_parser(const std::string &path) : toml_reader(path) {
      read_.path = path;
      read_.folder = std::filesystem::path(path).parent_path().string();
      if (read_.folder.empty())
         read_.folder = ".";
   }

   result<run_file> read(std::string_view text);

 private:
   void read_document(const toml::table &document);
   void read_settings(const toml::table &run);
   void read_input(const toml::table &input);
   void read_metrics(const toml::table &metrics);
   void read_parameters(const toml::table &parameters);
   void read_output(const toml::table &output);
   static bool same_place(const std::string &a, const std::string &b);
   void read_gates(const toml::table &gates);
   std::vector<run_gate> placed_texts(const toml::table &table, std::string_view key);
   void read_search(const toml::table &search);
   void check_search(const toml::table &document);
   void read_source(const toml::table &source);
   void read_pipelines(const toml::table &pipelines);
   void read_chosen(const toml::table &pipelines);
   void read_design(const toml::table &pipelines);
   run_step read_step(const toml::node &step);
   std::vector<std::string> read_levels(const toml::node &levels);
   std::vector<std::string> read_range(const toml::table &range);
   std::optional<int64_t> whole_at(const toml::table &table, std::string_view key, int64_t lowest);
   void read_progressive(const toml::table &progressive);
   void read_precisions(const toml::table &precisions);
   void read_tier(const toml::table &tier);
   unasked_metrics read_unasked(const toml::table &table);
   double number_within(const toml::table &table, std::string_view key, double lowest, double highest,
                        double initial);
   void check_parts(const toml::table &document);

   std::optional<std::string> scalar_text(const toml::node &node) const;
   std::string setting_text(const setting_definition &definition, const toml::node &node);
   std::string from_here(const std::string &path) const;

   run_file read_;
};

std::optional<std::string> run_file_parser::scalar_text(const toml::node &node) const {
   if (const auto *number = node.as_integer())
      return std::to_string(number->get());
   if (const auto *number = node.as_floating_point())
      return fmt::format("{}", number->get());
   if (const auto *flag = node.as_boolean())
      return flag->get() ? "true" : "false";
   if (const auto *text = node.as_string(); text != nullptr && text->get().find('\0') == std::string::npos)
      return text->get();
   return std::nullopt;
}

// A path of this file, relative to its folder, as one that can be used from the current folder.
std::string run_file_parser::from_here(const std::string &path) const {
   return tidy_path(std::filesystem::path(read_.folder) / path);
}

std::string run_file_parser::setting_text(const setting_definition &definition, const toml::node &node) {
   using enum setting_kind;
   const bool integral = node.is_integer() && (definition.kind == integer || definition.kind == bytes);
   const bool flag = node.is_boolean() && definition.kind == boolean;
   const bool text = node.is_string() && definition.kind != integer && definition.kind != boolean;
   const bool list = definition.kind == paths || definition.kind == programs;
   if (list && node.is_array()) {
      std::vector<std::string> parts;
      for (const toml::node &element : *node.as_array()) {
         const std::string part = text_of(element);
         parts.push_back(definition.kind == paths ? from_here(part) : part);
         if (parts.back().find(':') != std::string::npos)
            complain(element.source(),
                     fmt::format("a {} of {} cannot have ':' in its name",
                                 definition.kind == paths ? "folder" : "program", definition.name));
      }
      return fmt::format("{}", fmt::join(parts, ":"));
   }
   if (list)
      complain(node.source(), fmt::format("{0} must be a list of texts: {0} = [\"...\"]", definition.name));
   else if (!integral && !flag && !text)
      complain(node.source(), fmt::format("{} must be {}, not {}", definition.name, accepted_values(definition),
                                          word_for(node.type())));
   const std::string plain = scalar_text(node).value_or("");
   return definition.kind == folder && !plain.empty() ? from_here(plain) : plain;
}

void run_file_parser::read_settings(const toml::table &run) {
   config::settings trial;
   for (const auto &[key, node] : run) {
      const auto &definitions = setting_definitions();
      const auto found = std::ranges::find(definitions, key.str(), &setting_definition::name);
      const std::string text = found == definitions.end() ? "" : setting_text(*found, node);
      const toml::source_region &source = found == definitions.end() ? key.source() : node.source();
      assignment read{std::string(key.str()), text, "file " + where(source)};
      if (result<void> done = trial.set(read.name, read.text, where(source)); !done)
         complain(done.error());
      read_.settings.push_back(std::move(read));
   }
}

void run_file_parser::read_input(const toml::table &input) {
   check_keys(input, "[[inputs]]", {"reference", "distorted", "candidates"});
   run_input read;
   read.reference = text_at(input, "reference");
   read.distorted = text_at(input, "distorted");
   for (const toml::node *candidate : nodes_at(input, "candidates"))
      read.candidates.push_back(text_of(*candidate));
   read.where = where(input.source());
   if (!input.contains("reference"))
      complain(input.source(), "[[inputs]] needs a reference");
   if (input.contains("distorted") == input.contains("candidates"))
      complain(input.source(), "[[inputs]] needs either distorted or candidates");
   else if (input.contains("candidates") && read.candidates.empty())
      complain(input.source(), "candidates must name at least one file, folder or pattern");
   read_.inputs.push_back(std::move(read));
}

void run_file_parser::read_parameters(const toml::table &parameters) {
   for (const auto &[plugin, values] : parameters) {
      if (!values.is_table()) {
         complain(values.source(), fmt::format("parameters belong in a table of their plugin, written "
                                               "[metrics.parameters.\"PLUGIN\"], not {}",
                                               word_for(values.type())));
         continue;
      }
      for (const auto &[name, value] : *values.as_table()) {
         const std::optional<std::string> text = scalar_text(value);
         if (!text)
            complain(value.source(),
                     fmt::format("a parameter must be true, false, a number or a text, not {} (a "
                                 "plugin's id goes in quotes: [metrics.parameters.\"{}\"])",
                                 word_for(value.type()), printable(plugin.str())));
         read_.parameters.push_back(
             {std::string(plugin.str()), std::string(name.str()), text.value_or(""), where(value.source())});
      }
   }
}

void run_file_parser::read_metrics(const toml::table &metrics) {
   check_keys(metrics, "[metrics]", {"select", "formulas", "parameters"});
   for (const toml::node *name : nodes_at(metrics, "select"))
      read_.metrics.push_back(text_of(*name));
   for (const toml::node *file : nodes_at(metrics, "formulas"))
      read_.formula_files.push_back(from_here(text_of(*file)));
   if (metrics.contains("select") && read_.metrics.empty())
      complain(metrics.source(), "select must name at least one metric, plugin or set");
   if (const toml::table *parameters = table_at(metrics, "parameters"))
      read_parameters(*parameters);
}

void run_file_parser::read_output(const toml::table &output) {
   check_keys(output, "[[outputs]]", {"format", "path", "per_frame"});
   run_output read;
   read.where = where(output.source());
   if (!output.contains("format"))
      complain(output.source(), "[[outputs]] needs a format: table, json, jsonl or csv");
   else if (const result<output_format> format = parse_output_format(text_at(output, "format")); format)
      read.format = *format;
   else
      complain(output.get("format")->source(), format.error().text);

   const std::string path = text_at(output, "path");
   read.path = path.empty() || path == "-" ? "-" : from_here(path);
   read.per_frame = flag_at(output, "per_frame");
   if (read.per_frame && !holds_frames(read.format))
      complain(output.get("per_frame")->source(),
               "a table cannot hold values per frame; use json, jsonl or csv");
   for (const run_output &other : read_.outputs)
      if (same_place(other.path, read.path))
         complain(output.source(), read.path == "-" ? "only one of the outputs can go to standard output"
                                                    : "another of the outputs has the same path");
   read_.outputs.push_back(std::move(read));
}

bool run_file_parser::same_place(const std::string &a, const std::string &b) {
   if (a == "-" || b == "-")
      return a == b;
   std::error_code none; // a path that cannot be followed is judged when it is opened
   return std::filesystem::weakly_canonical(a, none) == std::filesystem::weakly_canonical(b, none);
}

void run_file_parser::read_gates(const toml::table &gates) {
   check_keys(gates, "[gates]", {"fail_if"});
   read_.gates = placed_texts(gates, "fail_if");
}

std::vector<run_gate> run_file_parser::placed_texts(const toml::table &table, std::string_view key) {
   std::vector<run_gate> texts;
   for (const toml::node *one : nodes_at(table, key))
      texts.push_back({text_of(*one), where(one->source())});
   return texts;
}

void run_file_parser::read_search(const toml::table &search) {
   check_keys(search, "[search]", {"goal", "knob", "neighbours"});
   run_search &read = read_.search.emplace();
   read.goals = placed_texts(search, "goal");
   read.knobs = placed_texts(search, "knob");
   read.neighbours = whole_at(search, "neighbours", 0).value_or(read.neighbours);
   read.where = where(search.source());
   if (read.goals.empty())
      complain(search.source(), "[search] needs a goal: goal = [\"ssimulacra2.p05 >= 70\"]");
   if (read.knobs.empty())
      complain(search.source(), "[search] needs a knob: knob = [\"gifsicle.lossy\"]");
}

// What a search tries is for it to choose.
void run_file_parser::check_search(const toml::table &document) {
   const toml::source_region &here = document.get("search")->source();
   if (!read_.pipelines)
      complain(here, "[search] is for [pipelines], which this file has not");
   else if (read_.pipelines->design != pipeline_design::full || read_.pipelines->most)
      complain(here, "[search] goes with all pipelines of [pipelines]: leave design and most out");
   if (!read_.gates.empty())
      complain(here, "[search] and [gates] do not go together: what must hold is the goal");
}

void run_file_parser::read_source(const toml::table &source) {
   check_keys(source, "[[sources]]", {"path"});
   if (!source.contains("path"))
      complain(source.source(), "[[sources]] needs a path: a file, a folder or a pattern");
   read_.sources.push_back({text_at(source, "path"), where(source.source())});
}

std::optional<int64_t> run_file_parser::whole_at(const toml::table &table, std::string_view key,
                                                 int64_t lowest) {
   const toml::node *node = table.get(key);
   if (node == nullptr)
      return std::nullopt;
   const auto *number = node->as_integer();
   if (number != nullptr && number->get() >= lowest)
      return number->get();
   complain(node->source(), fmt::format("{} must be a whole number from {} on", key, lowest));
   return std::nullopt;
}

// From `from` to `to`, both included where the steps meet it.
std::vector<std::string> run_file_parser::read_range(const toml::table &range) {
   check_keys(range, "a range", {"from", "to", "step"});
   const double from = number_at(range, "from").value_or(0), to = number_at(range, "to").value_or(0);
   const double step = number_at(range, "step").value_or(0);
   constexpr double most = 1000;
   const double count = step != 0 ? std::floor((to - from) / step + 1e-9) + 1 : 0; // down too
   if (!range.contains("from") || !range.contains("to") || !(count >= 1 && count <= most)) {
      complain(range.source(),
               fmt::format("a range is {{ from = 10, to = 50, step = 10 }}, and has 1 to {} values", most));
      return {};
   }
   std::vector<std::string> values;
   for (int i = 0; i < static_cast<int>(count); ++i)
      values.push_back(fmt::format("{:.10g}", from + i * step)); // 0.3, and not 0.30000000000000004
   return values;
}

std::vector<std::string> run_file_parser::read_levels(const toml::node &levels) {
   std::vector<std::string> values;
   const auto add = [&](const toml::node &node) {
      const std::optional<std::string> text = scalar_text(node);
      if (!text || text->find(',') != std::string::npos)
         complain(node.source(), fmt::format("a parameter of a step must be true, false, a number or a text "
                                             "without a comma, a list of them, or a range, not {}",
                                             word_for(node.type())));
      values.push_back(text.value_or(""));
   };
   if (const toml::table *range = levels.as_table())
      return read_range(*range);
   if (const toml::array *list = levels.as_array()) {
      if (list->empty())
         complain(levels.source(), "a list of values must have at least one");
      for (const toml::node &one : *list)
         add(one);
   } else
      add(levels);
   return values;
}

run_step run_file_parser::read_step(const toml::node &step) {
   run_step read;
   read.where = where(step.source());
   const toml::table *table = step.as_table();
   if (table == nullptr) {
      read.name = text_of(step);
      return read;
   }
   if (!table->contains("step"))
      complain(step.source(), "a step is a name, or { step = \"NAME\", PARAMETER = VALUES, ... }");
   read.name = text_at(*table, "step");
   if (const toml::node *instead = table->get("instead"))
      read.instead.push_back(read_step(*instead));
   for (const auto &[key, values] : *table)
      if (key != "step" && key != "instead")
         read.parameters.push_back({std::string(key.str()), read_levels(values)});
   return read;
}

void run_file_parser::read_design(const toml::table &pipelines) {
   if (!pipelines.contains("design"))
      return;
   using enum pipeline_design;
   const std::string name = text_at(pipelines, "design");
   std::vector<std::string> known;
   for (const pipeline_design one : {full, stratified, fraction, quick, random}) {
      known.emplace_back(name_of(one));
      if (name == known.back()) {
         read_.pipelines->design = one;
         return;
      }
   }
   complain(pipelines.get("design")->source(),
            fmt::format("unknown design {}; {}", in_quotes(name), did_you_mean(name, known)));
}

void run_file_parser::read_chosen(const toml::table &pipelines) {
   for (const toml::node *one : nodes_at(pipelines, "chosen")) {
      const toml::table *steps = one->as_table();
      if (steps == nullptr) {
         complain(one->source(), "a chosen pipeline is written { frame = \"STEP\", lossy = \"STEP\" }");
         return;
      }
      check_keys(*steps, "a chosen pipeline", {slot_names[0], slot_names[1], slot_names[2]});
      run_pipeline &read = read_.pipelines->chosen.emplace_back();
      read.where = where(one->source());
      for (std::size_t slot = 0; slot < slot_names.size(); ++slot)
         read.steps[slot] = steps->contains(slot_names[slot]) ? text_at(*steps, slot_names[slot]) : "none";
   }
   if (!pipelines.contains("chosen"))
      return;
   if (read_.pipelines->chosen.empty())
      complain(pipelines.get("chosen")->source(), "chosen must hold at least one pipeline");
   for (const char *other : {"frame", "colour", "lossy", "design", "seed", "most"})
      if (const toml::node *node = pipelines.get(other))
         complain(node->source(), fmt::format("chosen says which pipelines are run: leave out {}", other));
}

void run_file_parser::read_pipelines(const toml::table &pipelines) {
   check_keys(pipelines, "[pipelines]",
              {"frame", "colour", "lossy", "chosen", "design", "seed", "most", "quality", "decisions"});
   run_pipelines &read = read_.pipelines.emplace();
   read_chosen(pipelines);
   for (std::size_t slot = 0; slot < slot_names.size(); ++slot)
      for (const toml::node *step : nodes_at(pipelines, slot_names[slot]))
         read.slots[slot].push_back(read_step(*step));
   read_design(pipelines);
   read.seed = whole_at(pipelines, "seed", 0).value_or(read.seed);
   read.most = whole_at(pipelines, "most", 1);
   read.quality = text_at(pipelines, "quality");
   if (const std::string decisions = text_at(pipelines, "decisions"); !decisions.empty())
      read.decisions = from_here(decisions);
}

double run_file_parser::number_within(const toml::table &table, std::string_view key, double lowest,
                                      double highest, double initial) {
   const double number = number_at(table, key).value_or(initial);
   if (table.contains(key) && !(number >= lowest && number <= highest))
      complain(table.get(key)->source(), fmt::format("{} must be from {} to {}", key, lowest, highest));
   return number;
}

unasked_metrics run_file_parser::read_unasked(const toml::table &table) {
   using enum unasked_metrics;
   if (!table.contains("unasked"))
      return automatic;
   const std::string name = text_at(table, "unasked");
   const std::vector<std::string> known = {"auto", "skip", "sample", "measure"}; // as the enumeration
   const auto found = std::ranges::find(known, name);
   if (found == known.end())
      complain(table.get("unasked")->source(),
               fmt::format("unknown value of unasked {}; {}", in_quotes(name), did_you_mean(name, known)));
   return found == known.end() ? automatic : static_cast<unasked_metrics>(found - known.begin());
}

void run_file_parser::read_tier(const toml::table &tier) {
   check_keys(tier, "[[progressive.tiers]]", {"name", "if", "unasked"});
   run_tier read;
   read.name = text_at(tier, "name");
   for (const toml::node *condition : nodes_at(tier, "if"))
      read.conditions.push_back({text_of(*condition), where(condition->source())});
   if (read.name.empty() || read.conditions.empty())
      complain(tier.source(), "a tier needs a name, and conditions: if = [\"ssim.p05 >= 0.98\"]");
   read.unasked = read_unasked(tier);
   read_.progressive.tiers.push_back(std::move(read));
}

void run_file_parser::read_precisions(const toml::table &precisions) {
   for (const auto &[metric, node] : precisions) {
      const std::optional<double> number = node.value<double>();
      if (!number || !(*number > 0))
         complain(node.source(), fmt::format("the precision of {} must be a number above 0, in its own unit",
                                             printable(metric.str())));
      read_.progressive.precisions[std::string(metric.str())] = number.value_or(0);
   }
}

void run_file_parser::read_progressive(const toml::table &progressive) {
   check_keys(progressive, "[progressive]",
              {"confidence", "precision", "precisions", "first_frames", "worst_frames", "most_frames",
               "cheap_nanoseconds", "early_exit", "unasked", "picture_megabytes", "seed", "tiers"});
   run_progressive &read = read_.progressive;
   read.confidence = number_within(progressive, "confidence", 0.5, 0.999999, read.confidence);
   read.precision = number_within(progressive, "precision", 1e-9, 1, read.precision);
   read.first_frames = whole_at(progressive, "first_frames", 2).value_or(read.first_frames);
   read.worst_frames = whole_at(progressive, "worst_frames", 0).value_or(read.worst_frames);
   read.most_frames = whole_at(progressive, "most_frames", 0).value_or(read.most_frames);
   read.cheap_nanoseconds = whole_at(progressive, "cheap_nanoseconds", 0).value_or(read.cheap_nanoseconds);
   read.picture_megabytes = whole_at(progressive, "picture_megabytes", 0).value_or(read.picture_megabytes);
   read.seed = whole_at(progressive, "seed", 0).value_or(read.seed);
   if (progressive.contains("early_exit"))
      read.early_exit = flag_at(progressive, "early_exit");
   read.unasked = read_unasked(progressive);
   if (const toml::table *precisions = table_at(progressive, "precisions"))
      read_precisions(*precisions);
   for (const toml::table *tier : tables_at(progressive, "tiers"))
      read_tier(*tier);
}

// A file compares what is there, or makes what it compares.
void run_file_parser::check_parts(const toml::table &document) {
   if (read_.pipelines) {
      for (const char *other : {"inputs", "outputs"})
         if (const toml::node *node = document.get(other))
            complain(node->source(), fmt::format("{0} and [pipelines] do not go together: pipelines work on "
                                                 "[[sources]], and their results go to a folder of the run",
                                                 other));
      return;
   }
   if (!read_.sources.empty())
      complain(document.get("sources")->source(), "[[sources]] are for [pipelines], which this file has not");
   if (read_.inputs.empty())
      complain(error{problem::usage,
                     fmt::format("{}: there is nothing to compare; add [[inputs]]", printable(read_.path))});
}

void run_file_parser::read_document(const toml::table &document) {
   check_keys(
       document, "the file",
       {"run", "inputs", "metrics", "outputs", "gates", "sources", "pipelines", "progressive", "search"});
   if (const toml::table *run = table_at(document, "run"))
      read_settings(*run);
   for (const toml::table *input : tables_at(document, "inputs"))
      read_input(*input);
   if (const toml::table *metrics = table_at(document, "metrics"))
      read_metrics(*metrics);
   for (const toml::table *output : tables_at(document, "outputs"))
      read_output(*output);
   if (const toml::table *gates = table_at(document, "gates"))
      read_gates(*gates);
   for (const toml::table *source : tables_at(document, "sources"))
      read_source(*source);
   if (const toml::table *progressive = table_at(document, "progressive"))
      read_progressive(*progressive);
   if (const toml::table *pipelines = table_at(document, "pipelines"))
      read_pipelines(*pipelines);
   if (const toml::table *search = table_at(document, "search")) {
      read_search(*search);
      check_search(document);
   }
   check_parts(document);
}

result<run_file> run_file_parser::read(std::string_view text) {
   read_document(parse(text));
   if (complaint())
      return tl::unexpected(*complaint());
   return std::move(read_);
}

} // namespace

std::string_view name_of(pipeline_design design) {
   switch (design) {
   case pipeline_design::full:
      return "full";
   case pipeline_design::stratified:
      return "stratified";
   case pipeline_design::fraction:
      return "fraction";
   case pipeline_design::quick:
      return "quick";
   case pipeline_design::random:
      return "random";
   }
   return {};
}

result<run_file> parse_run_file(std::string_view text, const std::string &path) {
   return run_file_parser(path).read(text);
}

result<run_file> load_run_file(const std::string &path) {
   return read_text_file(path, "a run file").and_then([&](const std::string &text) {
      return parse_run_file(text, path);
   });
}

} // namespace giflab::config
