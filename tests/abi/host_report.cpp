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
   made->changed = {0, 0, width, height};
   made->rgba = media::make_plane(pool, std::size_t{width} * 4, height);
   for (int32_t y = 0; y < height; ++y)
      for (int32_t x = 0; x < width; ++x) {
         const auto stray = static_cast<uint32_t>(x * 31 + y * 17) * 2654435761u >> 24;
         auto *pixel = made->rgba.row<uint8_t>(y) + std::size_t{4} * static_cast<std::size_t>(x);
         pixel[0] = static_cast<uint8_t>(x * 3 + static_cast<int32_t>(stray * grain / 256));
         pixel[1] = static_cast<uint8_t>(y * 5 + static_cast<int32_t>(stray * grain / 512));
         pixel[2] = static_cast<uint8_t>(x + y);
         pixel[3] = 255;
      }
   made->content = media::content_id(made->rgba, width, height);
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

// The life of one instance over a clip of one pair (sdk/ABI.md). Scores stay in `call`.
giflab_status live(const modules::plugin &plugin, modules::call_context &call, const giflab_pair &pair) {
   const giflab_plugin &table = plugin.table;
   const std::vector<giflab_value> values = initial_values(plugin);
   const giflab_setup setup = {{width, height, 1, 40'000, 0, 0}, GIFLAB_MEMORY_HOST, 0, values.data()};
   void *instance = nullptr;
   giflab_status status = table.create(call.table(), &setup, &instance);
   if (status != GIFLAB_OK)
      return status;
   if (table.metric->begin)
      status = table.metric->begin(instance, call.table(), &setup.clip);
   if (status == GIFLAB_OK)
      status = table.metric->measure(instance, call.table(), &pair, 1);
   if (status == GIFLAB_OK && table.metric->finish)
      status = table.metric->finish(instance, call.table());
   table.destroy(instance);
   return status;
}

std::string scores_of(const modules::plugin &plugin) {
   if (!plugin.table.metric || !plugin.table.metric->measure)
      return " accepted";
   services::block_pool pool(0);
   media::representations reference(paint(pool, 0), {}, media::conversion::pixels, pool);
   media::representations distorted(paint(pool, 90), {}, media::conversion::pixels, pool);
   reference.make(plugin.table.inputs);
   distorted.make(plugin.table.inputs);
   const giflab_image images[] = {image_of(reference), image_of(distorted)};
   const giflab_pair pair = {&images[0], &images[1]};

   services::arena arena;
   modules::borrowed_services services;
   services.arena = &arena;
   modules::call_context call(services, 1, static_cast<uint32_t>(plugin.outputs.size()), 1);
   const giflab_status status = call.run([&] { return live(plugin, call, pair); });
   if (status != GIFLAB_OK)
      return fmt::format(" {}: {}", modules::status_name(status), call.text());
   std::string text;
   for (std::size_t i = 0; i < plugin.outputs.size(); ++i)
      text += fmt::format(" {}={:.17g}", plugin.outputs[i].id, call.scores()[i]);
   return text;
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
