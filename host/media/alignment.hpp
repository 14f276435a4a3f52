#pragma once
// Two files laid on one line of time: which picture is compared with which, and for how long.

#include "media/reader.hpp"

#include <optional>

namespace giflab::media {

enum class alignment_mode {
   // Whatever the two files show at the same moment. Each stretch of time in which neither side changes
   // is one pair; the file that ends first holds its last picture, as a player does.
   time,
   index,   // frame i with frame i, for as long as both have one; a pair lasts as long as the reference's frame
   content, // each distorted picture with the reference picture that it resembles most
};

struct aligned_pair {
   picture_pointer reference, distorted;
   int64_t start_us = 0, duration_us = 0;
};

struct alignment_report {
   alignment_mode mode = alignment_mode::time;
   int64_t pairs = 0;
   int64_t reference_us = 0, distorted_us = 0; // total showing time

   // As giflab_comparison in giflab/frame.h defines them.
   int64_t dropped = 0, duplicated = 0, reordered = 0, max_drift_us = 0;

   // One sentence each, for what a person should know: held last pictures, frames left over by `index`.
   std::vector<std::string> notes;
};

// Walks both readers at once and never holds more than the pictures of the present pair (`content` keeps a
// few more, bounded). Both readers must give pictures of one size.
class aligner {
 public:
   virtual ~aligner() = default;

   // The next pair in time; nothing after the last.
   virtual result<std::optional<aligned_pair>> next() = 0;

   // Complete once next() gave nothing.
   virtual alignment_report report() const = 0;
};

// The readers stay the caller's and must outlive the aligner.
result<std::unique_ptr<aligner>> align(reader &reference, reader &distorted, alignment_mode mode);

} // namespace giflab::media
