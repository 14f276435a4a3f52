#pragma once
// Whether the first picture looks like text or a user interface, and how sharp the edges in such places stay.

#include "clip.hpp"
#include "work.hpp"

namespace giflab::classic {

// NaN where the old package gives no key.
struct text_values {
   double has_text, edge_density, components, regions, ratio_mean, ratio_least, sharpness;
};
text_values measure_text(const giflab_call &call, const clip &a, const clip &b);

} // namespace giflab::classic
