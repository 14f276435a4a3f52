#include "experiments/synthetic_files.hpp"

#include "engine/step_run.hpp"
#include "results/output_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

namespace giflab::experiments {

namespace {

namespace fs = std::filesystem;

constexpr int64_t frame_us = int64_t{1000} * synthetic::frame_milliseconds;

media::picture_pointer picture_of(const synthetic::drawing &drawn, int frame, services::block_pool &pool) {
   auto made = std::make_shared<media::picture>();
   made->width = drawn.width;
   made->height = drawn.height;
   made->index = frame;
   made->start_us = frame * frame_us;
   made->duration_us = frame_us;
   made->changed = {{0, 0, drawn.width, drawn.height}, {}};
   made->give(media::make_plane(pool, static_cast<std::size_t>(drawn.width) * 4, drawn.height));
   auto from = drawn.pixels.begin();
   for (int y = 0; y < drawn.height; ++y) {
      auto *to = made->rgba().row<uint8_t>(y);
      for (int x = 0; x < drawn.width; ++x, ++from, to += 4) {
         std::copy(from->begin(), from->end(), to);
         to[3] = 255;
      }
   }
   made->content = media::content_id(*made);
   return made;
}

result<void> encode(const synthetic::clip &of, const std::string &file, const engine::pipeline_step &encoder,
                    engine::machine &on) {
   const giflab_clip about = {of.width, of.height, of.frames, of.frames * frame_us, 0, 0};
   auto step = engine::step_run::create(encoder, about, {&on, 2, {}});
   if (!step)
      return tl::unexpected(step.error());
   if (auto begun = (*step)->begin(); !begun)
      return begun;
   for (int frame = 0; frame < of.frames; ++frame) {
      if (on.cancelled().requested())
         return failed(problem::cancelled, "stopped on request");
      const auto picture = picture_of(drawn(of, frame), frame, on.pixels());
      if (auto added = (*step)->add({picture, picture->start_us, picture->duration_us}); !added)
         return added;
   }
   return (*step)->finish(file);
}

} // namespace

result<engine::pipeline_step> gif_encoder(const modules::catalogue &found, engine::machine &on) {
   return engine::plan_pipeline(found, std::vector<engine::step_text>{}, {"PNG sequence", "gif"}, on)
       .map([](const std::vector<engine::pipeline_stage> &stages) { return stages.back().encoder; });
}

result<int64_t> write_clip(const synthetic::clip &of, const std::string &target,
                           const engine::pipeline_step &encoder, engine::machine &on) {
   const std::string aside =
       (fs::path(target).parent_path() / fmt::format(".giflab-{}-{}.gif", of.name, getpid())).string();
   auto made = encode(of, aside, encoder, on);
   std::error_code trouble;
   const auto bytes = fs::file_size(aside, trouble);
   if (made)
      made = results::publish(aside, target);
   if (!made) {
      fs::remove(aside, trouble);
      return tl::unexpected(made.error());
   }
   return static_cast<int64_t>(bytes);
}

} // namespace giflab::experiments
