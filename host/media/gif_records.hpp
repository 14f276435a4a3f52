#pragma once
// The records of a GIF file, one at a time, through giflib. Nothing is decoded or allocated that
// the caller did not ask for.

#include "media/byte_source.hpp"
#include "media/picture.hpp"

#include <gif_lib.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>

namespace giflab::media {

// Where a file stops making sense, and why: the end of a sentence.
struct gif_damage {
   int64_t offset = 0;
   std::string reason;
};

// An image descriptor, and what the extensions before it said about it.
struct gif_image {
   rectangle area;
   int32_t delay_ms = 0, disposal = 0, transparent_index = -1;
   bool interlaced = false;
   int32_t minimum_code_size = 0;
   int64_t first_byte = 0; // of the first extension that belongs to it
};

class gif_records {
 public:
   // Reads `bytes` from their beginning; they must outlive the object.
   static tl::expected<gif_records, gif_damage> opened(byte_source &bytes);

   // "GIF87a" or "GIF89a".
   const std::string &signature() const { return signature_; }

   int32_t width() const { return file_->SWidth; }
   int32_t height() const { return file_->SHeight; }
   int32_t global_colours() const { return file_->SColorMap ? file_->SColorMap->ColorCount : 0; }
   int64_t offset() const { return static_cast<int64_t>(source_->position()); }
   int64_t size() const { return static_cast<int64_t>(source_->size()); }

   // How often the file repeats after its first showing, 0 = for ever; nothing if no extension so far said.
   std::optional<int32_t> repeats() const { return repeats_; }

   // Goes to the next image; nothing at the trailer, or, with `trailer_missing()`, at the end of the bytes.
   // The data of the image before must have been taken.
   tl::expected<std::optional<gif_image>, gif_damage> next_image();
   bool trailer_missing() const { return trailer_missing_; }

   // The palettes of the image: the local one, if it has one, counts. Null without any.
   const ColorMapObject *local_palette() const { return file_->Image.ColorMap; }
   const ColorMapObject *palette() const { return local_palette() ? local_palette() : file_->SColorMap; }

   // The next block of the image's data; empty after the last, and from then on.
   tl::expected<std::span<const uint8_t>, gif_damage> next_block();

   // Passes over what is left of the image's data, or of the bytes.
   void skip_blocks();

 private:
   struct closing {
      void operator()(GifFileType *file) const;
   };
   static int read(GifFileType *file, GifByteType *to, int wanted);

   gif_damage damage_here(const std::string &what) const;
   tl::expected<void, gif_damage> read_extension(gif_image &image);
   void take_graphics_control(const GifByteType *block, gif_image &image) const;
   tl::expected<gif_image, gif_damage> read_image(gif_image image);

   byte_source *source_ = nullptr;
   std::string signature_;
   std::unique_ptr<GifFileType, closing> file_;
   std::optional<int32_t> repeats_;
   bool trailer_missing_ = false;
   bool inside_image_ = false; // blocks of pixel data come next
};

} // namespace giflab::media
