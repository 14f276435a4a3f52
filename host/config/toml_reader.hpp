#pragma once
// Walks over a TOML document for its readers: typed access to tables and keys, with complaints that name file,
// line and column. It keeps the first complaint and goes on with empty values, so that reading stays a plain
// walk.

#include "error.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <vector>

namespace giflab::config {

// "a text", "an integer", ...
std::string_view word_for(toml::node_type type);

class toml_reader {
 public:
   // `path` is for complaints only.
   explicit toml_reader(std::string path) : path_(std::move(path)) {}

   // Parses `text`; an empty table after a complaint.
   toml::table parse(std::string_view text);

   std::string where(const toml::source_region &source) const;
   void complain(const toml::source_region &source, std::string_view sentence);
   void complain(error wrong); // one that names its place itself
   const std::optional<error> &complaint() const { return complaint_; }

   void check_keys(const toml::table &table, std::string_view place, std::initializer_list<const char *> known);

   // The value of a key; empty if it is not there or is of another type, which is a complaint.
   const toml::table *table_at(const toml::table &table, std::string_view key);
   std::vector<const toml::table *> tables_at(const toml::table &table, std::string_view key);
   std::string text_at(const toml::table &table, std::string_view key);
   std::vector<const toml::node *> nodes_at(const toml::table &table, std::string_view key); // of a list
   std::string text_of(const toml::node &node);
   std::optional<double> number_at(const toml::table &table, std::string_view key);
   bool flag_at(const toml::table &table, std::string_view key);

 private:
   std::string path_;
   std::optional<error> complaint_;
};

} // namespace giflab::config
