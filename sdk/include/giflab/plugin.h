#pragma once
// What a plugin gives: constant tables, readable without running any of its code. From them the host
// makes --help, the reference pages, config validation, the schedule and the columns of the report.

#include "host.h"

GIFLAB_C_BEGIN

// ---- Parameters

enum { GIFLAB_BOOL, GIFLAB_INT, GIFLAB_REAL, GIFLAB_CHOICE, GIFLAB_TEXT, GIFLAB_PATH };
enum {
   GIFLAB_PARAM_SPEED_ONLY = 1u << 0, // cannot change a result; left out of cache keys and column names
   GIFLAB_PARAM_ADVANCED   = 1u << 1, // hidden from the short help
};

typedef struct giflab_param {
   const char        *id;   // [a-z][a-z0-9_]*, unique here, never renamed
   const char        *help; // one sentence
   const char        *unit; // "px", "dB", ... or NULL
   uint32_t           kind;
   uint32_t           flags;
   double             lowest, highest, initial; // BOOL: 0/1. INT: |x| <= 2^53. CHOICE: index into choices
   const char *const *choices;                  // CHOICE: NULL-terminated
   const char        *initial_text;             // TEXT, PATH
} giflab_param;

// One per param, in table order: parsed, range-checked and defaulted by the host. Frozen layout.
typedef struct giflab_value {
   double      number;
   const char *text; // TEXT, PATH, and the chosen name of a CHOICE
} giflab_value;

// ---- Outputs

enum { GIFLAB_NEITHER_IS_BETTER, GIFLAB_HIGHER_IS_BETTER, GIFLAB_LOWER_IS_BETTER };
enum { GIFLAB_PER_FRAME, GIFLAB_PER_CLIP };
// How the host folds PER_FRAME values into one; all but MIN, MAX and SUM are weighted by display time.
enum {
   GIFLAB_POOL_MEAN,
   GIFLAB_POOL_HARMONIC_MEAN,
   GIFLAB_POOL_MIN,
   GIFLAB_POOL_MAX,
   GIFLAB_POOL_P05,
   GIFLAB_POOL_P95,
   GIFLAB_POOL_SUM,
   // -10 log10 of the mean of 10^(-v/10): decibels of the mean error. Takes +INFINITY (no error at all)
   // for what it is, so that one unchanged picture does not make a whole clip infinite.
   GIFLAB_POOL_DECIBEL_MEAN,
};

typedef struct giflab_output {
   const char *id;              // "ssimulacra2": a column name; [a-z][a-z0-9_]*, unique here, never renamed
   const char *help;            // one sentence
   const char *unit;            // "dB", "1", ...
   double      lowest, highest; // every value lies within. An infinite value needs an infinite bound
                                // here, and pooling by MIN, MAX, P05, P95 or DECIBEL_MEAN
   double      identical;       // the value for reference == distorted, NaN if there is none
   double      tolerance;       // two values this close count as equal; 0 = bit-exact
   uint32_t    direction, level, pool;
   // Pixels: where width or height is less, this output has no value, others of the plugin may have one. 0 = as
   // small as the plugin takes.
   uint32_t    least_side;
} giflab_output;

// ---- Models

typedef struct giflab_model_source {
   const char *id; // "lpips-alex-0.1"
   // 64 lowercase hex digits. "" = pinned when it was imported, for a file that is made on the user's machine:
   // `giflab models import` writes its hash beside it, and the host holds it to that.
   const char *sha256;
   // The URL of this very file, which `giflab models pull` fetches; or else, for a person, what to import it
   // from. The host never downloads in a run.
   const char *origin;
   const char *license; // SPDX
   uint64_t    size;    // in bytes; 0 = not known before it was imported, only where sha256 is ""
} giflab_model_source;

// ---- Instances

typedef struct giflab_setup {
   giflab_clip         clip;   // every image of this instance has this size
   uint32_t            memory; // the residency the host chose from .memory
   uint32_t            level;  // optimisation level; 0 asks for the plain scalar code that judges the rest
   const giflab_value *values; // [param_count]
   // [output_count] 0 for outputs that nobody will look at: they need not be computed, nor scored. NULL = all
   // are wanted.
   const uint8_t      *wanted;
} giflab_setup;

