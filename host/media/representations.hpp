#pragma once
// The forms in which plugins take pictures (giflab/frame.h), each made at most once from one decode.

#include "media/palette_tables.hpp"

#include <array>

namespace giflab::media {

inline constexpr uint32_t representation_count = GIFLAB_LAB_F32 + 1;

// The shape of a representation: its planes, and the bytes of a pixel in one of them.
std::size_t plane_count(uint32_t representation);
std::size_t bytes_per_pixel(uint32_t representation);

// The views of one picture; [representation], null where there is none.
using view_list = std::array<const giflab_view *, representation_count>;

// How a conversion walks: pixel by pixel, or, where the picture is indexed, 256 colours and then a look-up.
// Both give the same bits; `pixels` is the judge.
enum class conversion { pixels, palette };

// The forms of one picture that somebody asked for. make() is called by one thread at a time; what was
// made may be read by any.
class representations {
 public:
   // `background` is what transparency lies over in every form but RGBA8 and INDEX8.
   representations(picture_pointer source, colour background, conversion way, services::block_pool &pool);

   // Makes the forms in `mask` (GIFLAB_BIT of each) that are not there yet, and what they are made from.
   // INDEX8 is only ever there if the decoder had it. `before`: the forms, over the same background, of the
   // picture that the source's changes are told against; what they have is copied, and what changed converted.
   // Null if there are none. Throws std::bad_alloc.
   void make(uint32_t mask, const representations *before = nullptr);

   const picture &source() const { return *source_; }

   // [representation]; null where none was made.
   const view_list &views() const { return views_; }

 private:
   struct form {
      giflab_view view{};
      std::array<pixel_plane, 3> planes;
   };
   void make_one(uint32_t representation, const form *before);
   void convert(uint32_t representation, const std::array<pixel_plane, 3> &to,
                const std::vector<rectangle> &areas);
   void convert_pixels(uint32_t representation, const std::array<pixel_plane, 3> &to,
                       const rectangle &area) const;
   void convert_palette(uint32_t representation, const std::array<pixel_plane, 3> &to,
                        const std::vector<rectangle> &areas) const;

   picture_pointer source_;
   colour background_;
   conversion way_;
   services::block_pool *pool_;
   std::array<std::unique_ptr<form>, representation_count> forms_;
   view_list views_{};
};

// An image as plugins see it, at the index and the time of its picture; what it points to is the caller's.
// `squares`: null where no more than the area is known.
giflab_image image_of(const picture &shown, const rectangle &changed, const uint8_t *squares,
                      const giflab_image *previous, const giflab_view *const *views);

} // namespace giflab::media
