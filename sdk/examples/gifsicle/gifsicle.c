// GIF to smaller GIF with gifsicle -O3 --lossy=N (https://www.lcdf.org/gifsicle/).
//
// It shows: an encoder from file to file around a command-line tool. giflab.processes/1 runs the tool, without
// a shell, and ends it on cancel and timeout; giflab.files/1 gives the tool a place to write to. Only a result
// that is complete is copied to `target`, so that a failure leaves nothing there. `probe` says whether the tool
// is here and which version: the version joins the cache key, since another gifsicle makes another file.

#define _XOPEN_SOURCE 700
#include <giflab/plugin.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const giflab_param params[] = {
    {.id = "lossy",
     .help = "How far the encoder may depart from the picture; 0 is lossless.",
     .kind = GIFLAB_INT,
     .lowest = 0,
     .highest = 1000,
     .initial = 20},
};

typedef struct instance {
   int lossy;
} instance;

// ---- Running the tool

// The last line that is not empty, for an error sentence; `output` may be NULL.
static void last_line(const char *output, char *line, size_t capacity) {
   size_t end = output ? strlen(output) : 0;
   while (end > 0 && (output[end - 1] == '\n' || output[end - 1] == ' '))
      --end;
   size_t start = end;
   while (start > 0 && output[start - 1] != '\n')
      --start;
   snprintf(line, capacity, "%.*s", (int)(end - start > 300 ? 300 : end - start), end ? output + start : "");
}

// Runs gifsicle; on GIFLAB_OK it ended well and process->output is what it said.
static giflab_status run_gifsicle(const giflab_call *call, giflab_process *process) {
   const giflab_processes *processes = call->host->query(call->host, GIFLAB_PROCESSES);
   if (!processes)
      return call->fail(call, GIFLAB_UNSUPPORTED, "this host runs no programs (giflab.processes/1)");
   const giflab_status status = processes->run(call, process);
   if (status == GIFLAB_CANCELLED)
      return status;
   char said[320], text[400];
   last_line(process->output, said, sizeof said);
   if (status == GIFLAB_TIMEOUT)
      return call->fail(call, status, "gifsicle took too long");
   if (status != GIFLAB_OK)
      return call->fail(call, status, "gifsicle did not start; is it installed? apt install gifsicle");
   if (process->signal)
      snprintf(text, sizeof text, "gifsicle was ended by signal %d: %s", process->signal, said);
   else if (process->exit_code)
      snprintf(text, sizeof text, "gifsicle exited with %d: %s", process->exit_code, said);
   else
      return GIFLAB_OK;
   return call->fail(call, GIFLAB_IO, text);
}

static giflab_status probe(const giflab_call *call, char *fingerprint, size_t capacity) {
   const char *const argv[] = {"gifsicle", "--version", NULL};
   giflab_process process = {.size = sizeof process, .timeout_ms = 900, .argv = argv};
   const giflab_status status = run_gifsicle(call, &process);
   if (status == GIFLAB_OK) // "LCDF Gifsicle 1.93", then a copyright
      snprintf(fingerprint, capacity, "%.*s", process.output ? (int)strcspn(process.output, "\n") : 0,
               process.output ? process.output : "");
   return status;
}

// ---- The result's way to its place

static giflab_status copy_bytes(const giflab_call *call, FILE *from, FILE *to) {
   char buffer[1 << 16];
   for (size_t count; (count = fread(buffer, 1, sizeof buffer, from)) > 0;) {
      if (call->cancelled(call))
         return GIFLAB_CANCELLED;
      if (fwrite(buffer, 1, count, to) != count)
         return GIFLAB_IO;
   }
   return ferror(from) ? GIFLAB_IO : GIFLAB_OK;
}

// Fails with what errno says.
static giflab_status file_failed(const giflab_call *call, const char *what) {
   const int cause = errno;
   char text[400];
   snprintf(text, sizeof text, "%s: %s", what, strerror(cause));
   return call->fail(call, cause == ENOMEM ? GIFLAB_NO_MEMORY : GIFLAB_IO, text);
}

static giflab_status write_target(const giflab_call *call, FILE *from, const char *target) {
   FILE *to = fopen(target, "wb");
   if (!to)
      return file_failed(call, "the target cannot be written");
   giflab_status status = copy_bytes(call, from, to);
   if (fclose(to) != 0 && status == GIFLAB_OK)
      status = GIFLAB_IO;
   if (status == GIFLAB_IO)
      status = file_failed(call, "the result cannot be copied to the target");
   if (status != GIFLAB_OK)
      remove(target); // no half a file is left
   return status;
}

static giflab_status copy_file(const giflab_call *call, const char *source, const char *target) {
   FILE *from = fopen(source, "rb");
   if (!from)
      return file_failed(call, "gifsicle's result cannot be read");
   const giflab_status status = write_target(call, from, target);
   fclose(from);
   return status;
}

// ---- The encoder

static giflab_status encode(const instance *self, const giflab_call *call, const char *source,
                            const char *result) {
   char lossy[24];
   snprintf(lossy, sizeof lossy, "--lossy=%d", self->lossy);
   // keep-empty: a frame that shows nothing new stays a frame.
   const char *const argv[] = {"gifsicle", "--no-warnings", "-O3", "-Okeep-empty", lossy,
                               "--output", result,          "--",  source,         NULL};
   giflab_process process = {.size = sizeof process, .argv = argv};
   return run_gifsicle(call, &process);
}

static giflab_status transcode(void *self, const giflab_call *call, const char *source, const char *target) {
   const giflab_files *files = call->host->query(call->host, GIFLAB_FILES);
   if (!files)
      return call->fail(call, GIFLAB_UNSUPPORTED, "this host lends no temporary files (giflab.files/1)");
   const char *result = files->temporary(call, ".gif");
   if (!result)
      return call->fail(call, GIFLAB_IO, "there is no room for a temporary file");
   char *whole_source = realpath(source, NULL); // the tool runs in another directory
   if (!whole_source)
      return file_failed(call, "the source cannot be found");
   const giflab_status status = encode(self, call, whole_source, result);
   free(whole_source);
   return status == GIFLAB_OK ? copy_file(call, result, target) : status;
}

static giflab_status create(const giflab_call *call, const giflab_setup *setup, void **made) {
   instance *self = malloc(sizeof *self);
   if (!self)
      return call->fail(call, GIFLAB_NO_MEMORY, "no memory for the settings");
   self->lossy = (int)setup->values[0].number;
   *made = self;
   return GIFLAB_OK;
}
static void destroy(void *self) { free(self); }

static const char *const needs[] = {GIFLAB_PROCESSES, GIFLAB_FILES, NULL};
static const giflab_encoder encoder = {.extension = "gif", .transcode = transcode};
static const giflab_plugin gifsicle = {
    .size = sizeof(giflab_plugin),
    .id = "org.example.gifsicle",
    .label = "gifsicle",
    .version = "1",
    .vendor = "example",
    .license = "MIT",
    .url = "https://www.lcdf.org/gifsicle/",
    .help = "Makes a GIF smaller with gifsicle -O3 --lossy=N.",
    GIFLAB_PARAMS(params),
    .needs = needs,
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FILE,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_1US,
    .least_width = 1,
    .least_height = 1,
    .encoder = &encoder,
    .probe = probe,
    .create = create,
    .destroy = destroy,
};
static const giflab_plugin *const plugins[] = {&gifsicle};
GIFLAB_MODULE(plugins, "example");
