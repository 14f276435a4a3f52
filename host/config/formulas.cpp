#include "config/formulas.hpp"

#include "config/nearest_name.hpp"
#include "config/printable.hpp"
#include "config/text_file.hpp"
#include "config/toml_reader.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace giflab::config {

namespace {

constexpr double most_weight = 1e100; // so that sums of them are numbers

bool is_id(std::string_view text) {
   return !text.empty() && text[0] >= 'a' && text[0] <= 'z' && std::ranges::all_of(text, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
   });
}

class formula_parser : toml_reader {
 public:
   explicit formula_parser(const std::string &path) : toml_reader(path), path_(path) {}

   result<std::vector<formula>> read(std::string_view text) {
      const toml::table document = parse(text);
      check_keys(document, "the file", {"formulas"});
      for (const toml::table *one : tables_at(document, "formulas"))
         read_formula(*one);
      if (read_.empty())
         complain(
             error{problem::usage, fmt::format("{}: there is no formula; add [[formulas]]", printable(path_))});
      if (complaint())
         return tl::unexpected(*complaint());
      return std::move(read_);
   }

 private:
   void read_formula(const toml::table &table);
   formula_term read_term(const toml::table &table);
   void read_ends(const toml::table &table, formula_term &term);

   // The place of a key's text among `names`; 0 if the key is not there or names none, which is a complaint.
   std::size_t choice_at(const toml::table &table, std::string_view key, const std::vector<std::string> &names);

   std::string path_;
   std::vector<formula> read_;
};

std::size_t formula_parser::choice_at(const toml::table &table, std::string_view key,
                                      const std::vector<std::string> &names) {
   if (!table.contains(key))
      return 0;
   const std::string text = text_at(table, key);
   const auto found = std::ranges::find(names, text);
   if (found != names.end())
      return static_cast<std::size_t>(found - names.begin());
   complain(table.get(key)->source(),
            fmt::format("{} is not a {}; {}", in_quotes(text), key, did_you_mean(text, names)));
   return 0;
}

void formula_parser::read_ends(const toml::table &table, formula_term &term) {
   const std::optional<double> worst = number_at(table, "worst"), best = number_at(table, "best");
   const bool has_ends = term.scale == term_scale::linear || term.scale == term_scale::logarithmic;
   if (!has_ends && (worst || best))
      complain(table.source(), "this scale has its ends already: leave out worst and best");
   term.worst = worst.value_or(0);
   term.best = best.value_or(1);
   if (term.worst == term.best)
      complain(table.source(), "worst and best must differ");
   if (term.scale == term_scale::logarithmic && term.best < term.worst)
      complain(table.source(), "a logarithmic scale needs a best above its worst");
}

formula_term formula_parser::read_term(const toml::table &table) {
   check_keys(table, "a term", {"metric", "weight", "scale", "worst", "best", "required"});
   formula_term term;
   term.metric = text_at(table, "metric");
   if (!table.contains("metric"))
      complain(table.source(), "a term needs a metric");
   term.weight = number_at(table, "weight").value_or(0);
   if (!(term.weight > 0 && term.weight <= most_weight))
      complain(table.source(), fmt::format("a term needs a weight above 0, and at most {:g}", most_weight));
   term.scale = static_cast<term_scale>(
       choice_at(table, "scale", {"linear", "logarithmic", "reciprocal_logarithmic", "ratio"}));
   read_ends(table, term);
   term.required = flag_at(table, "required");
   return term;
}

void formula_parser::read_formula(const toml::table &table) {
   check_keys(table, "[[formulas]]", {"id", "version", "help", "combine", "terms"});
   formula read;
   read.where = where(table.source());
   read.id = text_at(table, "id");
   read.version = text_at(table, "version");
   read.help = text_at(table, "help");
   if (!is_id(read.id))
      complain(table.source(), "[[formulas]] needs an id of a-z, 0-9 and _ that begins with a letter");
   if (read.version.empty())
      complain(table.source(), "[[formulas]] needs a version: whoever changes a formula changes it too");
   if (std::ranges::any_of(read_, [&](const formula &other) { return other.id == read.id; }))
      complain(table.source(), fmt::format("another formula is called {} already", in_quotes(read.id)));
   read.combine =
       static_cast<combination>(choice_at(table, "combine", {"weighted_mean", "weighted_geometric_mean"}));
   for (const toml::node *term : nodes_at(table, "terms"))
      if (term->is_table())
         read.terms.push_back(read_term(*term->as_table()));
      else
         complain(term->source(), "a term is written { metric = \"ssim\", weight = 0.5 }");
   if (read.terms.empty())
      complain(table.source(), "[[formulas]] needs terms");
   read_.push_back(std::move(read));
}

} // namespace

result<std::vector<formula>> parse_formulas(std::string_view text, const std::string &path) {
   return formula_parser(path).read(text);
}

result<std::vector<formula>> load_formulas(const std::string &path) {
   return read_text_file(path, "a formula file").and_then([&](const std::string &text) {
      return parse_formulas(text, path);
   });
}

} // namespace giflab::config
