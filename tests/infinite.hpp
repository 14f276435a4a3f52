#pragma once
// The number beyond all others, which scores may be.

#include <limits>

namespace giflab::tests {

inline constexpr double infinite = std::numeric_limits<double>::infinity();

} // namespace giflab::tests
