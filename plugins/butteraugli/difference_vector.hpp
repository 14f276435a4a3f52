#pragma once
#include "difference.hpp"

namespace giflab::butteraugli::vector {

size_t scratch_bytes(int32_t width, int32_t height);
map_sums measure(const light_pair &pair, const viewing &conditions, std::byte *scratch,
                 const std::function<void()> &pause);

} // namespace giflab::butteraugli::vector
