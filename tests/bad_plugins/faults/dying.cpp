// A metric whose call does not come back: the macro that is defined names how.
#include <giflab/plugin.hpp>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <unistd.h>

namespace {

constexpr giflab_output outputs[] = {{.id = "nothing",
                                      .help = "Never scored.",
                                      .unit = "1",
                                      .lowest = 0,
                                      .highest = 1,
                                      .identical = 0,
                                      .direction = GIFLAB_LOWER_IS_BETTER,
                                      .level = GIFLAB_PER_FRAME,
                                      .pool = GIFLAB_POOL_MEAN}};

#if defined(OVERFLOWS_STACK)
int64_t deeper(volatile char *above, int64_t depth) {
   volatile char here[512];
   here[0] = above[0];
   return above[0] ? depth : depth + deeper(here, depth + 1) + here[0];
}
#endif

giflab_status measure(void *, const giflab_call *, const giflab_pair *, uint32_t count) {
   volatile uint32_t none = count - count;
#if defined(THROWS)
   throw std::runtime_error("a word of its own");
#elif defined(FAULTS)
   *reinterpret_cast<volatile char *>(uintptr_t{1} << 44) = 1; // nothing is mapped there
#elif defined(ABORTS)
   std::abort();
#elif defined(EXITS)
   std::exit(0);
#elif defined(DIVIDES)
   none = count / none;
#elif defined(OVERFLOWS_STACK)
   volatile char here = 0;
   none = static_cast<uint32_t>(deeper(&here, 0));
#elif defined(WRITES_TO_ANY_FILE)
   for (int file = 3; file < 64; ++file)
      none = none + (write(file, "garbage", 7) < -1);
#elif defined(HANGS)
   for (;;)
      pause();
#endif
   return none ? GIFLAB_INTERNAL : GIFLAB_OK;
}

giflab_status create(const giflab_call *, const giflab_setup *, void **) noexcept { return GIFLAB_OK; }
void destroy(void *) noexcept {}

// A table takes only functions that promise not to throw; other languages give no such promise.
const giflab_metric metric = {.measure = reinterpret_cast<decltype(giflab_metric::measure)>(measure)};

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.test.dying",
    .label = "Dying",
    .version = "1",
    .vendor = "Test",
    .license = "MIT",
    .help = "Comes to an end.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_PER_INSTANCE,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .least_width = 1,
    .least_height = 1,
    .metric = &metric,
    .create = create,
    .destroy = destroy,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "test");
