#pragma once

#include <cstddef>

namespace giflab::validator {

// In bytes: of the pages that fault, between which buffers of plugins lie.
inline constexpr std::size_t guard_page = 4096;

} // namespace giflab::validator
