#pragma once
// How pictures follow each other, without a look at the other file.

#include "clip.hpp"
#include "work.hpp"

#include <vector>

namespace giflab::classic {

// Mean absolute difference over all samples of RGB of each picture and the next.
std::vector<double> mean_changes(const giflab_call &call, const clip &pictures);

// 1 where all changes are equal, falling with their variation.
double consistency(const std::vector<double> &changes);

// Of the windows of 16x16 that are flat in the first picture (variance of grey below the limit).
struct flat_window_motion {
   double flicker_ratio = 0;        // share whose samples vary by more than 20 over time; 0 without windows
   double background_stability = 1; // 1 - (variance of the mean colour) / 100, 0 at least, mean over windows
   size_t windows = 0;
};
// Of the windows flat below `flicker_limit` and of those below `background_limit`.
struct flat_motion {
   flat_window_motion flicker, background;
};
flat_motion motion_of_flat_windows(const giflab_call &call, const clip &pictures, int64_t flicker_limit,
                                   int64_t background_limit);

// What the old package put in place of LPIPS between a picture and the next where LPIPS was not installed:
// weighted squared differences in L*a*b* of 8 bits, more on edges.
std::vector<double> lab_changes(const giflab_call &call, const clip &pictures);

// How "quality" (edge density and contrast) swings between the first `count` pictures.
struct pumping {
   double oscillation = 0, score = 0;
};
pumping quality_pumping(const giflab_call &call, const clip &pictures, uint32_t count);

} // namespace giflab::classic
