#pragma once
// When a file shows what, and how the timing of two files differs.

#include "media/signature.hpp"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace giflab::media {

// What is wrong with when a plugin shows a picture, behind one that ends at `end_us`; "" if nothing. A
// microsecond of rounding is not.
std::string fault_of_showing(int64_t start_us, int64_t duration_us, int64_t end_us);

// What one file shows, collected picture by picture in display order. A picture of duration 0 is never
// seen, unless it is the last, which stays on show.
class timeline {
 public:
   struct frame {
      int64_t start_us = 0;
      bool repeats = false; // shows what the frame before it showed
   };
   // A picture that differs from the one shown before it.
   struct appearance {
      int64_t start_us = 0;
      signature look;
   };

   void add(const picture &shown);

   // No more pictures come.
   void close();

   const std::vector<frame> &frames() const { return frames_; }
   const std::deque<appearance> &appearances() const { return appearances_; }
   int64_t end_us() const { return end_us_; }

 private:
   void see(uint64_t content, const signature &look);
   const signature &look_of(const picture &shown);

   std::vector<frame> frames_;
   std::deque<appearance> appearances_; // never moved: they are large
   std::optional<appearance> unseen_;   // of duration 0, the last so far
   uint64_t unseen_content_ = 0;
   uint64_t content_ = 0; // of the picture seen last
   signature look_;       // of the picture added last,
   int64_t next_ = -1;    // and the index of the one behind it
   int64_t end_us_ = 0;
};

// As giflab_comparison in giflab/frame.h defines them.
struct timing_differences {
   int64_t dropped = 0, duplicated = 0, reordered = 0, max_drift_us = 0;
};

timing_differences differences(const timeline &reference, const timeline &distorted);

} // namespace giflab::media
