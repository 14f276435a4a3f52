// Makes one GIF file from another.

#include "copy_bytes.hpp"

#include <cerrno>
#include <cstdio>
#include <fstream>

namespace {

// Throws what errno says.
[[noreturn]] void file_failed(const char *text) {
   throw giflab::failure(errno == ENOMEM ? GIFLAB_NO_MEMORY : GIFLAB_IO, text);
}

struct encoder {
   explicit encoder(const giflab_setup &) {}

   void transcode(const giflab_call &call, const char *source, const char *target) const {
      std::ifstream from(source, std::ios::binary);
      if (!from)
         file_failed("the source cannot be read");
      try {
         std::ofstream to(target, std::ios::binary);
         if (!to)
            file_failed("the target cannot be written");
         copy_bytes(call, from, to);
      } catch (...) {
         std::remove(target); // no half a file is left
         throw;
      }
   }
};

giflab_status transcode(void *instance, const giflab_call *call, const char *source,
                        const char *target) noexcept {
   return giflab::guarded(call, [&] { static_cast<encoder *>(instance)->transcode(*call, source, target); });
}

constexpr giflab_encoder callbacks = {.extension = "gif", .transcode = transcode};
constexpr giflab_plugin  plugin    = {
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
        .encoder      = &callbacks,
        .create       = giflab::create<encoder>,
        .destroy      = giflab::destroy<encoder>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "@name@");