// FRAME: pairs come in any order. CLIP: begin, every pair in order, finish; begin also resets, and is
// legal after a failed or cancelled clip. FILE: inspect alone, on the files themselves.
enum { GIFLAB_SCOPE_FRAME, GIFLAB_SCOPE_CLIP, GIFLAB_SCOPE_FILE };
// How far calls may overlap. 0, for who forgets to say, is the safe one that still runs in parallel.
enum {
   GIFLAB_PER_INSTANCE, // one call at a time in an instance; instances are independent
   GIFLAB_REENTRANT,    // any number of calls at a time in one instance
   GIFLAB_PER_MODULE,   // one call at a time in the whole module
};
// What equal inputs give. 0 promises least.
enum {
   GIFLAB_WITHIN_TOLERANCE, // values within output.tolerance
   GIFLAB_EXACT,            // equal bits
   GIFLAB_SEEDED,           // equal bits for equal call->seed
};
// Host-memory time per pixel on one core, at most.
enum { GIFLAB_COST_1NS, GIFLAB_COST_10NS, GIFLAB_COST_100NS, GIFLAB_COST_1US, GIFLAB_COST_MORE };
enum {
   GIFLAB_FLAG_NO_REFERENCE = 1u << 0, // metric of `distorted` alone; `reference` is NULL
   GIFLAB_FLAG_ISOLATE      = 1u << 1, // always run in a worker process
   GIFLAB_FLAG_ON_REQUEST   = 1u << 2, // left out of the set `default`: runs when named, or with `all`
   // Metric: an image in host memory that has INDEX8 may come without the other views of .inputs, and pairs of
   // such come with giflab_image.index_pairs. Nobody then makes what nobody looks at.
   GIFLAB_FLAG_INDEX8_ALONE = 1u << 3,
};

typedef struct giflab_metric {
   // One to giflab_plugin.batch pairs; small pictures come many at a time, so that one kernel launch or one
   // call serves them all. [worker]
   giflab_status (*measure)(void *instance, const giflab_call *call, const giflab_pair *pairs, uint32_t count)
       GIFLAB_ENTRY;
   // CLIP scope: a clip starts; forget any before it. [worker]
   giflab_status (*begin)(void *instance, const giflab_call *call, const giflab_clip *clip) GIFLAB_ENTRY;
   // CLIP scope: every pair was measured; PER_CLIP outputs are scored here, as pair 0. [worker]
   giflab_status (*finish)(void *instance, const giflab_call *call) GIFLAB_ENTRY;
   // FILE scope: container facts, sizes, timing, sound. Outputs are PER_CLIP. [worker]
   giflab_status (*inspect)(void *instance, const giflab_call *call, const giflab_comparison *comparison)
       GIFLAB_ENTRY;
} giflab_metric; // begin, finish: CLIP only; inspect: FILE only, and then measure is NULL

// A picture being written; host-owned, RGBA8, in setup.memory, valid until put or the call's end.
typedef struct giflab_canvas {
   void   *data;
   size_t  stride;
   int32_t width, height;
} giflab_canvas;
typedef struct giflab_sink {
   // A canvas of the planned size, to be painted whole; NULL: no memory. [any]
   giflab_canvas *(*open)(const struct giflab_sink *sink, int64_t start_us, int64_t duration_us)GIFLAB_NOEXCEPT;
   // Hands a painted canvas over; it is the host's again, whatever the status. [any]
   giflab_status (*put)(const struct giflab_sink *sink, giflab_canvas *canvas) GIFLAB_NOEXCEPT;
   // The image goes through with its pixels unchanged, without a copy. [any]
   giflab_status (*pass)(const struct giflab_sink *sink, const giflab_image *image, int64_t start_us,
                         int64_t duration_us) GIFLAB_NOEXCEPT;
} giflab_sink;

typedef struct giflab_filter {
   // The result's size and, where known, its length. [main]
   giflab_status (*plan)(void *instance, const giflab_clip *source, giflab_clip *result) GIFLAB_ENTRY;
   // Consumes one image and puts zero or more. FRAME scope puts exactly one. CLIP scope gets a last call
   // with NULL to drain. [worker]
   giflab_status (*apply)(void *instance, const giflab_call *call, const giflab_image *image,
                          const giflab_sink *sink) GIFLAB_ENTRY;
} giflab_filter;

