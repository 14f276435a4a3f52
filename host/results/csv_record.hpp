#pragma once
// A line of CSV.

#include "results/comparison.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace giflab::results {

// Records as RFC 4180 has them: CRLF at the end, quotes where they are needed.
class csv_record {
 public:
   csv_record &field(std::string_view text);
   csv_record &text(std::string_view free_text); // made valid UTF-8
   csv_record &number(double value);             // empty for NaN
   csv_record &number(int64_t value);
   csv_record &milliseconds(int64_t microseconds);
   csv_record &statistics(const metric_value &metric); // ten fields

   std::string taken() { return std::move(line_ += "\r\n"); }

 private:
   std::string line_;
   bool started_ = false;
};

} // namespace giflab::results
