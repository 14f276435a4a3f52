#include "engine/spilled_picture.hpp"

#include <new>
#include <utility>

namespace giflab::engine {

result<spilled_picture::plane> spilled_picture::put_plane(const media::pixel_plane &whole,
                                                          services::unnamed_file &into) {
   return into.put({whole.memory.data(), whole.memory.size()}).map([&](uint64_t place) {
      return plane{place, whole.memory.size(), whole.stride};
   });
}

result<spilled_picture> spilled_picture::put(const media::picture &whole,
                                             std::shared_ptr<services::unnamed_file> into) {
   spilled_picture made;
   made.facts_ = whole;
   if (const media::indexed_pixels *indexed = whole.indexed()) {
      auto indices = put_plane(indexed->indices, *into);
      auto palette = indices ? put_plane(indexed->palette, *into) : indices;
      if (!palette)
         return tl::unexpected(palette.error());
      made.indexed_ = {*indices, *palette, indexed->colours};
   } else if (auto rgba = put_plane(whole.rgba(), *into)) {
      made.rgba_ = *rgba;
   } else {
      return tl::unexpected(rgba.error());
   }
   made.file_ = std::move(into);
   return made;
}

media::pixel_plane spilled_picture::mapped(const plane &one) const {
   media::pixel_plane made{file_->map(one.place, one.size), one.stride};
   if (!made.memory)
      throw std::bad_alloc();
   return made;
}

media::picture_pointer spilled_picture::map(const services::block_pool &pool) const {
   auto made = std::make_shared<media::picture>();
   static_cast<media::picture_facts &>(*made) = facts_;
   if (indexed_)
      made->give({mapped(indexed_->indices), mapped(indexed_->palette), indexed_->colours}, pool);
   else
      made->give(mapped(rgba_));
   return made;
}

} // namespace giflab::engine
