// host_report FOLDER: what the host in it makes of each module of a folder, one line each: the scores of a
// fixed pair of pictures, or why the module was turned away. Compiled as this host and as a simulated later one
// (rule A7).

#include "media/representations.hpp"
#include "modules/call.hpp"
#include "modules/catalogue.hpp"
#include "services/arena.hpp"
#include "services/block_pool.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

using namespace giflab;

namespace {

constexpr int32_t width = 61, height = 37;

// A gradient; `grain` is how far pixels stray from it.
media::picture_pointer paint(services::block_pool &pool, uint32_t grain) {
   auto made = std::make_shared<media::picture>();
   made->width = width;
   made->height = height;
   made->duration_us = 40'000;
   made->changed = {{0, 0, width, height}, {}};
   made->give(media::make_plane(pool, std::size_t{width} * 4, height));
   for (int32_t y = 0; y < height; ++y)
      for (int32_t x = 0; x < width; ++x) {
         const auto stray = static_cast<uint32_t>(x * 31 + y * 17) * 2654435761u >> 24;
         auto *pixel = made->rgba().row<uint8_t>(y) + std::size_t{4} * static_cast<std::size_t>(x);
         pixel[0] = static_cast<uint8_t>(x * 3 + static_cast<int32_t>(stray * grain / 256));
         pixel[1] = static_cast<uint8_t>(y * 5 + static_cast<int32_t>(stray * grain / 512));
         pixel[2] = static_cast<uint8_t>(x + y);
         pixel[3] = 255;
      }
   made->content = media::content_id(*made);
   return made;
}

giflab_image image_of(const media::representations &forms) {
   const media::picture &picture = forms.source();
   giflab_image image{};
   image.width = picture.width;
   image.height = picture.height;
   image.duration_us = picture.duration_us;
   image.content = picture.content;
   image.changed_width = picture.width;
   image.changed_height = picture.height;
   image.views = forms.views().data();
   return image;
}

std::vector<giflab_value> initial_values(const modules::plugin &plugin) {
   std::vector<giflab_value> values;
   for (const giflab_param &param : plugin.params)
      values.push_back({param.initial, param.kind == GIFLAB_CHOICE
                                           ? param.choices[static_cast<int>(param.initial)]
                                           : param.initial_text});
   return values;
}

// One instance of a metric, and what it scored.
class scoring {
 public:
   explicit scoring(const modules::plugin &plugin) : plugin_(plugin), values_(initial_values(plugin)) {}

   // The life of an instance (sdk/ABI.md) over a clip of these pairs.
   void live(const std::vector<giflab_pair> &pairs) {
      const giflab_plugin &table = plugin_.table;
      const giflab_clip clip = {width, height, static_cast<int64_t>(pairs.size()), 120'000, 0, 0};
      const giflab_setup setup = {clip, GIFLAB_MEMORY_HOST, 0, values_.data(), nullptr};
      void *instance = nullptr;
      if (!call([&](const giflab_call *call) { return table.create(call, &setup, &instance); }))
         return;
      bool fine = true;
      if (table.metric->begin)
         fine = call([&](const giflab_call *call) { return table.metric->begin(instance, call, &clip); });
      for (std::size_t i = 0; fine && i < pairs.size(); ++i)
         fine =
             call([&](const giflab_call *call) { return table.metric->measure(instance, call, &pairs[i], 1); });
      if (fine && table.metric->finish)
         call([&](const giflab_call *call) { return table.metric->finish(instance, call); });
      table.destroy(instance);
   }

   const std::string &text() const { return text_; }

 private:
   bool call(const std::function<giflab_status(const giflab_call *)> &entry) {
      modules::borrowed_services services;
      services.arena = &arena_;
      modules::call_context context(services, 1, static_cast<uint32_t>(plugin_.outputs.size()), 1);
      const giflab_status status = context.run([&] { return entry(context.table()); });
      if (status != GIFLAB_OK)
         text_ += fmt::format(" {}: {}", modules::status_name(status), context.text());
      for (uint32_t i = 0; i < plugin_.outputs.size(); ++i)
         if (context.scored(0, i))
            text_ += fmt::format(" {}={:.17g}", plugin_.outputs[i].id, context.scores()[i]);
      return status == GIFLAB_OK;
   }

   const modules::plugin &plugin_;
   std::vector<giflab_value> values_;
   services::arena arena_;
   std::string text_;
};

std::string scores_of(const modules::plugin &plugin) {
   if (!plugin.table.metric || !plugin.table.metric->measure)
      return " accepted";
   services::block_pool pool(0);
   std::vector<std::unique_ptr<media::representations>> forms;
   std::vector<giflab_image> images;
   for (const uint32_t grain : {0, 0, 0, 20, 90, 50}) {
      forms.push_back(std::make_unique<media::representations>(paint(pool, grain), media::colour{},
                                                               media::conversion::pixels, pool));
      forms.back()->make(plugin.table.inputs);
      images.push_back(image_of(*forms.back()));
   }
   scoring one(plugin);
   one.live({{&images[0], &images[3]}, {&images[1], &images[4]}, {&images[2], &images[5]}});
   return one.text();
}

std::string file_name(const std::string &path) { return std::filesystem::path(path).filename().string(); }

} // namespace

int main(int count, char **arguments) {
   if (count != 2) {
      fmt::print(stderr, "usage: host_report FOLDER\n");
      return 2;
   }
   const auto found = modules::catalogue::discover({arguments[1]}, 1);
   if (!found) {
      fmt::print(stderr, "{}\n", found.error().text);
      return 1;
   }
   fmt::print("ABI {}.{}\n", GIFLAB_ABI_MAJOR, modules::host_table().abi_minor);
   for (const auto &plugin : found->plugins())
      fmt::print("{} {}{}\n", file_name(plugin->home->path), plugin->id(), scores_of(*plugin));
   for (const modules::rejection &one : found->rejected())
      fmt::print("{} turned away: {}\n", file_name(one.path), one.reason);
}
