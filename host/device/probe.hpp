#pragma once
// Is there a CUDA device? Asked of the driver at run time, so that the program starts where there is none.

#include <cstdint>
#include <string>
#include <vector>

namespace giflab::device {

struct probe_result {
   std::vector<std::string> devices; // their names, as CUDA orders them
   std::string driver;               // CUDA version of the driver, "13.0"; empty if there is none
   std::string absence;              // why there is no device; empty if there is one
};

// Loads the driver's library and asks it. Makes no context; takes some milliseconds where there is a driver.
probe_result probe();

// Why giflab has no use of the device that CUDA counts as `ordinal`; empty if it has.
std::string absence_of(int32_t ordinal);

} // namespace giflab::device
