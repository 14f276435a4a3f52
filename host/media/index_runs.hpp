#pragma once
// Where runs of equal index pairs end in a row: in vectors where the processor has any.

#include <array>
#include <cstddef>
#include <cstdint>

namespace giflab::media {

// A bit a pixel, from the lowest of the first word on.
using run_ends = std::array<uint64_t, 16>;
inline constexpr std::size_t most_run_ends = 64 * std::tuple_size_v<run_ends>;

// Sets the bits of pixels, all but the last of `count`, whose pair of indices differs from the next pixel's,
// and clears all others. At most most_run_ends pixels. False, and nothing done, if they are too few for a
// vector.
bool find_run_ends(const uint8_t *reference, const uint8_t *distorted, std::size_t count, run_ends &ends);

} // namespace giflab::media
