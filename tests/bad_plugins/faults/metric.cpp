// The mean absolute difference of luma, sound until something fails that it relies on: the macro that is
// defined names what it does wrong then.
#include <giflab/plugin.hpp>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <unistd.h>

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

[[maybe_unused]] constexpr giflab_model_source models[] = {
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "https://example.org/abc",
     "MIT", 3}};

int64_t row_difference(const giflab_pair &pair, int32_t y) {
   const auto *p = giflab::row<uint8_t>(giflab::plane(*pair.reference, GIFLAB_LUMA8), y);
   const auto *q = giflab::row<uint8_t>(giflab::plane(*pair.distorted, GIFLAB_LUMA8), y);
   int64_t sum = 0;
   for (int32_t x = 0; x < pair.distorted->width; ++x)
      sum += std::abs(p[x] - q[x]);
   return sum;
}

template <class Table> const Table *service(const giflab_call &call, const char *id) {
   return static_cast<const Table *>(call.host->query(call.host, id));
}

// ---- Memory. Each gives the number 1, or does something wrong.

#if defined(FOLLOWS_NULL_SCRATCH) // where there was some before, there will be more
int64_t one(const giflab_call &call) {
   giflab::scratch<int64_t>(call, 1);
   auto *memory = static_cast<volatile int64_t *>(call.scratch(&call, GIFLAB_MEMORY_HOST, sizeof(int64_t)));
   *memory = 1;
   return *memory;
}
#elif defined(FOLLOWS_NULL_MALLOC)
int64_t one(const giflab_call &) {
   auto *memory = static_cast<volatile int64_t *>(std::malloc(sizeof(int64_t)));
   *memory = 1;
   const int64_t value = *memory;
   std::free(const_cast<int64_t *>(memory));
   return value;
}
#elif defined(SWALLOWS_BAD_ALLOC)
int64_t one(const giflab_call &) {
   try {
      auto *memory = new volatile int64_t(1);
      const int64_t value = *memory;
      delete memory;
      return value;
   } catch (const std::bad_alloc &) {
      return 0;
   }
}
#elif defined(LEAKS_ON_FAILURE)
int64_t one(const giflab_call &call) {
   auto *memory = static_cast<volatile int64_t *>(std::malloc(sizeof(int64_t)));
   if (!memory)
      throw std::bad_alloc();
   *memory = giflab::scratch<int64_t>(call, 1).size() == 1; // throws, and who frees the memory?
   const int64_t value = *memory;
   std::free(const_cast<int64_t *>(memory));
   return value;
}
#elif defined(CALLS_IT_A_BUG)
int64_t one(const giflab_call &call) {
   if (!call.scratch(&call, GIFLAB_MEMORY_HOST, sizeof(int64_t)))
      throw giflab::failure(GIFLAB_INTERNAL, "this cannot be");
   return 1;
}
#elif defined(WORDLESS)
int64_t one(const giflab_call &call) {
   if (!call.scratch(&call, GIFLAB_MEMORY_HOST, sizeof(int64_t)))
      throw giflab::failure(GIFLAB_NO_MEMORY, {});
   return 1;
}

// ---- Services

#elif defined(FOLLOWS_NULL_SERVICE)
int64_t one(const giflab_call &call) { return service<giflab_tasks>(call, GIFLAB_TASKS)->lanes(&call) > 0; }
#elif defined(REFUSES_LATE)
int64_t one(const giflab_call &call) {
   if (!service<giflab_tasks>(call, GIFLAB_TASKS))
      throw giflab::failure(GIFLAB_UNSUPPORTED, "there are no tasks");
   return 1;
}
#elif defined(IGNORES_MODEL)
int64_t one(const giflab_call &call) {
   const auto *lender = service<giflab_models>(call, GIFLAB_MODELS);
   const giflab_model *model = nullptr;
   if (lender->acquire(&call, "abc", GIFLAB_MEMORY_HOST, &model) != GIFLAB_OK)
      return 0; // a guess is no score
   const int64_t value = *static_cast<const char *>(model->data) == 'a';
   lender->release(call.host, model);
   return value;
}
#elif defined(STOPS_AT_QUOTE)
struct close_file {
   void operator()(std::FILE *file) const { std::fclose(file); }
};
int64_t one(const giflab_call &call) {
   const char *path = service<giflab_files>(call, GIFLAB_FILES)->temporary(&call, ".txt");
   if (!path)
      throw giflab::failure(GIFLAB_IO, "there is no room for a temporary file");
   char part[8192];
   std::sscanf(path, "%8191[^\"]", part);
   const std::unique_ptr<std::FILE, close_file> file(std::fopen(part, "w"));
   return access(path, F_OK) == 0; // where nothing is if the name has a quote in it
}
#elif defined(IGNORES_EXIT)
int64_t one(const giflab_call &call) {
   const char *const argv[] = {"gifsicle", "--version", nullptr};
   giflab_process process{};
   process.size = sizeof process;
   process.argv = argv;
   service<giflab_processes>(call, GIFLAB_PROCESSES)->run(&call, &process);
   return 1;
}
#else
int64_t one(const giflab_call &) { return 1; }
#endif

// ---- Being cancelled

[[maybe_unused]] void work_on() {
   const std::clock_t end = std::clock() + CLOCKS_PER_SEC * 7 / 10;
   while (std::clock() < end)
      ;
}

struct difference {
   explicit difference(const giflab_setup &) {}

   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
      for (uint32_t i = 0; i < pairs.size(); ++i) {
         const int64_t weight = one(call);
         call.score(&call, i, 0,
                    static_cast<double>(weight * sum_of(call, pairs[i])) / pairs[i].distorted->width /
                        pairs[i].distorted->height);
      }
   }

#if defined(REMEMBERS_CANCELLED)
   int64_t sum = 0; // of the rows so far
   int64_t sum_of(const giflab_call &call, const giflab_pair &pair){
#else
   int64_t sum_of(const giflab_call &call, const giflab_pair &pair) const {
      int64_t sum = 0;
#endif
       for (int32_t y = 0; y < pair.distorted->height; ++y) {
          if (call.cancelled(&call)) {
#if defined(WORKS_ON)
             work_on();
#elif defined(STOPS_HALF_DONE)
            break;
#endif
   throw giflab::failure(GIFLAB_CANCELLED, {});
} sum += row_difference(pair, y);
} // namespace
#if defined(REMEMBERS_CANCELLED)
return std::exchange(sum, 0);
#else
      return sum;
#endif
}
}
;

[[maybe_unused]] constexpr const char *needs_models[] = {GIFLAB_MODELS, nullptr};
[[maybe_unused]] constexpr const char *needs_files[] = {GIFLAB_FILES, nullptr};
[[maybe_unused]] constexpr const char *needs_processes[] = {GIFLAB_PROCESSES, nullptr};

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.test.faults",
    .label = "Difference",
    .version = "1",
    .vendor = "Test",
    .license = "MIT",
    .help = "Sound but for one fault.",
    GIFLAB_OUTPUTS(outputs),
#if defined(IGNORES_MODEL)
    GIFLAB_WEIGHTS(models),
    .needs = needs_models,
#elif defined(STOPS_AT_QUOTE)
    .needs = needs_files,
#elif defined(IGNORES_EXIT)
    .needs = needs_processes,
#endif
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_PER_INSTANCE,
    .determinism = GIFLAB_EXACT,
#if defined(STOPS_AT_QUOTE) || defined(IGNORES_EXIT)
    .cost = GIFLAB_COST_MORE,
#else
    .cost = GIFLAB_COST_10NS,
#endif
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
