// Modules written against the headers of an ABI 1.1 that might be (later_headers.cmake). Which one is a macro's
// choice; its score is 1 unless something is amiss.
#include <giflab/plugin.h>

static giflab_status measure(void *instance, const giflab_call *call, const giflab_pair *pairs,
                             uint32_t count) {
   (void)instance, (void)pairs;
   double value = 1;
#if defined USE_NEWER_MEMBER
   // A host that grew the table without the function behind it leaves NULL, never what lies behind the table.
   value = call->deadline_us == NULL;
#elif defined ASK_FOR_UNKNOWN_SERVICE
   value = call->host->query(call->host, GIFLAB_MAPS) == NULL;
#endif
   for (uint32_t i = 0; i < count; ++i)
      call->score(call, i, 0, value);
   return GIFLAB_OK;
}
static giflab_status create(const giflab_call *call, const giflab_setup *setup, void **instance) {
   (void)call, (void)setup, (void)instance;
   return GIFLAB_OK;
}
static void destroy(void *instance) { (void)instance; }

#if defined NEED_UNKNOWN_SERVICE
static const char *const needs[] = {GIFLAB_TASKS, GIFLAB_MAPS, NULL};
#endif
static const giflab_output outputs[] = {{
    .id = "one",
    .help = "1 if all is well.",
    .unit = "",
    .highest = 1,
#if defined FILL_OUTPUT_TAIL
    .just_noticeable = 0.5,
#endif
}};
static const giflab_metric metric = {.measure = measure};
static const giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.test." NAME,
    .label = "Growth",
    .version = "1",
    .vendor = "test",
    .license = "MIT",
    .help = "Measures nothing.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
#if defined UNKNOWN_SCOPE
    .scope = GIFLAB_SCOPE_WINDOW,
#endif
    .least_width = 1,
    .least_height = 1,
    .metric = &metric,
    .create = create,
    .destroy = destroy,
#if defined NEED_UNKNOWN_SERVICE
    .needs = needs,
#endif
#if defined FILL_PLUGIN_TAIL
    .citation = "https://example.org",
#endif
};
static const giflab_plugin *const plugins[] = {&plugin};

#if defined DECLARE_1_0
// Tables of 1.1 under a declaration of 1.0, as an author without the C headers may write them.
const giflab_module giflab_module_entry = {
    .magic = GIFLAB_MAGIC,
    .abi_major = GIFLAB_ABI_MAJOR,
    .abi_minor = 0,
    .size = sizeof(giflab_module),
    .plugin_count = GIFLAB_COUNT(plugins),
    .plugins = plugins,
#   if defined FILL_MODULE_TAIL
    .signature = "0123",
#   endif
};
#else
GIFLAB_MODULE(plugins, "test");
#endif
