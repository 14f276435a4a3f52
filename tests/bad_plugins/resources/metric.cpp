// The mean absolute difference of luma, sound but for one fault: the macro that is defined names it.
#include <giflab/plugin.hpp>

#ifdef FLUSHES_DENORMALS
#   include <immintrin.h>
#endif

#include <atomic>
#include <cfenv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <memory>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr giflab_output outputs[] = {{.id = "difference",
                                      .help = "Mean absolute difference of luma.",
                                      .unit = "levels",
                                      .lowest = 0,
                                      .highest = 255,
                                      .identical = 0,
                                      .direction = GIFLAB_LOWER_IS_BETTER,
                                      .level = GIFLAB_PER_FRAME,
                                      .pool = GIFLAB_POOL_MEAN}};

[[maybe_unused]] size_t pixels_of(const giflab_pair &pair) {
   return static_cast<size_t>(pair.distorted->width) * static_cast<size_t>(pair.distorted->height);
}

// Keeps the processor busy, asking as it should.
[[maybe_unused]] void spin(const giflab_call &call, double seconds) {
   const clock_t end = clock() + static_cast<clock_t>(seconds * CLOCKS_PER_SEC);
   while (clock() < end)
      giflab::stop_if_cancelled(call);
}

[[maybe_unused]] void spin_deaf(double seconds) {
   const clock_t end = clock() + static_cast<clock_t>(seconds * CLOCKS_PER_SEC);
   while (clock() < end) {
   }
}

uint64_t row_difference(const giflab_pair &pair, int32_t y) {
   const auto *p = giflab::row<uint8_t>(giflab::plane(*pair.reference, GIFLAB_LUMA8), y);
   const auto *q = giflab::row<uint8_t>(giflab::plane(*pair.distorted, GIFLAB_LUMA8), y);
   uint64_t sum = 0;
   for (int32_t x = 0; x < pair.distorted->width; ++x)
      sum += static_cast<uint64_t>(std::abs(p[x] - q[x]));
   return sum;
}

double score_of(const giflab_call &call, const giflab_pair &pair) {
   uint64_t sum = 0;
   for (int32_t y = 0; y < pair.distorted->height; ++y) {
      giflab::stop_if_cancelled(call);
      sum += row_difference(pair, y);
   }
   return static_cast<double>(sum) / pair.distorted->width / pair.distorted->height;
}

// ---- Faults. Each shows in the check that it is for and nowhere else, which is why some wait for a certain
// picture or for the hundredth instance.

#if defined LEAKS_MEMORY || defined LEAKS_FILES || defined LEAKS_MAPPINGS
std::atomic<int> made{0};
void *volatile forgotten = nullptr;

