// A small module whose tables are right but for the fault that a macro switches on.
#include <giflab/plugin.h>

#include <math.h>

static giflab_status measure(void *instance, const giflab_call *call, const giflab_pair *pairs,
                             uint32_t count) {
   (void)instance, (void)pairs;
   for (uint32_t i = 0; i < count; ++i)
      call->score(call, i, 0, 0);
   return GIFLAB_OK;
}
static giflab_status create(const giflab_call *call, const giflab_setup *setup, void **instance) {
   (void)call, (void)setup, (void)instance;
   return GIFLAB_OK;
}
static void destroy(void *instance) { (void)instance; }

#if defined REENTRANT_CLIP
static giflab_status begin(void *instance, const giflab_call *call, const giflab_clip *clip) {
   (void)instance, (void)call, (void)clip;
   return GIFLAB_OK;
}
static giflab_status finish(void *instance, const giflab_call *call) {
   (void)instance, (void)call;
   return GIFLAB_OK;
}
#endif
#if defined TWO_KINDS
static const giflab_encoder encoder = {.extension = "gif"};
#endif
#if defined PARAM_OUTSIDE
static const giflab_param params[] = {
    {.id = "sigma", .help = "Width.", .kind = GIFLAB_REAL, .lowest = 1, .highest = 2, .initial = 3}};
#endif
#if defined MANY_PARAMS
static const giflab_param params[] = {{.id = "sigma", .help = "Width.", .kind = GIFLAB_REAL, .highest = 1}};
#endif
#if defined BOUNDS_BEYOND_CHOICES
static const char *const choices[] = {"fine", "coarse", NULL};
static const giflab_param params[] = {
    {.id = "grid", .help = "How dense.", .kind = GIFLAB_CHOICE, .highest = 2, .choices = choices}};
#endif
#if defined BAD_MODEL
static const giflab_model_source models[] = {{.id = "m", .sha256 = "1234", .license = "MIT", .size = 1}};
#endif
#if defined SIZELESS_MODEL
static const giflab_model_source models[] = {
    {.id = "m",
     .sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
     .license = "MIT"}};
#endif
#if defined UNKNOWN_SERVICE
static const char *const needs[] = {"giflab.crystal_ball/1", NULL};
#endif

static const giflab_output outputs[] = {{
    .id = "bad",
    .help = "Nothing.",
    .unit = "",
    .lowest = 0,
    .highest = INFINITY,
#if defined INFINITE_MEAN
    .identical = INFINITY,
#endif
#if defined PER_CLIP_FRAME
    .level = GIFLAB_PER_CLIP,
#endif
#if defined HUGE_SIDE
    .least_side = 1u << 31,
#endif
}};

static const giflab_metric metric = {
    .measure = measure,
#if defined REENTRANT_CLIP
    .begin = begin,
    .finish = finish,
#endif
};

struct newer_plugin { // as a later minor version might have it
   giflab_plugin known;
   uint64_t unknown;
};

static const struct newer_plugin plugin = {
    .known =
        {
#if defined SHORT_TABLE
            .size = 40,
#elif defined NEWER_FIELDS
            .size = sizeof(struct newer_plugin),
#else
            .size = sizeof(giflab_plugin),
#endif
#if defined BAD_ID
            .id = "Not An Id",
#else
            .id = "org.test.bad",
#endif
            .label = "Bad",
            .version = "1",
            .vendor = "test",
            .license = "MIT",
#if !defined NO_HELP
            .help = "Measures nothing.",
#endif
            GIFLAB_OUTPUTS(outputs),
#if defined PARAM_OUTSIDE || defined BOUNDS_BEYOND_CHOICES
            GIFLAB_PARAMS(params),
#endif
#if defined MANY_PARAMS
            .params = params,
            .param_count = 0xF0000000,
            .param_size = sizeof *params,
#endif
#if defined NULL_MODELS
            .model_count = 60000000,
            .model_size = sizeof(giflab_model_source),
#endif
#if defined BAD_MODEL || defined SIZELESS_MODEL
            GIFLAB_WEIGHTS(models),
#endif
#if defined UNKNOWN_SERVICE
            .needs = needs,
#endif
#if defined UNKNOWN_INPUT
            .inputs = 1u << 20,
#else
            .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
#endif
            .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
#if defined UNKNOWN_SCOPE
            .scope = 17,
#elif defined CLIP_WITHOUT_BEGIN || defined REENTRANT_CLIP
            .scope = GIFLAB_SCOPE_CLIP,
#endif
#if defined REENTRANT_CLIP
            .threads = GIFLAB_REENTRANT,
#endif
#if defined RESERVED_SET
            .reserved = 1,
#endif
#if defined HUGE_PICTURES
            .least_width = 0x7FFFFFFF,
            .least_height = 0x7FFFFFFF,
#else
            .least_width = 1,
            .least_height = 1,
#endif
            .metric = &metric,
#if defined TWO_KINDS
            .encoder = &encoder,
#endif
            .create = create,
            .destroy = destroy,
        },
    .unknown = 1,
};
static const giflab_plugin *const plugins[] = {&plugin.known};

#if defined MISSPELT_ENTRY
#   define giflab_module_entry giflab_module_entri
extern GIFLAB_EXPORT const giflab_module giflab_module_entry;
#endif

const giflab_module giflab_module_entry = {
#if defined WRONG_MAGIC
    0xDEADBEEF,
#else
    GIFLAB_MAGIC,
#endif
#if defined WRONG_MAJOR
    GIFLAB_ABI_MAJOR + 1,
#else
    GIFLAB_ABI_MAJOR,
#endif
#if defined NEWER_MINOR
    GIFLAB_ABI_MINOR + 1,
#else
    GIFLAB_ABI_MINOR,
#endif
#if defined ZERO_SIZE
    0,
#else
    sizeof(giflab_module),
#endif
#if defined NO_PLUGINS
    0,
#elif defined MANY_PLUGINS
    0xF0000000,
#else
    GIFLAB_COUNT(plugins),
#endif
    plugins,
    "test",
};
