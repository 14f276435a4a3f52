#include "config/toml_reader.hpp"

#include "config/nearest_name.hpp"
#include "config/printable.hpp"
#include "config/toml_nesting.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace giflab::config {

namespace {

constexpr int most_dots_in_a_line = 64;

} // namespace

std::string_view word_for(toml::node_type type) {
   switch (type) {
   case toml::node_type::table:
      return "a table";
   case toml::node_type::array:
      return "a list";
   case toml::node_type::string:
      return "a text";
   case toml::node_type::integer:
      return "an integer";
   case toml::node_type::floating_point:
      return "a number";
   case toml::node_type::boolean:
      return "true or false";
   default:
      return "a date or time";
   }
}

toml::table toml_reader::parse(std::string_view text) {
   if (const int line = line_with_too_many_dots(text, most_dots_in_a_line); line != 0) {
      complain(error{problem::usage, fmt::format("{}:{}:1: more than {} dots in one line are not meant here",
                                                 printable(path_), line, most_dots_in_a_line)});
      return {};
   }
   try {
      return toml::parse(text);
   } catch (const toml::parse_error &wrong) {
      complain(wrong.source(), printable(wrong.description()));
      return {};
   }
}

std::string toml_reader::where(const toml::source_region &source) const {
   return fmt::format("{}:{}:{}", printable(path_), source.begin.line, source.begin.column);
}

void toml_reader::complain(const toml::source_region &source, std::string_view sentence) {
   complain(error{problem::usage, fmt::format("{}: {}", where(source), sentence)});
}

void toml_reader::complain(error wrong) {
   if (!complaint_)
      complaint_ = std::move(wrong);
}

void toml_reader::check_keys(const toml::table &table, std::string_view place,
                             std::initializer_list<const char *> known) {
   const std::vector<std::string> names(known.begin(), known.end());
   for (const auto &[key, node] : table)
      if (std::ranges::find(names, key.str()) == names.end())
         complain(key.source(), fmt::format("unknown key {} in {}; {}", in_quotes(key.str()), place,
                                            did_you_mean(key.str(), names)));
}

const toml::table *toml_reader::table_at(const toml::table &table, std::string_view key) {
   const toml::node *node = table.get(key);
   if (node != nullptr && !node->is_table())
      complain(node->source(),
               fmt::format("{0} must be a table, written [{0}], not {1}", key, word_for(node->type())));
   return node == nullptr ? nullptr : node->as_table();
}

std::vector<const toml::table *> toml_reader::tables_at(const toml::table &table, std::string_view key) {
   std::vector<const toml::table *> tables;
   const toml::node *node = table.get(key);
   if (node == nullptr)
      return tables;
   const auto refused = [&](const toml::node &wrong) {
      complain(wrong.source(), fmt::format("{0} must be tables, each written [[{0}]]", key));
      return std::vector<const toml::table *>();
   };
   if (!node->is_array())
      return refused(*node);
   for (const toml::node &element : *node->as_array()) {
      if (!element.is_table())
         return refused(element);
      tables.push_back(element.as_table());
   }
   return tables;
}

std::string toml_reader::text_of(const toml::node &node) {
   const auto *text = node.as_string();
   if (text == nullptr)
      complain(node.source(), fmt::format("here must be a text in quotes, not {}", word_for(node.type())));
   else if (text->get().empty())
      complain(node.source(), "here must be a text that is not empty");
   else if (text->get().find('\0') != std::string::npos)
      complain(node.source(), "here must be a text without a NUL character");
   else
      return text->get();
   return {};
}

std::string toml_reader::text_at(const toml::table &table, std::string_view key) {
   const toml::node *node = table.get(key);
   return node == nullptr ? std::string() : text_of(*node);
}

std::vector<const toml::node *> toml_reader::nodes_at(const toml::table &table, std::string_view key) {
   std::vector<const toml::node *> texts;
   const toml::node *node = table.get(key);
   if (node != nullptr && !node->is_array())
      complain(node->source(), fmt::format("{0} must be a list of texts: {0} = [\"...\"]", key));
   else if (node != nullptr)
      for (const toml::node &element : *node->as_array())
         texts.push_back(&element);
   return texts;
}

std::optional<double> toml_reader::number_at(const toml::table &table, std::string_view key) {
   const toml::node *node = table.get(key);
   if (node == nullptr)
      return std::nullopt;
   if (const auto *whole = node->as_integer())
      return static_cast<double>(whole->get());
   const auto *number = node->as_floating_point();
   if (number != nullptr && std::isfinite(number->get()))
      return number->get();
   complain(node->source(), fmt::format("{} must be a finite number", key));
   return std::nullopt;
}

bool toml_reader::flag_at(const toml::table &table, std::string_view key) {
   const toml::node *node = table.get(key);
   if (node != nullptr && !node->is_boolean())
      complain(node->source(), fmt::format("{} must be true or false, not {}", key, word_for(node->type())));
   return node != nullptr && node->value_or(false);
}

} // namespace giflab::config
