// Copies a GIF, sound but for one fault: the macro that is defined names it.
#include <giflab/plugin.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string_view>
#include <vector>

namespace {

using bytes = std::vector<unsigned char>;
struct close_file {
   void operator()(std::FILE *file) const { std::fclose(file); }
};
using file = std::unique_ptr<std::FILE, close_file>;

bytes read(const giflab_call &call, const char *path) {
   const file from(std::fopen(path, "rb"));
   if (!from)
      throw giflab::failure(GIFLAB_IO, "the source cannot be read");
   bytes all;
   unsigned char buffer[4096];
   for (size_t count; (count = std::fread(buffer, 1, sizeof buffer, from.get())) > 0;) {
      giflab::stop_if_cancelled(call);
      all.insert(all.end(), buffer, buffer + count);
   }
   return all;
}

void check_gif(const bytes &all) {
   if (all.size() < 14 || all[0] != 'G' || all[1] != 'I' || all[2] != 'F')
      throw giflab::failure(GIFLAB_IO, "the source is no GIF");
}

void write(const giflab_call &call, const bytes &all, const char *path) {
   file to(std::fopen(path, "wb"));
   if (!to)
      throw giflab::failure(GIFLAB_IO, "the target cannot be written");
   const bool whole = std::fwrite(all.data(), 1, all.size(), to.get()) == all.size();
   if (std::fclose(to.release()) != 0 || !whole || call.cancelled(&call)) {
      std::remove(path);
      throw giflab::failure(call.cancelled(&call) ? GIFLAB_CANCELLED : GIFLAB_IO, "the target is not whole");
   }
}

// The place behind these bytes; the end if they are not there.
[[maybe_unused]] size_t behind(const bytes &all, std::string_view what, size_t from = 0) {
   const std::string_view text(reinterpret_cast<const char *>(all.data()), all.size());
   const size_t at = text.find(what, from);
   return at == std::string_view::npos ? all.size() : at + what.size();
}

void spoil([[maybe_unused]] bytes &all) {
#if defined SLOWS_DOWN
   const std::string_view control("\x21\xF9\x04", 3);
   for (size_t at = behind(all, control); at + 2 < all.size(); at = behind(all, control, at))
      all[at + 1] = static_cast<unsigned char>(all[at + 1] * 2); // hundredths of a second
#elif defined LOSES_LOOP
   if (const size_t at = behind(all, "NETSCAPE2.0\x03\x01"); at + 1 < all.size())
      all[at] = 1;
#elif defined LOSES_END
   all.resize(all.size() - std::min<size_t>(all.size() / 4, 200));
#endif
}

void encode(const giflab_call &call, const char *source, const char *target) {
#ifdef LEAVES_TARGET
   if (std::FILE *early = std::fopen(target, "wb"))
      std::fclose(early);
#endif
   bytes all = read(call, source);
   check_gif(all);
#ifdef SPOILS_SOURCE // tidies up the wrong file
   if (const file to(std::fopen(target, "ab")); !to)
      std::fclose(std::fopen(source, "wb"));
#endif
   spoil(all);
   write(call, all, target);
}

giflab_status transcode(void *, const giflab_call *call, const char *source, const char *target) noexcept {
   return giflab::guarded(call, [&] { encode(*call, source, target); });
}
giflab_status create(const giflab_call *, const giflab_setup *, void **) noexcept { return GIFLAB_OK; }
void destroy(void *) noexcept {}

constexpr giflab_encoder encoder = {.extension = "gif", .transcode = transcode};
constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.test.faulty",
    .label = "Faulty",
    .version = "1",
    .vendor = "test",
    .license = "MIT",
    .help = "Copies a GIF.",
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FILE,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_100NS,
    .bytes_per_pixel = 16,
    .least_width = 1,
    .least_height = 1,
    .encoder = &encoder,
    .create = create,
    .destroy = destroy,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "test");
