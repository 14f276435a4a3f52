#pragma once
// The old package's guess at what a wrong disposal method leaves on the screen.

#include "clip.hpp"
#include "temporal.hpp"
#include "work.hpp"

namespace giflab::classic {

class disposal_marks {
 public:
   explicit disposal_marks(const clip &pictures) : pictures_(pictures) {}

   // How much moves between the first pictures; once that is known, what else must be.
   void plan_movement(jobs &work);
   void plan(jobs &work);
   // 1: clean. `changes` are the mean changes of the pictures, `flat` the motion of their flat windows with 10
   // and 8.
   double cleanness(const std::vector<double> &changes, const flat_motion &flat) const;

 private:
   bool moves_as_a_whole() const;

   const clip &pictures_;
   std::vector<double> movement_;           // shares changed
   std::vector<double> bright_, not_black_; // shares of each picture
   double integrity_ = 1;
};

} // namespace giflab::classic