typedef struct giflab_encoder {
   const char *extension; // "gif"
   // File to file, e.g. around a command-line tool. Either this or the three below; the rest NULL. The
   // host renames `target` into place only on GIFLAB_OK. [worker]
   giflab_status (*transcode)(void *instance, const giflab_call *call, const char *source, const char *target)
       GIFLAB_ENTRY;
   // Images to file: a clip starts. [worker]
   giflab_status (*begin)(void *instance, const giflab_call *call, const giflab_clip *clip) GIFLAB_ENTRY;
   // The next image, in display order. [worker]
   giflab_status (*add)(void *instance, const giflab_call *call, const giflab_image *image) GIFLAB_ENTRY;
   // Every image was added: write `target`. [worker]
   giflab_status (*finish)(void *instance, const giflab_call *call, const char *target) GIFLAB_ENTRY;
} giflab_encoder;

typedef struct giflab_plugin {
   uint32_t    size; // sizeof(giflab_plugin)
   uint32_t    flags;
   const char *id;      // "org.giflab.psnr", never renamed; the install name is free
   const char *label;   // "PSNR"
   const char *version; // any change of results changes this string: it is in every cache key
   const char *vendor, *license, *url, *help;

   const giflab_param        *params;
   uint32_t                   param_count, param_size; // sizes: sizeof *params ...
   const giflab_output       *outputs;
   uint32_t                   output_count, output_size;
   const giflab_model_source *models;
   uint32_t                   model_count, model_size;
   const char *const         *needs; // NULL-terminated service ids it cannot work without, or NULL

   uint32_t inputs; // mask of GIFLAB_BIT(GIFLAB_RGBA8 ...); 0 for file-to-file encoders
   uint32_t memory; // mask of GIFLAB_BIT(GIFLAB_MEMORY_*); HOST is the fallback, so nearly always set
   uint32_t scope, threads, determinism, cost;
   uint32_t lookback;        // previous images needed, 0..8; keeps a temporal metric order-free and parallel
   uint32_t batch;           // most pairs per measure call that it gains from; 0 or 1 = one
   uint32_t bytes_per_pixel; // peak scratch plus state, for admission control
   uint32_t reserved;        // 0
   int32_t  least_width, least_height; // smaller pictures are never passed

   // Exactly one is set: it is what this plugin is.
   const giflab_metric  *metric;
   const giflab_filter  *filter;
   const giflab_encoder *encoder;

   // Is the tool, model or device really here? NULL = yes. `fingerprint` (e.g. "gifsicle 1.94") joins
   // the cache key. Must answer within a second. [main]
   giflab_status (*probe)(const giflab_call *call, char *fingerprint, size_t capacity) GIFLAB_ENTRY;

   // Makes *instance, which may stay NULL where there is no state; leaves it alone on failure. `setup` is
   // borrowed. [worker]
   giflab_status (*create)(const giflab_call *call, const giflab_setup *setup, void **instance) GIFLAB_ENTRY;
   // Comes once for each create that gave GIFLAB_OK, after every call on the instance returned. [worker]
   void (*destroy)(void *instance) GIFLAB_ENTRY;
} giflab_plugin;

#define GIFLAB_PARAMS(t) .params = t, .param_count = GIFLAB_COUNT(t), .param_size = sizeof *t
#define GIFLAB_OUTPUTS(t) .outputs = t, .output_count = GIFLAB_COUNT(t), .output_size = sizeof *t
#define GIFLAB_WEIGHTS(t) .models = t, .model_count = GIFLAB_COUNT(t), .model_size = sizeof *t

// ---- The module: the one exported symbol. The first 16 bytes keep this layout in every major.

typedef struct giflab_module {
   uint32_t                    magic; // GIFLAB_MAGIC
   uint16_t                    abi_major, abi_minor;
   uint32_t                    size; // sizeof(giflab_module)
   uint32_t                    plugin_count;
   const giflab_plugin *const *plugins;
   const char                 *build; // for bug reports: compiler, commit; no dates, so builds reproduce
} giflab_module;

extern GIFLAB_EXPORT const giflab_module giflab_module_entry;

#define GIFLAB_MODULE(list, note)                                                                              \
   const giflab_module giflab_module_entry = {                                                                 \
       GIFLAB_MAGIC, GIFLAB_ABI_MAJOR, GIFLAB_TARGET, sizeof(giflab_module), GIFLAB_COUNT(list), list, note}

GIFLAB_C_END