// Other checks make fewer instances than R01.
void leak() {
   if (++made < 100)
      return;
#   ifdef LEAKS_MEMORY
   forgotten = std::malloc(4096);
#   elif defined LEAKS_FILES
   [[maybe_unused]] const int file = open("/dev/null", O_RDONLY);
#   else
   forgotten =
       mmap(nullptr, 4096, made % 2 ? PROT_READ : PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#   endif
}
#endif

#ifdef FORGETS_ON_CANCEL
// A mode that is set for a while, and reset on one way out only.
double rounded_up_score(const giflab_call &call, const giflab_pair &pair) {
   std::fesetround(FE_UPWARD);
   if (call.cancelled(&call))
      throw giflab::failure(GIFLAB_CANCELLED, {});
   std::fesetround(FE_TONEAREST);
   return score_of(call, pair);
}
#endif

#if defined FORGETS_PUT || defined FORGETS_PUT_ON_FAILURE || defined PUTS_TWICE || defined TAKES_A_FOREIGN_KEY
#   define SHARES_A_TABLE
#   ifdef TAKES_A_FOREIGN_KEY
constexpr const char *table_key = "table";
#   else
constexpr const char *table_key = "org.test.faulty/table";
#   endif
giflab_status make_table(const giflab_call *, void *, void **object) noexcept {
   static int table = 0;
   *object = &table;
   return GIFLAB_OK;
}
void drop_table(void *) noexcept {}
#endif

struct difference {
   difference(const giflab_call &call, const giflab_setup &) {
#if defined LEAKS_MEMORY || defined LEAKS_FILES || defined LEAKS_MAPPINGS
      leak();
#elif defined WRITES_ELSEWHERE
      if (std::FILE *file = std::fopen("/tmp/giflab_bad_plugin.txt", "w")) {
         std::fclose(file);
         std::remove("/tmp/giflab_bad_plugin.txt");
      }
#elif defined OPENS_SOCKET
      if (const int made = socket(AF_INET, SOCK_DGRAM, 0); made >= 0)
         close(made);
#elif defined STARTS_PROCESS
      if (const pid_t child = fork(); child == 0)
         _exit(0);
      else if (child > 0)
         waitpid(child, nullptr, 0);
#elif defined SHARES_A_TABLE
      models = static_cast<const giflab_models *>(call.host->query(call.host, GIFLAB_MODELS));
      host = call.host;
      if (models) // without a table it measures as well
         models->get(&call, table_key, make_table, drop_table, nullptr, &table);
#   ifdef FORGETS_PUT_ON_FAILURE
      giflab::stop_if_cancelled(call); // nobody destroys what was not made
#   endif
#endif
      (void)call;
   }
   ~difference() {
#if defined SHARES_A_TABLE && !defined FORGETS_PUT
      if (models && table)
         models->put(host, table);
#endif
#ifdef PUTS_TWICE
      if (models && table)
         models->put(host, table);
#endif
   }
   difference(const difference &) = delete;
   difference &operator=(const difference &) = delete;

   void before(const giflab_call &call, const giflab_pair &pair);

   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
      for (uint32_t i = 0; i < pairs.size(); ++i) {
         before(call, pairs[i]);
#ifdef FORGETS_ON_CANCEL
         const double score = rounded_up_score(call, pairs[i]);
#else
         const double score = score_of(call, pairs[i]);
#endif
         call.score(&call, i, 0, score);
      }
   }

   const giflab_models *models = nullptr;
   const giflab_host *host = nullptr;
   void *table = nullptr;
   uint8_t *kept = nullptr;
};

void difference::before([[maybe_unused]] const giflab_call &call, [[maybe_unused]] const giflab_pair &pair) {
#if defined FLUSHES_DENORMALS
   _mm_setcsr(_mm_getcsr() | 0x8000); // no score sees it
#elif defined PRINTS
   std::puts("one more picture");
#elif defined SETS_ENVIRONMENT
   setenv("GIFLAB_BAD_PLUGIN", "1", 1);
#elif defined TAKES_SCRATCH
   giflab::scratch<uint8_t>(call, 16 * pixels_of(pair));
#elif defined TAKES_HEAP
   std::unique_ptr<volatile uint8_t[]> memory(new uint8_t[16 * pixels_of(pair)]);
   memory[0] = 1;
#elif defined KEEPS_SCRATCH
   if (kept && pair.distorted->height == 540)
      kept[0] = 1;
   kept = giflab::scratch<uint8_t>(call, pixels_of(pair)).data();
#elif defined SLOW
   if (pixels_of(pair) >= size_t{2048} * 256 && pixels_of(pair) < size_t{3840} * 2160)
      spin(call, 300e-9 * static_cast<double>(pixels_of(pair)));
#elif defined DEAF
   if (pixels_of(pair) >= size_t{3840} * 2160)
      spin_deaf(0.1);
#elif defined PROGRESS_FALLS
   call.progress(&call, 0.6);
   call.progress(&call, 0.4);
#endif
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.test.faulty",
    .label = "Faulty",
    .version = "1",
    .vendor = "test",
    .license = "MIT",
    .help = "Mean absolute difference of luma.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_PER_INSTANCE,
    .determinism = GIFLAB_EXACT,
#ifdef SLOW
    .cost = GIFLAB_COST_1NS,
#else
    .cost = GIFLAB_COST_10NS,
#endif
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
