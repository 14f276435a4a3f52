// The mean absolute difference of luma, sound but for one fault: the macro that is defined names it.
#include <giflab/plugin.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>

namespace {

constexpr giflab_output outputs[] = {{.id = "difference",
                                      .help = "Mean absolute difference of luma.",
                                      .unit = "levels",
                                      .lowest = 0,
                                      .highest = 1e6,
#ifdef WRONG_IDENTICAL
                                      .identical = 0.5,
#else
                                      .identical = 0,
#endif
#ifdef WRONG_DIRECTION
                                      .direction = GIFLAB_HIGHER_IS_BETTER,
#else
                                      .direction = GIFLAB_LOWER_IS_BETTER,
#endif
                                      .level = GIFLAB_PER_FRAME,
                                      .pool = GIFLAB_POOL_MEAN},
#ifdef WANTED_COUNTS
                                     {.id = "more",
                                      .help = "One more than the other.",
                                      .unit = "levels",
                                      .lowest = 1,
                                      .highest = 1e6,
                                      .identical = 1,
                                      .direction = GIFLAB_LOWER_IS_BETTER,
                                      .level = GIFLAB_PER_FRAME,
                                      .pool = GIFLAB_POOL_MEAN}
#endif
};

constexpr giflab_param params[] = {
    giflab::integer_parameter("step", "Rows are taken in strips of this height.", "px", 1, 64, 8,
                              GIFLAB_PARAM_SPEED_ONLY),
    giflab::real_parameter("gain", "Multiplied with the result.", nullptr, 0, 10, 1),
};

std::atomic<int32_t> last_made_width{0}; // of all instances: SHARED_STATE

struct difference {
   explicit difference(const giflab_setup &setup) : width(setup.clip.width) {
      const giflab::parameters values(params, setup);
      step = values.integer("step");
      gain = values.real("gain");
#ifdef FAILS_AT_EXTREME
      if (gain == 10)
         throw giflab::failure(GIFLAB_INTERNAL, "a gain of 10 was never thought of");
#endif
      last_made_width = width;
#ifdef WANTED_COUNTS
      more = giflab::is_wanted(setup, outputs[1], 1);
#endif
   }

   double row_difference(const giflab_pair &pair, int32_t y) const;
   double score_of(const giflab_call &call, const giflab_pair &pair) const;
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs);

   int32_t width;
   int64_t step = 0;
   double gain = 1;
   bool more = false;      // the second output is wanted: WANTED_COUNTS
   int64_t last_start = 0; // of the pair measured before: KNOWS_ORDER
};

const uint8_t *row_of(const giflab_plane &plane, int32_t y, size_t stride) {
   return static_cast<const uint8_t *>(plane.data) + static_cast<size_t>(y) * stride;
}

double difference::row_difference(const giflab_pair &pair, int32_t y) const {
   const giflab_plane &a = giflab::plane(*pair.reference, GIFLAB_LUMA8);
   const giflab_plane &b = giflab::plane(*pair.distorted, GIFLAB_LUMA8);
#ifdef ONE_STRIDE // that of one side for both; the smaller, so that it stays inside of both
   const size_t stride_a = std::min(a.stride, b.stride), stride_b = stride_a;
#else
   const size_t stride_a = a.stride, stride_b = b.stride;
#endif
   const uint8_t *p = row_of(a, y, stride_a), *q = row_of(b, y, stride_b);
   int64_t sum = 0;
   for (int32_t x = 0; x < width; ++x)
      sum += std::abs(p[x] - q[x]);
#ifdef READS_PADDING
   if (sum && width % 64)
      sum += p[width]; // the byte behind the last pixel
#endif
#ifdef READS_BEYOND // one byte behind the row's last block; in the last row that may be another's memory
   if (y + 1 < pair.distorted->height)
      sum += 0 * static_cast<const volatile uint8_t *>(p)[(width + 63) / 64 * 64];
#endif
   return static_cast<double>(sum);
}

double difference::score_of(const giflab_call &call, const giflab_pair &pair) const {
   double sum = 0;
   for (int32_t y = 0; y < pair.distorted->height; ++y) {
      giflab::stop_if_cancelled(call);
      sum += row_difference(pair, y);
   }
   return gain * sum / width / pair.distorted->height;
}

void difference::measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
   for (uint32_t i = 0; i < pairs.size(); ++i) {
      double score = score_of(call, pairs[i]);
      [[maybe_unused]] const giflab_image &image = *pairs[i].distorted;
#ifdef FAILS_IN_NARROW
      if (image.width == 1 && image.height >= 4096)
         throw giflab::failure(GIFLAB_INTERNAL, "nobody thought of a picture like this");
#endif
#ifdef OUTSIDE_BOUNDS // where nearly nothing of a picture is left
      if (score > 48 * gain)
         score = 2e6;
#endif
#ifdef FAILS_ON_RUINS
      if (score > 48 * gain)
         throw giflab::failure(GIFLAB_INTERNAL, "nobody thought of a picture like this");
#endif
#ifdef USES_SEED
      score *= 1 + static_cast<double>(call.seed % 2) / 64;
#endif
#ifdef SHARED_STATE
      score *= static_cast<double>(width) / last_made_width;
#endif
#ifdef KNOWS_ORDER
      if (image.index != 0 && image.start_us < last_start)
         score += 1;
      last_start = image.start_us;
#endif
#ifdef KNOWS_BATCH
      score *= pairs.size() == 2 ? 1.5 : 1;
#endif
#ifdef STEP_COUNTS
      score += score > 0 ? static_cast<double>(step) / 64 : 0;
#endif
#ifdef SCORES_NOTHING_WHERE_HELD // a picture on show for longer is scored once, and then no more
      if (image.index > 0 && image.changed_width == 0)
         continue;
#endif
#ifdef WANTED_COUNTS
      if (more)
         call.score(&call, i, 1, score + 1);
      else if (score > 0)
         score += 1;
#endif
#ifdef SCORES_TWICE
      if (image.index == 5)
         call.score(&call, i, 0, score);
#endif
      call.score(&call, i, 0, score);
   }
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.test.scores",
    .label = "Difference",
    .version = "1",
    .vendor = "Test",
    .license = "MIT",
    .help = "Sound but for one fault.",
    GIFLAB_PARAMS(params),
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_PER_INSTANCE,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .batch = 4,
    .bytes_per_pixel = 1,
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::frame_metric<difference>,
    .create = giflab::create<difference>,
    .destroy = giflab::destroy<difference>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "test");
