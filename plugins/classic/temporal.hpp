#pragma once
// How pictures follow each other, without a look at the other file.

#include "clip.hpp"
#include "regions.hpp"
#include "work.hpp"

#include <memory>
#include <vector>

namespace giflab::classic {

// Mean absolute difference over all samples of RGB of each picture and the next. Into `changes`, once `work`
// has run; so do the others that are planned.
void plan_mean_changes(jobs &work, const clip &pictures, std::vector<double> &changes);

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
class block_history;
class flat_window_watch {
 public:
   flat_window_watch(const clip &pictures, int64_t flicker_limit, int64_t background_limit, pulse &beat);
   ~flat_window_watch();
   void plan(jobs &work);
   flat_motion motion(pulse &beat) const; // once the work has run

 private:
   const clip &pictures_;
   std::vector<rectangle> flickering_, background_;
   std::unique_ptr<block_history> history_; // where there is something to watch
};

// What the old package put in place of LPIPS between a picture and the next where LPIPS was not installed:
// weighted squared differences in L*a*b* of 8 bits, more on edges.
void plan_lab_changes(jobs &work, const clip &pictures, std::vector<double> &changes);

// The "quality" of each picture, of edge density and contrast, and how it swings.
struct pumping {
   double oscillation = 0, score = 0;
};
void plan_qualities(jobs &work, const clip &pictures, std::vector<double> &qualities);
pumping quality_pumping(const std::vector<double> &qualities);

} // namespace giflab::classic
