#include "config/decisions.hpp"

#include "config/nearest_name.hpp"
#include "config/printable.hpp"
#include "config/text_file.hpp"
#include "config/toml_reader.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace giflab::config {

namespace {

class decisions_parser : toml_reader {
 public:
   explicit decisions_parser(const std::string &path) : toml_reader(path) {}

   result<decisions> read(std::string_view text);

 private:
   using limits_by_name = std::vector<std::pair<std::string, limit_texts>>;

   void read_class(const toml::table &table);
   void read_rule(const toml::table &table);
   void read_elimination(const toml::table &table);
   limit_texts read_limits(const toml::table &table);
   limits_by_name read_overrides(const toml::table &table, std::string_view key,
                                 const std::vector<std::string> &known);
   std::vector<run_gate> read_conditions(const toml::table &table, std::string_view key);

   decisions read_;
};

std::vector<run_gate> decisions_parser::read_conditions(const toml::table &table, std::string_view key) {
   std::vector<run_gate> conditions;
   for (const toml::node *one : nodes_at(table, key))
      conditions.push_back({text_of(*one), where(one->source())});
   return conditions;
}

void decisions_parser::read_class(const toml::table &table) {
   check_keys(table, "[[content_classes]]", {"name", "help", "all"});
   content_class read{text_at(table, "name"), text_at(table, "help"), read_conditions(table, "all")};
   if (read.name.empty() || read.name == no_class)
      complain(table.source(), fmt::format("[[content_classes]] needs a name other than {}", no_class));
   if (std::ranges::find(read_.classes, read.name, &content_class::name) != read_.classes.end())
      complain(table.source(), fmt::format("there is a class {} already", in_quotes(read.name)));
   if (read.conditions.empty())
      complain(table.source(), "[[content_classes]] needs conditions: all = [\"frames > 1\"]");
   read_.classes.push_back(std::move(read));
}

limit_texts decisions_parser::read_limits(const toml::table &table) {
   return {text_at(table, "warning"), text_at(table, "error"), text_at(table, "artifact"),
           where(table.source())};
}

decisions_parser::limits_by_name decisions_parser::read_overrides(const toml::table &table,
                                                                  std::string_view key,
                                                                  const std::vector<std::string> &known) {
   limits_by_name read;
   const toml::table *overrides = table_at(table, key);
   if (overrides == nullptr)
      return read;
   for (const auto &[name, node] : *overrides) {
      if (std::ranges::find(known, name.str()) == known.end())
         complain(name.source(), fmt::format("there is no {} among the {}; {}", in_quotes(name.str()), key,
                                             did_you_mean(name.str(), known)));
      if (const toml::table *limits = table_at(*overrides, name.str())) {
         check_keys(*limits, "limits", {"warning", "error", "artifact"});
         read.emplace_back(name.str(), read_limits(*limits));
      }
   }
   return read;
}

void decisions_parser::read_rule(const toml::table &table) {
   check_keys(table, "[[validation]]",
              {"id", "help", "value", "less", "warning", "error", "artifact", "classes", "slots"});
   validation_rule read;
   read.id = text_at(table, "id");
   read.help = text_at(table, "help");
   read.value = text_at(table, "value");
   read.less = text_at(table, "less");
   read.limits = read_limits(table);
   if (read.id.empty() || read.value.empty())
      complain(table.source(), "[[validation]] needs an id and a value");
   if (std::ranges::find(read_.rules, read.id, &validation_rule::id) != read_.rules.end())
      complain(table.source(), fmt::format("there is a rule {} already", in_quotes(read.id)));
   std::vector<std::string> classes = {no_class};
   for (const content_class &one : read_.classes)
      classes.push_back(one.name);
   read.classes = read_overrides(table, "classes", classes);
   read.slots = read_overrides(table, "slots", {slot_names[0], slot_names[1], slot_names[2], "several"});
   read_.rules.push_back(std::move(read));
}

void decisions_parser::read_elimination(const toml::table &table) {
   check_keys(table, "[elimination]", {"top", "by", "eliminate_if"});
   elimination_rules &read = read_.elimination;
   if (const toml::node *top = table.get("top")) {
      read.top = top->is_integer() ? top->as_integer()->get() : 0;
      if (read.top < 1)
         complain(top->source(), "top must be a whole number from 1 on");
   }
   for (const toml::node *one : nodes_at(table, "by"))
      read.by.push_back(text_of(*one));
   read.eliminate_if = read_conditions(table, "eliminate_if");
}

result<decisions> decisions_parser::read(std::string_view text) {
   read_.text = text;
   const toml::table document = parse(text);
   check_keys(document, "the file", {"content_classes", "validation", "elimination"});
   for (const toml::table *one : tables_at(document, "content_classes"))
      read_class(*one);
   for (const toml::table *one : tables_at(document, "validation"))
      read_rule(*one);
   if (const toml::table *elimination = table_at(document, "elimination"))
      read_elimination(*elimination);
   if (complaint())
      return tl::unexpected(*complaint());
   return std::move(read_);
}

} // namespace

result<decisions> parse_decisions(std::string_view text, const std::string &path) {
   return decisions_parser(path).read(text);
}

result<decisions> load_decisions(const std::string &path) {
   return read_text_file(path, "a file of decisions").and_then([&](const std::string &text) {
      return parse_decisions(text, path);
   });
}

} // namespace giflab::config
