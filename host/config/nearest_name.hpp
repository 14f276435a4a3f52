#pragma once
// For everything that people type by name: what did they mean?

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace giflab::config {

// The candidates closest to `name` by edit distance (letters changed, left out, added or swapped; case and
// '-' for '_' do not count), in the order given, at most three. Empty only if there are no candidates.
std::vector<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates);

// The end of an error sentence: "did you mean psnr or psnr_y?"; "none are known" if there are no candidates.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

} // namespace giflab::config
