#pragma once
// Tables for people.

#include <string>
#include <vector>

namespace giflab::results {

// Cells in columns as wide as their widest cell, two spaces between them.
class grid {
 public:
   enum class side { left, right };

   explicit grid(std::vector<side> sides) : sides_(std::move(sides)) {}

   void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
   bool empty() const { return rows_.empty(); }
   std::string text() const;

 private:
   std::vector<side> sides_;
   std::vector<std::vector<std::string>> rows_;
};

// Short, and never a rounded-away zero; "-" for NaN.
std::string readable(double value);

} // namespace giflab::results
