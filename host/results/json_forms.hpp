#pragma once
// How values look in JSON.

#include "results/comparison.hpp"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace giflab::results {

// JSON has no infinity; the texts for it are what protobuf's JSON mapping writes, and float() in Python and
// Number() in JavaScript read them. NaN is null.
nlohmann::ordered_json json_number(double value);
nlohmann::ordered_json json_milliseconds(int64_t microseconds);
nlohmann::ordered_json json_text(const std::string &value); // made valid UTF-8
nlohmann::ordered_json json_of(const metric_value &metric);

} // namespace giflab::results
