// The mean absolute difference of luma, sound but for one fault of its file, of its tables or of its probe: the
// macro that is defined names it.
#define _GNU_SOURCE
#include <giflab/plugin.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef OPEN_SYMBOL
extern double nobody_has_this(double value);
#endif
#ifdef BORROWS_BLUR
extern double blur(double value);
#endif
#ifdef EXPORTS_MORE
GIFLAB_EXPORT void init(void) {}
#endif
#ifdef EXPORTS_ALLOCATOR
GIFLAB_EXPORT void *calloc(size_t count, size_t size) { return memset(malloc(count * size), 0, count * size); }
#endif
#ifdef TEXT_RELOCATION
__asm__(".text\n.quad giflab_module_entry\n");
#endif

static double scale = 1;

#ifdef OPENS_AT_LOAD
__attribute__((constructor)) static void at_load(void) { scale += open("/dev/null", O_RDONLY) < 0; }
#endif
#ifdef SLOW_TO_LOAD
__attribute__((constructor)) static void at_load(void) {
   nanosleep(&(struct timespec){.tv_nsec = 120 * 1000 * 1000}, NULL);
}
#endif
#ifdef NEVER_LOADED
__attribute__((constructor)) static void at_load(void) {
   for (;;)
      pause();
}
#endif
#ifdef KNOWS_ITS_FILE // what it finds beside itself is not there if it lies elsewhere
__attribute__((constructor)) static void at_load(void) {
   Dl_info self;
   if (dladdr(&scale, &self) && !strstr(self.dli_fname, "/faulty/"))
      scale = 2;
}
#endif

static double row_difference(const giflab_pair *pair, int32_t y) {
   const giflab_plane *a = &pair->reference->views[GIFLAB_LUMA8]->planes[0];
   const giflab_plane *b = &pair->distorted->views[GIFLAB_LUMA8]->planes[0];
#ifdef UNDECLARED_VIEW
   a = &pair->reference->views[GIFLAB_LUMA_F32]->planes[0];
#endif
   const uint8_t *p = (const uint8_t *)a->data + (size_t)y * a->stride;
   const uint8_t *q = (const uint8_t *)b->data + (size_t)y * b->stride;
   double sum = 0;
   for (int32_t x = 0; x < pair->distorted->width; ++x)
      sum += abs(p[x] - q[x]);
   return sum;
}

static giflab_status measure_pair(const giflab_call *call, const giflab_pair *pair, uint32_t i) {
   double sum = 0;
   for (int32_t y = 0; y < pair->distorted->height; ++y) {
      if (call->cancelled(call))
         return GIFLAB_CANCELLED;
      sum += row_difference(pair, y);
   }
#ifdef OPEN_SYMBOL
   sum = nobody_has_this(sum);
#endif
#ifdef BORROWS_BLUR
   sum = blur(sum);
#endif
   call->score(call, i, 0, scale * sum / pair->distorted->width / pair->distorted->height);
   return GIFLAB_OK;
}

static giflab_status measure_all(void *instance, const giflab_call *call, const giflab_pair *pairs,
                                 uint32_t count) {
   (void)instance;
#ifdef LOOKS_UP_ITSELF
   void (*found)(void) = NULL;
   *(void **)&found = dlsym(RTLD_DEFAULT, "measure"); // it takes whatever the process has of that name
   if (found)
      found();
#endif
   giflab_status status = GIFLAB_OK;
   for (uint32_t i = 0; i < count && status == GIFLAB_OK; ++i)
      status = measure_pair(call, &pairs[i], i);
   return status;
}

static giflab_status create(const giflab_call *call, const giflab_setup *setup, void **instance) {
   (void)setup, (void)instance;
#ifdef THIS_MINOR_ONLY
   if (call->host->abi_minor != GIFLAB_ABI_MINOR)
      return call->fail(call, GIFLAB_UNSUPPORTED, "this host is not the one that it was made for");
#endif
   (void)call;
   return GIFLAB_OK;
}
static void destroy(void *instance) { (void)instance; }

#if defined PROBE_RAISES || defined PROBE_EXITS || defined PROBE_HANGS || defined PROBE_OVERRUNS ||            \
    defined PROBE_PRINTS || defined PROBE_WRITES || defined PROBE_WORDLESS
