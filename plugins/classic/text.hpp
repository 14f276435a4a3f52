#pragma once
// Whether the first picture looks like text or a user interface, and how sharp the edges in such places stay.

#include "clip.hpp"
#include "work.hpp"

#include <vector>

namespace giflab::classic {

// NaN where the old package gives no key.
struct text_values {
   double has_text, edge_density, components, regions, ratio_mean, ratio_least, sharpness;
};
class text_look {
 public:
   text_look(const clip &a, const clip &b) : a_(a), b_(b) {}
   // What the first picture looks like; once that is known, the regions of text in others.
   void plan_first(jobs &work);
   void plan_regions(jobs &work);
   text_values values() const; // once both have run

 private:
   struct region_values {
      double count = 0, ratio = 0; // 0: no region
   };
   bool comparable() const { return a_.count() == b_.count(); }
   void look_at_first(pulse &beat);
   region_values look_at(uint32_t picture, pulse &beat) const;

   const clip &a_, &b_;
   double density_ = 0;
   size_t components_ = 0;
   bool has_text_ = false;
   std::vector<region_values> regions_;
};

} // namespace giflab::classic
