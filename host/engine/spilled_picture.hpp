#pragma once
// A picture whose pixels lie in a file.

#include "media/picture.hpp"
#include "services/unnamed_file.hpp"

#include <memory>
#include <optional>

namespace giflab::engine {

class spilled_picture {
 public:
   // Writes the pixels. An error says why the file does not take them.
   static result<spilled_picture> put(const media::picture &whole,
                                      std::shared_ptr<services::unnamed_file> into);

   // The same picture, with its pixels mapped for as long as it lives; others that it makes of them come from
   // the pool. Throws std::bad_alloc if that cannot be. Any thread.
   media::picture_pointer map(const services::block_pool &pool) const;

 private:
   struct plane {
      uint64_t place = 0;
      std::size_t size = 0, stride = 0;
   };
   struct indexed_planes {
      plane indices, palette;
      int32_t colours;
   };

   static result<plane> put_plane(const media::pixel_plane &whole, services::unnamed_file &into);
   media::pixel_plane mapped(const plane &one) const;

   std::shared_ptr<services::unnamed_file> file_;
   media::picture_facts facts_;
   plane rgba_; // unless indexed
   std::optional<indexed_planes> indexed_;
};

} // namespace giflab::engine
