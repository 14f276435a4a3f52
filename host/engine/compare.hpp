#pragma once
// One comparison, from two paths to a row.

#include "engine/machine.hpp"
#include "engine/selection.hpp"
#include "media/alignment.hpp"
#include "media/reader.hpp"
#include "media/representations.hpp"
#include "media/resize.hpp"
#include "results/comparison.hpp"

#include <functional>
#include <optional>

namespace giflab::engine {

enum class side { reference, distorted };

// Enough for five seconds of 1280x720 at ten pictures a second, for a few metrics.
inline constexpr std::size_t usual_kept_original_bytes = std::size_t{512} << 20;

// When metrics that can run on the machine's device do; below level 2 they never do.
enum class device_use { never, where_worthwhile, always };

// Which side is brought to the size of the other, and how.
struct resizing {
   engine::side resized = side::distorted;
   media::resize_filter filter = media::resize_filter::area;
};

struct comparison_options {
   int level = 2;                      // optimisation level, 0 to 3
   std::size_t batch_size = 8;         // pairs in a call, at most
   std::size_t device_batch_size = 32; // the same where the pictures are on a device
   device_use device = device_use::never;
   bool parallel_metrics = true; // metrics of one batch run beside each other
   bool per_frame = false;       // keep a row a pair
   media::reading_options reading;
   media::alignment_mode alignment = media::alignment_mode::time;
   media::colour background;
   uint64_t seed = 0;              // of metrics that are seeded
   std::optional<resizing> resize; // none: different sizes are an error
   // At level 2, so much of the reference at most is kept, decoded and converted, for a next comparison with it
   // on the same machine; 0 where none is to come.
   std::size_t kept_original_bytes = 0;

   // By number, which pairs to measure; null: all. Metrics of FRAME scope that look at nothing before a pair
   // can take some without the others.
   const std::vector<bool> *wanted = nullptr;
   // Opens reference and distorted, in this order; null: media::open.
   std::function<result<std::unique_ptr<media::reader>>(const std::string &path)> open;
};

// Called now and then from the thread that called compare(): the share of the files that was read, 0 to 1,
// and the pairs measured so far.
using progress_listener = std::function<void(double fraction, int64_t pairs)>;

// Compares two files under every metric of the plan. What a single metric cannot do is an absent value with
// its reason; an error means that there is no comparison at all (or that it was cancelled). Results do not
// depend on the machine's number of threads. What failed on the device is measured again, from the first pair
// on, in host memory.
result<results::comparison> compare(const std::string &reference, const std::string &distorted,
                                    const std::vector<planned_metric> &plan, const comparison_options &options,
                                    machine &on, const progress_listener &progress);

} // namespace giflab::engine
