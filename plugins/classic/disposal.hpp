#pragma once
// The old package's guess at what a wrong disposal method leaves on the screen.

#include "clip.hpp"
#include "temporal.hpp"
#include "work.hpp"

namespace giflab::classic {

// 1: clean. `changes` are the mean_changes of the pictures, `flat` their motion_of_flat_windows with 10 and 8.
double disposal_cleanness(const giflab_call &call, const clip &pictures, const std::vector<double> &changes,
                          const flat_motion &flat);

} // namespace giflab::classic
