#pragma once
// Which pictures are looked at, at what size, and which stand against each other.

#include "clip.hpp"
#include "gif_file.hpp"
#include "work.hpp"

#include <vector>

namespace giflab::classic {

// At most 30 pictures, evenly over the file, and no more than 500 MiB of RGB.
std::vector<uint32_t> sampled_pictures(size_t total, extent size);

// Decodes the chosen pictures, shrinks them where `into` is smaller, and leaves grey and edges unmade.
void load_pictures(const gif_file &file, std::span<const uint32_t> chosen, clip &into, pulse &beat);

// Makes grey and edges of all pictures, once `work` has run.
void plan_planes(jobs &work, clip &pictures);

// A picture of `a`, the one of `b` that it is compared with, and the sum of their squared errors over RGB.
struct aligned_pair {
   uint32_t picture_a, picture_b;
   uint64_t squared_error;

   bool operator==(const aligned_pair &) const = default;
};

// The sums of squared errors between pictures of the same number, as far as both have them.
using errors_of_pairs = std::vector<uint64_t>;
void plan_errors(jobs &work, const clip &a, const clip &b, errors_of_pairs &errors);

// For each picture of `a` in order, the one of `b` with the least squared error that none before it took. What
// is left without a partner is left out; the order of `b` does not matter.
std::vector<aligned_pair> aligned_pictures(const clip &a, const clip &b, const errors_of_pairs &errors,
                                           pulse &beat);

} // namespace giflab::classic
