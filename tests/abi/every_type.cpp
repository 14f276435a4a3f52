// Mentions every type and every list of values of the ABI, so that abidw describes them all: a description
// reaches no further than the types of exported variables. C++, because there a list of values is a type. The
// tables that example and module share are here as well as in sdk/examples/psnr.c, seen by the other language.
#include <giflab/plugin.h>

#define MENTION(type) GIFLAB_EXPORT type mentioned_##type
#define MENTION_VALUES(name, first) GIFLAB_EXPORT decltype(first) values_of_##name

extern "C" {
MENTION_VALUES(status, GIFLAB_OK);
MENTION_VALUES(representation, GIFLAB_RGBA8);
MENTION_VALUES(memory, GIFLAB_MEMORY_HOST);
MENTION_VALUES(log_level, GIFLAB_LOG_DEBUG);
MENTION_VALUES(param_kind, GIFLAB_BOOL);
MENTION_VALUES(param_flags, GIFLAB_PARAM_SPEED_ONLY);
MENTION_VALUES(direction, GIFLAB_NEITHER_IS_BETTER);
MENTION_VALUES(level, GIFLAB_PER_FRAME);
MENTION_VALUES(pool, GIFLAB_POOL_MEAN);
MENTION_VALUES(scope, GIFLAB_SCOPE_FRAME);
MENTION_VALUES(threads, GIFLAB_PER_INSTANCE);
MENTION_VALUES(determinism, GIFLAB_WITHIN_TOLERANCE);
MENTION_VALUES(cost, GIFLAB_COST_1NS);
MENTION_VALUES(flags, GIFLAB_FLAG_NO_REFERENCE);
MENTION_VALUES(changed_side, GIFLAB_CHANGED_SIDE);

MENTION(giflab_status);
MENTION(giflab_plane);
MENTION(giflab_view);
MENTION(giflab_image);
MENTION(giflab_pair);
MENTION(giflab_clip);
MENTION(giflab_showing);
MENTION(giflab_file);
MENTION(giflab_comparison);

MENTION(giflab_host);
MENTION(giflab_call);
MENTION(giflab_model);
MENTION(giflab_models);
MENTION(giflab_tasks);
MENTION(giflab_files);
MENTION(giflab_process);
MENTION(giflab_processes);
MENTION(giflab_cache);
MENTION(giflab_cuda);

MENTION(giflab_param);
MENTION(giflab_value);
MENTION(giflab_output);
MENTION(giflab_model_source);
MENTION(giflab_setup);
MENTION(giflab_metric);
MENTION(giflab_canvas);
MENTION(giflab_sink);
MENTION(giflab_filter);
MENTION(giflab_encoder);
MENTION(giflab_plugin);
MENTION(giflab_module);
}
