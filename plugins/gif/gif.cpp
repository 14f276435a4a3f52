// Pictures to a GIF, without loss where a frame shows at most 256 new colours.

#include "clip_writer.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <giflab/plugin.hpp>
#include <giflab_kernels/images.hpp>

namespace {

using namespace giflab::plugins;

constexpr int32_t longest_side = 65'535;

class gif_encoder {
 public:
   explicit gif_encoder(const giflab_setup &) {}

   void begin(const giflab_clip &clip) {
      if (clip.width > longest_side || clip.height > longest_side)
         throw giflab::failure(GIFLAB_UNSUPPORTED, "a GIF is at most 65535 pixels wide and high");
      writer_.emplace(clip.width, clip.height, clip.loop_count);
   }

   void add(const giflab_call &call, const giflab_image &image) {
      canvas picture(image.width, image.height);
      const auto pixels = giflab::kernels::plane_of<uint8_t>(image, GIFLAB_RGBA8);
      for (int32_t y = 0; y < image.height; ++y) {
         giflab::stop_if_cancelled(call);
         const uint8_t *from = pixels.row(y);
         std::generate_n(picture.row(y), image.width, [&] {
            const pixel made = pixel_of(from);
            from += 4;
            return made;
         });
      }
      writer_->add(std::move(picture), image.duration_us, [&] { giflab::stop_if_cancelled(call); });
   }

   void finish(const giflab_call &call, const char *target);

 private:
   std::optional<clip_writer> writer_; // empty before the first clip
};

[[noreturn]] void file_failed(const char *what) {
   throw giflab::failure(errno == ENOMEM ? GIFLAB_NO_MEMORY : GIFLAB_IO,
                         std::string(what) + ": " + std::strerror(errno));
}

struct close_file {
   void operator()(std::FILE *file) const { std::fclose(file); }
};

void write_bytes(const giflab_call &call, const bytes &from, std::FILE *to) {
   constexpr std::size_t piece = std::size_t{1} << 16;
   for (std::size_t at = 0; at < from.size(); at += piece) {
      giflab::stop_if_cancelled(call);
      const std::size_t count = std::min(piece, from.size() - at);
      if (std::fwrite(from.data() + at, 1, count, to) != count)
         file_failed("the target cannot be written");
   }
}

void gif_encoder::finish(const giflab_call &call, const char *target) {
   const bytes file = writer_->finish([&] { giflab::stop_if_cancelled(call); });
   writer_.reset();
   std::unique_ptr<std::FILE, close_file> to(std::fopen(target, "wbe"));
   if (!to)
      file_failed("the target cannot be written");
   try {
      write_bytes(call, file, to.get());
      if (std::fclose(to.release()) != 0)
         file_failed("the target cannot be written");
   } catch (...) {
      std::remove(target); // no half a file is left
      throw;
   }
}

giflab_status begin(void *instance, const giflab_call *call, const giflab_clip *clip) noexcept {
   return giflab::guarded(call, [&] { static_cast<gif_encoder *>(instance)->begin(*clip); });
}

giflab_status add(void *instance, const giflab_call *call, const giflab_image *image) noexcept {
   return giflab::guarded(call, [&] { static_cast<gif_encoder *>(instance)->add(*call, *image); });
}

giflab_status finish(void *instance, const giflab_call *call, const char *target) noexcept {
   return giflab::guarded(call, [&] { static_cast<gif_encoder *>(instance)->finish(*call, target); });
}

constexpr giflab_encoder encoder = {.extension = "gif", .begin = begin, .add = add, .finish = finish};
constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.giflab.gif",
    .label = "GIF",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://www.w3.org/Graphics/GIF/spec-gif89a.txt",
    .help = "Writes a GIF in which frames paint only what changed: without loss up to 256 new colours a frame, "
            "else "
            "by the nearest of 256.",
    .inputs = GIFLAB_BIT(GIFLAB_RGBA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_CLIP,
    .threads = GIFLAB_PER_INSTANCE,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_MORE,
    .bytes_per_pixel = 160,
    .least_width = 1,
    .least_height = 1,
    .encoder = &encoder,
    .create = giflab::create<gif_encoder>,
    .destroy = giflab::destroy<gif_encoder>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