#   define HAS_PROBE
static giflab_status probe(const giflab_call *call, char *fingerprint, size_t capacity) {
   (void)call, (void)fingerprint, (void)capacity;
#   if defined PROBE_RAISES
   raise(SIGFPE);
#   elif defined PROBE_EXITS
   exit(0);
#   elif defined PROBE_HANGS
   for (;;)
      pause();
#   elif defined PROBE_OVERRUNS
   strcpy(fingerprint, "a program 1.2.3");
#   elif defined PROBE_PRINTS
   puts("it is here");
#   elif defined PROBE_WRITES
   remove("/tmp/giflab_bad_plugin.txt");
#   elif defined PROBE_WORDLESS
   return GIFLAB_UNSUPPORTED;
#   endif
   return GIFLAB_OK;
}
#endif

#ifdef BOOL_IN_THE_MIDDLE
static const giflab_param params[] = {
    {.id = "fast", .help = "Faster.", .kind = GIFLAB_BOOL, .lowest = 0, .highest = 1, .initial = 0.5}};
#endif
#ifdef CHOICE_TWICE
static const char *const choices[] = {"fine", "coarse", "fine", NULL};
static const giflab_param params[] = {
    {.id = "grid", .help = "How dense.", .kind = GIFLAB_CHOICE, .choices = choices}};
#endif
#ifdef SAME_MODEL_TWICE
#   define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#   define MODEL                                                                                               \
      { .id = "weights", .sha256 = HASH, .origin = "https://example.org", .license = "MIT", .size = 1 }
static const giflab_model_source models[] = {MODEL, MODEL};
#endif
#ifdef UNKNOWN_NEED
static const char *const needs[] = {"giflab.crystal_ball/1", NULL};
#endif

static const giflab_output outputs[] = {{
    .id = "difference",
    .help = "Mean absolute difference of luma.",
    .unit = "levels",
    .lowest = 0,
    .highest = 255,
    .direction = GIFLAB_LOWER_IS_BETTER,
#ifdef ENDLESS_TOLERANCE
    .tolerance = __builtin_inf(),
#endif
}};

static const giflab_metric metric = {.measure = measure_all};

#ifdef WRITABLE_TABLE
static giflab_plugin plugin
#else
static const giflab_plugin plugin
#endif
    = {
        .size = sizeof(giflab_plugin),
        .id = "org.test.difference",
        .label = "Difference",
#ifdef LINE_BREAK_IN_VERSION
        .version = "1\n2",
#else
        .version = "1",
#endif
#ifdef LATIN_1
        .vendor = "Andr\xE9",
#else
        .vendor = "Test",
#endif
        .license = "MIT",
        .help = "Sound but for one fault.",
#if defined BOOL_IN_THE_MIDDLE || defined CHOICE_TWICE
        GIFLAB_PARAMS(params),
#endif
        GIFLAB_OUTPUTS(outputs),
#ifdef SAME_MODEL_TWICE
        GIFLAB_WEIGHTS(models),
#endif
#ifdef UNKNOWN_NEED
        .needs = needs,
#endif
#ifdef INDICES_ALONE
        .inputs = GIFLAB_BIT(GIFLAB_INDEX8),
#else
        .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
#endif
        .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
        .scope = GIFLAB_SCOPE_FRAME,
        .threads = GIFLAB_REENTRANT,
        .determinism = GIFLAB_EXACT,
        .cost = GIFLAB_COST_10NS,
#ifdef ENDLESS_BATCH
        .batch = 0xFFFFFFFF,
#else
        .batch = 4,
#endif
        .bytes_per_pixel = 1,
        .least_width = 1,
        .least_height = 1,
        .metric = &metric,
#ifdef HAS_PROBE
        .probe = probe,
#endif
        .create = create,
        .destroy = destroy,
};

#ifdef SAME_ID_TWICE
static const giflab_plugin *const plugins[] = {&plugin, &plugin};
#else
static const giflab_plugin *const plugins[] = {&plugin};
#endif

GIFLAB_MODULE(plugins, "test");
