#pragma once
// What the host gives. giflab_host and giflab_call are always whole; services are optional: ask with
// query() and cope with NULL, or list the id in giflab_plugin.needs and the host checks it at scan time.

#include "frame.h"

GIFLAB_C_BEGIN

enum { GIFLAB_LOG_DEBUG, GIFLAB_LOG_INFO, GIFLAB_LOG_WARNING, GIFLAB_LOG_ERROR };

typedef struct giflab_host {
   uint32_t    abi_minor; // of the running host
   uint32_t    reserved;
   const char *name;    // "giflab"
   const char *version; // "1.4.2"

   // A service table, static, or NULL. The same id always gives the same pointer. [any]
   const void *(*query)(const struct giflab_host *host, const char *id) GIFLAB_NOEXCEPT;

   // [any]
   void (*log)(const struct giflab_host *host, int32_t level, const char *message) GIFLAB_NOEXCEPT;
} giflab_host;

// One invocation. Borrowed; never keep it. Every function: [any].
typedef struct giflab_call {
   const giflab_host *host;
   uint64_t           seed; // the only source of randomness; equal inputs get equal seeds

   // Poll at least every 10 ms of work; on true, return GIFLAB_CANCELLED.
   bool (*cancelled)(const struct giflab_call *call) GIFLAB_NOEXCEPT;

   // 0..1, never decreasing; cheap enough for every row.
   void (*progress)(const struct giflab_call *call, double fraction) GIFLAB_NOEXCEPT;

   // Arena memory in GIFLAB_MEMORY_*, 64-byte aligned (256 on CUDA), uninitialised; gone when the call
   // returns. NULL when there is none: return GIFLAB_NO_MEMORY.
   void *(*scratch)(const struct giflab_call *call, uint32_t memory, size_t bytes) GIFLAB_NOEXCEPT;

   // Attach a sentence for the user, copied. Returns `status`, so a failure is one line:
   //    return call->fail(call, GIFLAB_IO, "gifsicle exited with 2");
   giflab_status (*fail)(const struct giflab_call *call, giflab_status status, const char *message)
       GIFLAB_NOEXCEPT;

   // Metrics: the value of outputs[output] for pairs[pair] of this call (pair 0 for a whole clip or file).
   // Each exactly once per call; NaN means "undefined here" and is left out of pooling, never made 0.
   void (*score)(const struct giflab_call *call, uint32_t pair, uint32_t output, double value) GIFLAB_NOEXCEPT;
} giflab_call;

// ---- Services. A table is frozen once released; a changed one gets a new id and the host serves both.

#define GIFLAB_MODELS "giflab.models/1"
// Weights, verified against the declared SHA-256, loaded once per memory and shared by all instances.
typedef struct giflab_model {
   const void *data;
   size_t      size;
   const char *path;
} giflab_model;
typedef struct giflab_models {
   // `id` must be in giflab_plugin.models. Blocks while loading; honours cancellation. Balance each
   // success with release, from any thread. [any]
   giflab_status (*acquire)(const giflab_call *call, const char *id, uint32_t memory,
                            const giflab_model **model) GIFLAB_NOEXCEPT;
   // [any]
   void (*release)(const giflab_host *host, const giflab_model *model) GIFLAB_NOEXCEPT;

   // An object built once per key and shared, e.g. an inference session over a model. `make` runs once;
   // `drop` runs after the last put, on any thread. Key: "<plugin id>/...". [any]
   giflab_status (*get)(const giflab_call *call, const char *key,
                        giflab_status (*make)(const giflab_call *call, void *user, void **object) GIFLAB_ENTRY,
                        void (*drop)(void *object) GIFLAB_ENTRY, void *user, void **object) GIFLAB_NOEXCEPT;
   // [any]
   void (*put)(const giflab_host *host, void *object) GIFLAB_NOEXCEPT;
} giflab_models;

#define GIFLAB_TASKS "giflab.tasks/1"
typedef struct giflab_tasks {
   // Runs body(user, i, lane) for i in [0, count), lane in [0, lanes); returns when all are done. The
   // caller works too, so nesting cannot deadlock. First non-OK status stops the rest. [any]
   giflab_status (*run)(const giflab_call *call, uint32_t                                                count,
                        giflab_status (*body)(void *user, uint32_t i, uint32_t lane) GIFLAB_ENTRY, void *user)
       GIFLAB_NOEXCEPT;
   // How many lanes run() may use, for per-lane accumulators. [any]
   uint32_t (*lanes)(const giflab_call *call) GIFLAB_NOEXCEPT;
} giflab_tasks;

#define GIFLAB_FILES "giflab.files/1"
typedef struct giflab_files {
   // A fresh path in this call's private directory, borrowed. The directory and everything in it are
   // removed when the call ends, also after a crash. NULL if the disk quota is spent. [any]
   const char *(*temporary)(const giflab_call *call, const char *suffix) GIFLAB_NOEXCEPT;
} giflab_files;

#define GIFLAB_PROCESSES "giflab.processes/1"
typedef struct giflab_process {
   uint32_t           size;         // sizeof(giflab_process)
   int32_t            timeout_ms;   // 0 = the run's own limit
   const char *const *argv;         // argv[0] is looked up in the host's allow-list, never in a shell
   const char        *directory;    // NULL = this call's private directory
   size_t             memory_limit; // bytes, 0 = the run's own limit
   int32_t            exit_code;    // out
   int32_t            signal;       // out, 0 if it exited
   const char        *output;       // out, borrowed: last 64 KiB of stdout and stderr
} giflab_process;
typedef struct giflab_processes {
   // Runs to completion in its own process group, killed with all its children on cancel or timeout.
   // GIFLAB_OK means it ran: look at exit_code. The host writes only within `size`. [any]
   giflab_status (*run)(const giflab_call *call, giflab_process *process) GIFLAB_NOEXCEPT;
} giflab_processes;

#define GIFLAB_CACHE "giflab.cache/1"
// Intermediate blobs. Keys are private to (plugin id, version, parameters, fingerprint). Final scores
// need none of this: the host caches them by itself.
typedef struct giflab_cache {
   // What was put under this key, borrowed; NULL if nothing was. [any]
   const void *(*get)(const giflab_call *call, const char *key, size_t *size) GIFLAB_NOEXCEPT;
   // Copied; may be forgotten at any time. [any]
   void (*put)(const giflab_call *call, const char *key, const void *data, size_t size) GIFLAB_NOEXCEPT;
} giflab_cache;

#define GIFLAB_CUDA "giflab.cuda/1"
typedef struct giflab_cuda {
   // CUcontext (already current) and CUstream of this call. Inputs are ready in stream order. Wait on
   // this stream only, never on the device. [worker]
   void *(*context)(const giflab_call *call) GIFLAB_NOEXCEPT;
   // [worker]
   void *(*stream)(const giflab_call *call) GIFLAB_NOEXCEPT;
   // Of the device, as CUDA counts them. [worker]
   int32_t (*ordinal)(const giflab_call *call) GIFLAB_NOEXCEPT;
} giflab_cuda;

GIFLAB_C_END
