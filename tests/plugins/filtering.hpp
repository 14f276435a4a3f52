#pragma once
// Pictures through a filter.

#include "encoding.hpp"

namespace giflab::test {

// What a filter put: a picture that it painted, or one that it passed.
struct put_picture {
   media::picture_pointer picture;
   int64_t start_us = 0, duration_us = 0;
   bool passed = false;
};

// A sink that keeps everything. `table` must stay first.
struct keeping_sink {
   giflab_sink table = {open, put, pass};
   giflab_clip planned = {};
   media::picture_pointer current;
   std::vector<put_picture> pictures;
   giflab_canvas canvas = {};
   std::shared_ptr<media::picture> painted;

   static keeping_sink &self(const giflab_sink *table) {
      return *reinterpret_cast<keeping_sink *>(const_cast<giflab_sink *>(table));
   }
   static giflab_canvas *open(const giflab_sink *table, int64_t start_us, int64_t duration_us) noexcept {
      keeping_sink &mine = self(table);
      mine.painted = std::make_shared<media::picture>();
      mine.painted->width = mine.planned.width;
      mine.painted->height = mine.planned.height;
      mine.painted->give(media::make_plane(pixel_memory(), static_cast<std::size_t>(mine.planned.width) * 4,
                                           mine.planned.height));
      mine.canvas = {mine.painted->rgba().row<uint8_t>(0), mine.painted->rgba().stride, mine.planned.width,
                     mine.planned.height};
      mine.pictures.push_back({mine.painted, start_us, duration_us, false});
      return &mine.canvas;
   }
   static giflab_status put(const giflab_sink *table, giflab_canvas *) noexcept {
      keeping_sink &mine = self(table);
      mine.painted->content = media::content_id(*mine.painted);
      return GIFLAB_OK;
   }
   static giflab_status pass(const giflab_sink *table, const giflab_image *, int64_t start_us,
                             int64_t duration_us) noexcept {
      self(table).pictures.push_back({self(table).current, start_us, duration_us, true});
      return GIFLAB_OK;
   }
};

struct filtered {
   giflab_clip planned;
   std::vector<put_picture> pictures;

   int64_t duration_us() const {
      int64_t sum = 0;
      for (const put_picture &one : pictures)
         sum += one.duration_us;
      return sum;
   }
};

// `chosen`: numbers by the ids of parameters; the rest are as the table says.
inline filtered filter(const giflab_plugin &plugin, const std::vector<media::picture_pointer> &pictures,
                       const std::map<std::string, double> &chosen = {}) {
   std::vector<giflab_value> parameters = default_values(plugin);
   for (uint32_t i = 0; i < plugin.param_count; ++i)
      if (const auto found = chosen.find(plugin.params[i].id); found != chosen.end())
         parameters[i].number = found->second;
   fake_call call;
   giflab_setup setup = {};
   setup.clip = {pictures[0]->width, pictures[0]->height, static_cast<int64_t>(pictures.size()), -1, 0, 0};
   setup.level = 2;
   setup.values = parameters.data();
   void *instance = nullptr;
   if (plugin.create(&call.c, &setup, &instance) != GIFLAB_OK)
      throw std::runtime_error("create failed");
   keeping_sink sink;
   giflab_status status = plugin.filter->plan(instance, &setup.clip, &sink.planned);
   for (const auto &picture : pictures) {
      const shown_image shown(*picture);
      sink.current = picture;
      if (status == GIFLAB_OK)
         status = plugin.filter->apply(instance, &call.c, &shown.image, &sink.table);
   }
   if (status == GIFLAB_OK && plugin.scope == GIFLAB_SCOPE_CLIP)
      status = plugin.filter->apply(instance, &call.c, nullptr, &sink.table);
   plugin.destroy(instance);
   if (status != GIFLAB_OK)
      throw std::runtime_error("the filter failed");
   return {sink.planned, sink.pictures};
}

} // namespace giflab::test
