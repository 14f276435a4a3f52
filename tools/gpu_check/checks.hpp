#pragma once
// Every device kernel, through the module that it belongs to, against level 0 on the processor.

#include <string>
#include <vector>

namespace giflab::gpu_check {

struct checked_output {
   std::string output;
   double largest_difference = 0; // |device - processor|, over every pair that was tried
   double allowed = 0;
   int pairs = 0;
};

struct check_report {
   std::vector<checked_output> outputs;
   std::vector<std::string> failures; // sentences
};

enum class extent { short_set, whole_set };

check_report check_everything(extent how_much);

} // namespace giflab::gpu_check
