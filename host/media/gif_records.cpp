#include "media/gif_records.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>

namespace giflab::media {

namespace {

constexpr std::size_t signature_length = 6;

// Blocks as giflib gives them: a length byte, then that many bytes.
std::span<const uint8_t> content_of(const GifByteType *block) { return {block + 1, block[0]}; }

bool says(std::span<const uint8_t> block, const char *name) {
   return block.size() == std::strlen(name) && std::memcmp(block.data(), name, block.size()) == 0;
}

// The two names under which files say how often they repeat.
bool is_loop_extension(std::span<const uint8_t> block) {
   return says(block, "NETSCAPE2.0") || says(block, "ANIMEXTS1.0");
}

} // namespace

void gif_records::closing::operator()(GifFileType *file) const { DGifCloseFile(file, nullptr); }

int gif_records::read(GifFileType *file, GifByteType *to, int wanted) {
   auto &from = *static_cast<byte_source *>(file->UserData);
   return static_cast<int>(from.read({to, static_cast<std::size_t>(wanted)}));
}

gif_damage gif_records::damage_here(const std::string &what) const {
   if (!source_->trouble().empty())
      return {offset(), fmt::format("{} cannot be read: {}", what, source_->trouble())};
   if (offset() == size())
      return {offset(), fmt::format("the file ends inside {}", what)};
   return {offset(), fmt::format("{} cannot be read", what)};
}

tl::expected<gif_records, gif_damage> gif_records::opened(byte_source &bytes) {
   std::array<uint8_t, signature_length> signature{};
   bytes.rewind();
   const std::size_t got = bytes.read(signature);
   gif_records made;
   made.source_ = &bytes;
   made.signature_.assign(signature.begin(), signature.begin() + static_cast<std::ptrdiff_t>(got));
   if (made.signature_ != GIF87_STAMP && made.signature_ != GIF89_STAMP)
      return tl::unexpected(gif_damage{0, "the signature is neither GIF87a nor GIF89a"});
   bytes.rewind();
   made.file_.reset(DGifOpen(made.source_, &read, nullptr));
   if (!made.file_)
      return tl::unexpected(made.damage_here("the header"));
   return made;
}

tl::expected<std::optional<gif_image>, gif_damage> gif_records::next_image() {
   gif_image image;
   image.first_byte = offset();
   for (;;) {
      if (offset() == size()) {
         trailer_missing_ = true;
         return std::nullopt;
      }
      const int64_t at = offset();
      GifRecordType type = UNDEFINED_RECORD_TYPE;
      if (DGifGetRecordType(file_.get(), &type) == GIF_ERROR)
         return tl::unexpected(gif_damage{at, fmt::format("byte 0x{:02x} begins no block", source_->last())});
      if (type == TERMINATE_RECORD_TYPE)
         return std::nullopt;
      if (type == IMAGE_DESC_RECORD_TYPE)
         return read_image(image);
      if (auto read = read_extension(image); !read)
         return tl::unexpected(read.error());
   }
}

tl::expected<void, gif_damage> gif_records::read_extension(gif_image &image) {
   int label = 0;
   GifByteType *block = nullptr;
   if (DGifGetExtension(file_.get(), &label, &block) == GIF_ERROR)
      return tl::unexpected(damage_here("an extension"));
   bool looping = false;
   for (bool first = true; block; first = false) {
      const auto content = content_of(block);
      if (first && label == GRAPHICS_EXT_FUNC_CODE)
         take_graphics_control(block, image);
      else if (first)
         looping = label == APPLICATION_EXT_FUNC_CODE && is_loop_extension(content);
      else if (looping && content.size() == 3 && (content[0] & 7) == 1)
         repeats_ = content[1] | content[2] << 8;
      if (DGifGetExtensionNext(file_.get(), &block) == GIF_ERROR)
         return tl::unexpected(damage_here("an extension"));
   }
   return {};
}

void gif_records::take_graphics_control(const GifByteType *block, gif_image &image) const {
   GraphicsControlBlock control;
   if (DGifExtensionToGCB(block[0], block + 1, &control) == GIF_ERROR)
      return; // of a length that no reader knows: the frame plays as if it had none
   image.delay_ms = control.DelayTime * 10;
   image.disposal = control.DisposalMode;
   image.transparent_index = control.TransparentColor;
}

tl::expected<gif_image, gif_damage> gif_records::read_image(gif_image image) {
   if (DGifGetImageHeader(file_.get()) == GIF_ERROR) {
      // giflib has read the code size by then, if there was one.
      if (offset() < size())
         return tl::unexpected(
             gif_damage{offset() - 1, fmt::format("the LZW code size {} is not 2 to 8", source_->last())});
      return tl::unexpected(damage_here("an image descriptor"));
   }
   inside_image_ = true;
   image.area = {file_->Image.Left, file_->Image.Top, file_->Image.Width, file_->Image.Height};
   image.interlaced = file_->Image.Interlace;
   image.minimum_code_size = source_->last();
   // Encoders of two-colour pictures write 1 where they should write 2, and every viewer shows them.
   if (image.minimum_code_size < 1)
      return tl::unexpected(gif_damage{offset() - 1, "the LZW code size 0 is not 2 to 8"});
   return image;
}

tl::expected<std::span<const uint8_t>, gif_damage> gif_records::next_block() {
   if (!inside_image_)
      return std::span<const uint8_t>{};
   GifByteType *block = nullptr;
   if (DGifGetCodeNext(file_.get(), &block) == GIF_ERROR) {
      inside_image_ = false;
      return tl::unexpected(damage_here("the pixel data"));
   }
   inside_image_ = block != nullptr;
   return block ? content_of(block) : std::span<const uint8_t>{};
}

void gif_records::skip_blocks() {
   while (inside_image_)
      (void)next_block();
}

} // namespace giflab::media
