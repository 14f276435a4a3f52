// The mean absolute difference of luma, sound but for one fault with threads: the macro that is defined names
// it.
#include <giflab/plugin.hpp>

#include <cstdlib>
#include <mutex>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

constexpr giflab_output outputs[] = {{.id = "difference",
                                      .help = "Mean absolute difference of luma.",
                                      .unit = "levels",
                                      .lowest = 0,
                                      .highest = 1e6,
                                      .identical = 0,
                                      .direction = GIFLAB_LOWER_IS_BETTER,
                                      .level = GIFLAB_PER_FRAME,
                                      .pool = GIFLAB_POOL_MEAN}};

int64_t row_difference(const giflab_pair &pair, int32_t y) {
   const auto *p = giflab::row<uint8_t>(giflab::plane(*pair.reference, GIFLAB_LUMA8), y);
   const auto *q = giflab::row<uint8_t>(giflab::plane(*pair.distorted, GIFLAB_LUMA8), y);
   int64_t sum = 0;
   for (int32_t x = 0; x < pair.distorted->width; ++x)
      sum += std::abs(p[x] - q[x]);
   return sum;
}

struct difference {
   explicit difference(const giflab_setup &setup);
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
      for (uint32_t i = 0; i < pairs.size(); ++i)
         call.score(&call, i, 0,
                    static_cast<double>(sum_of(call, pairs[i])) / pairs[i].distorted->width /
                        pairs[i].distorted->height);
   }
   int64_t sum_of(const giflab_call &call, const giflab_pair &pair);

#if defined(OVERLAP)
   int64_t sum = 0; // of the call that runs, if there is only one
#endif
};

#if defined(SHARED_BY_INSTANCES)
int64_t sum = 0;
#endif
#if defined(THREAD_LOCAL)
thread_local int64_t weight = 0; // 1 on the thread that made the instance
#endif

difference::difference(const giflab_setup &) {
#if defined(THREAD_LOCAL)
   weight = 1;
#elif defined(LEFT_BEHIND)
   static std::once_flag started; // and never stopped
   std::call_once(started, [] { std::thread([] { pause(); }).detach(); });
#endif
}

#if defined(OVERLAP) || defined(SHARED_BY_INSTANCES)
int64_t difference::sum_of(const giflab_call &call, const giflab_pair &pair) {
   sum = 0;
   for (int32_t y = 0; y < pair.distorted->height; ++y) {
      giflab::stop_if_cancelled(call);
      sum += row_difference(pair, y);
      if (y == pair.distorted->height / 2)
         usleep(1); // somebody else's turn, in the middle of a sum
   }
   return sum;
}
#elif defined(IGNORES_TASKS)
struct rows {
   const giflab_pair *pair;
   std::vector<int64_t> sums;

   static giflab_status take(void *user, uint32_t y, uint32_t) noexcept {
      auto &self = *static_cast<rows *>(user);
      self.sums[y] = row_difference(*self.pair, static_cast<int32_t>(y));
      return GIFLAB_OK;
   }
};
int64_t difference::sum_of(const giflab_call &call, const giflab_pair &pair) {
   giflab::stop_if_cancelled(call);
   const auto height = static_cast<uint32_t>(pair.distorted->height);
   rows work{&pair, std::vector<int64_t>(height)};
   const auto *tasks = static_cast<const giflab_tasks *>(call.host->query(call.host, GIFLAB_TASKS));
   if (tasks)
      (void)tasks->run(&call, height, rows::take, &work); // whether all were run is in the status
   else
      for (uint32_t y = 0; y < height; ++y)
         rows::take(&work, y, 0);
   int64_t sum = 0;
   for (const int64_t row : work.sums)
      sum += row;
   return sum;
}
#else
int64_t difference::sum_of(const giflab_call &call, const giflab_pair &pair) {
   int64_t sum = 0;
   for (int32_t y = 0; y < pair.distorted->height; ++y) {
      giflab::stop_if_cancelled(call);
      sum += row_difference(pair, y);
   }
#   if defined(CALLS_FROM_OWN_THREAD)
   std::thread([&call] { call.progress(&call, 1); }).join();
#   elif defined(THREAD_LOCAL)
   sum *= weight;
#   endif
   return sum;
}
#endif

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.test.threads",
    .label = "Difference",
    .version = "1",
    .vendor = "Test",
    .license = "MIT",
    .help = "Sound but for one fault.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
#if defined(OVERLAP)
    .threads = GIFLAB_REENTRANT,
#elif defined(PER_MODULE)
    .threads = GIFLAB_PER_MODULE,
#else
    .threads = GIFLAB_PER_INSTANCE,
#endif
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_1US,
    .bytes_per_pixel = 16,
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::frame_metric<difference>,
    .create = giflab::create<difference>,
    .destroy = giflab::destroy<difference>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "test");
