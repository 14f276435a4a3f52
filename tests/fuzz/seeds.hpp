#pragma once
// Files to begin from where no corpus is at hand.

#include <cstdint>
#include <vector>

namespace giflab::tests {

std::vector<std::vector<uint8_t>> seeds();

} // namespace giflab::tests
