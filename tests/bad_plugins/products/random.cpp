// The mean absolute difference of luma, sound at its parameters' lowest, initial and highest values.
#include <giflab/plugin.hpp>

#include <atomic>
#include <cstdlib>

namespace {

constexpr giflab_output outputs[] = {{.id = "difference",
                                      .help = "Mean absolute difference of luma.",
                                      .unit = "levels",
                                      .lowest = 0,
                                      .highest = 2550,
                                      .identical = 0,
                                      .direction = GIFLAB_LOWER_IS_BETTER,
                                      .level = GIFLAB_PER_FRAME,
                                      .pool = GIFLAB_POOL_MEAN}};

constexpr giflab_param params[] = {
    giflab::real_parameter("gain", "Multiplied with the result.", nullptr, 0, 10, 1),
    giflab::integer_parameter("step", "Only every so manieth row counts.", "px", 1, 64, 1),
};

[[maybe_unused]] std::atomic<int> instances{0};

struct difference {
   explicit difference(const giflab_setup &setup) {
      const giflab::parameters values(params, setup);
      gain = values.real("gain");
      step = values.integer("step");
#if defined DIES_INSIDE_RANGE || defined DIFFERS_INSIDE_RANGE
      const bool inside = gain > 2 && gain < 9 && step > 4 && step < 60;
#   ifdef DIES_INSIDE_RANGE
      if (inside)
         std::abort();
#   else
      if (inside)
         gain /= ++instances;
#   endif
#endif
   }

   double score_of(const giflab_call &call, const giflab_pair &pair) const {
      int64_t sum = 0, rows = 0;
      for (int64_t y = 0; y < pair.distorted->height; y += step, ++rows) {
         giflab::stop_if_cancelled(call);
         const auto row = static_cast<int32_t>(y);
         const auto *p = giflab::row<uint8_t>(giflab::plane(*pair.reference, GIFLAB_LUMA8), row);
         const auto *q = giflab::row<uint8_t>(giflab::plane(*pair.distorted, GIFLAB_LUMA8), row);
         for (int32_t x = 0; x < pair.distorted->width; ++x)
            sum += std::abs(p[x] - q[x]);
      }
      return gain * static_cast<double>(sum) / static_cast<double>(rows) / pair.distorted->width;
   }

   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
      for (uint32_t i = 0; i < pairs.size(); ++i)
         call.score(&call, i, 0, score_of(call, pairs[i]));
   }

   double gain = 1;
   int64_t step = 1;
};

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.test.faulty",
    .label = "Faulty",
    .version = "1",
    .vendor = "test",
    .license = "MIT",
    .help = "Mean absolute difference of luma.",
    GIFLAB_PARAMS(params),
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .batch = 4,
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::frame_metric<difference>,
    .create = giflab::create<difference>,
    .destroy = giflab::destroy<difference>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "test");
