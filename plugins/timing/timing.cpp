// Whether the distorted file plays what the reference plays, when it plays it.

#include <cmath>
#include <giflab/plugin.hpp>

namespace {

struct timing {
   explicit timing(const giflab_setup &) {}
   void inspect(const giflab_call &call, const giflab_comparison &comparison) const;
};

constexpr giflab_output lower_is_better(const char *id, const char *unit, const char *help) {
   return {.id = id,
           .help = help,
           .unit = unit,
           .lowest = 0,
           .highest = INFINITY,
           .identical = 0,
           .direction = GIFLAB_LOWER_IS_BETTER,
           .level = GIFLAB_PER_CLIP,
           .pool = GIFLAB_POOL_MEAN};
}

enum { DURATION_DIFFERENCE, MAX_DRIFT, FRAMES_DROPPED, FRAMES_DUPLICATED, FRAMES_REORDERED };
constexpr giflab_output outputs[] = {
    lower_is_better("duration_difference_ms", "ms",
                    "How far the total showing times of the two files are apart."),
    lower_is_better(
        "max_drift_ms", "ms",
        "Largest distance in time between a new picture and the one of the reference that it answers."),
    lower_is_better("frames_dropped", "frames",
                    "New pictures of the reference that the distorted file never shows."),
    lower_is_better("frames_duplicated", "frames",
                    "Frames that repeat the picture before them where the reference does not."),
    lower_is_better("frames_reordered", "frames",
                    "Frames that show an earlier moment of the reference than the frame before them."),
};

double milliseconds(int64_t microseconds) { return static_cast<double>(microseconds) / 1000; }

// How long one pass through the file takes.
int64_t showing_time(const giflab_file &file) {
   int64_t sum = 0;
   for (const giflab_showing &showing : std::span(file.showings, file.showing_count))
      sum += showing.duration_us;
   return sum;
}

void timing::inspect(const giflab_call &call, const giflab_comparison &comparison) const {
   const int64_t difference = showing_time(*comparison.distorted) - showing_time(*comparison.reference);
   call.score(&call, 0, DURATION_DIFFERENCE, milliseconds(difference < 0 ? -difference : difference));
   call.score(&call, 0, MAX_DRIFT, milliseconds(comparison.max_drift_us));
   call.score(&call, 0, FRAMES_DROPPED, static_cast<double>(comparison.dropped));
   call.score(&call, 0, FRAMES_DUPLICATED, static_cast<double>(comparison.duplicated));
   call.score(&call, 0, FRAMES_REORDERED, static_cast<double>(comparison.reordered));
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.giflab.timing",
    .label = "Timing",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .help = "Duration, drift, and frames that were dropped, duplicated or put out of order.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = 0,
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FILE,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_1NS,
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::file_metric<timing>,
    .create = giflab::create<timing>,
    .destroy = giflab::destroy<timing>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
