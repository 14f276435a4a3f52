#pragma once
#include "difference.hpp"

namespace giflab::butteraugli::scalar {

map_sums measure(const light_pair &pair, const viewing &conditions, const std::function<void()> &pause);

} // namespace giflab::butteraugli::scalar
