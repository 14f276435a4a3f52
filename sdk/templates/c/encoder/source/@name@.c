// Makes one GIF file from another.

#include "copy_bytes.h"

#include <errno.h>

// Fails with what errno says.
static giflab_status file_failed(const giflab_call *call, const char *text) {
   return call->fail(call, errno == ENOMEM ? GIFLAB_NO_MEMORY : GIFLAB_IO, text);
}

static giflab_status write_target(const giflab_call *call, FILE *from, const char *target) {
   FILE *to = fopen(target, "wb");
   if (!to)
      return file_failed(call, "the target cannot be written");
   giflab_status status = copy_bytes(call, from, to);
   if (fclose(to) != 0 && status == GIFLAB_OK)
      status = GIFLAB_IO;
   if (status == GIFLAB_IO)
      status = file_failed(call, "the source cannot be copied whole");
   if (status != GIFLAB_OK)
      remove(target); // no half a file is left
   return status;
}

static giflab_status transcode(void *instance, const giflab_call *call, const char *source,
                               const char *target) {
   (void)instance;
   FILE *from = fopen(source, "rb");
   if (!from)
      return file_failed(call, "the source cannot be read");
   const giflab_status status = write_target(call, from, target);
   fclose(from);
   return status;
}

static giflab_status create(const giflab_call *call, const giflab_setup *setup, void **instance) {
   (void)call, (void)setup, (void)instance; // there is no state
   return GIFLAB_OK;
}
static void destroy(void *instance) { (void)instance; }

static const giflab_encoder encoder = {.extension = "gif", .transcode = transcode};
static const giflab_plugin  plugin  = {
      .size         = sizeof(giflab_plugin),
      .id           = "org.example.@name@",
      .label        = "@name@",
      .version      = "1",
      .vendor       = "example",
      .license      = "MIT",
      .help         = "Copies a GIF.",
      .memory       = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
      .scope        = GIFLAB_SCOPE_FILE,
      .threads      = GIFLAB_REENTRANT,
      .determinism  = GIFLAB_EXACT,
      .cost         = GIFLAB_COST_10NS,
      .least_width  = 1,
      .least_height = 1,
      .encoder      = &encoder,
      .create       = create,
      .destroy      = destroy,
};
static const giflab_plugin *const plugins[] = {&plugin};
GIFLAB_MODULE(plugins, "@name@");
