#pragma once
// For checks of a whole file that look at each of its plugins.

#include "validator/check.hpp"

#include <cstdint>
#include <functional>

namespace giflab::validator {

// The worst of what `run` finds for plugins 0 to `count` - 1, at least one; where there are several, it says
// whose it is. A pass counts as worse than a skip: something was checked.
finding over_plugins(uint32_t count, const std::function<finding(uint32_t)> &run);

} // namespace giflab::validator
