#include "gif_file.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <giflab/plugin.hpp>

namespace giflab::plugins {

namespace {

// giflib is C: nothing may be thrown through it.
int collect(GifFileType *file, const GifByteType *from, int count) {
   try {
      auto &sink = *static_cast<bytes *>(file->UserData);
      sink.insert(sink.end(), from, from + count);
      return count;
   } catch (const std::bad_alloc &) {
      return 0;
   }
}

struct free_map {
   void operator()(ColorMapObject *map) const { GifFreeMapObject(map); }
};
using colour_map = std::unique_ptr<ColorMapObject, free_map>;

// The least number of bits, from 1, for so many entries.
int bits_for(std::size_t entries) {
   return std::max(1, static_cast<int>(std::bit_width(std::max<std::size_t>(entries, 1) - 1)));
}

colour_map map_of(const frame_palette &palette, std::size_t entries) {
   colour_map made(GifMakeMapObject(1 << bits_for(entries), nullptr));
   if (!made)
      throw failure(GIFLAB_NO_MEMORY, "no memory for a palette");
   for (std::size_t i = 0; i < std::min(palette.size(), entries); ++i) {
      const kernels::rgb colour = kernels::unpacked(palette.colour(i));
      made->Colors[i] = {colour.red, colour.green, colour.blue};
   }
   return made;
}

GifFileType *opened(bytes &sink) {
   int reason = 0;
   GifFileType *file = EGifOpen(&sink, collect, &reason);
   if (!file)
      throw failure(GIFLAB_NO_MEMORY, "no memory for giflib");
   EGifSetGifVersion(file, true);
   return file;
}

} // namespace

void frame_writer::closing::operator()(GifFileType *file) const {
   int reason = 0; // nothing that is still to come is wanted
   EGifCloseFile(file, &reason);
}

frame_writer::frame_writer(int32_t width, int32_t height)
    : sink_(std::make_unique<bytes>()), file_(opened(*sink_)) {
   // A palette only so that giflib has a width of codes to go by; the real one is known at the end.
   const colour_map widest = map_of({}, frame_palette::most);
   if (EGifPutScreenDesc(file_.get(), width, height, 8, 0, widest.get()) != GIF_OK)
      failed();
}

// Writing to memory fails for lack of it, and for nothing else.
void frame_writer::failed() const { throw failure(GIFLAB_NO_MEMORY, "no memory for a frame of the GIF"); }

bytes frame_writer::write(const stored_frame &frame, const std::function<void()> &poll) {
   sink_->clear();
   GifFileType *file = file_.get();
   const GraphicsControlBlock control = {frame.restore_background ? DISPOSE_BACKGROUND : DISPOSE_DO_NOT, false,
                                         frame.delay_cs, frame.transparent_index};
   std::array<GifByteType, 4> block{};
   EGifGCBToExtension(&control, block.data());
   if (EGifPutExtension(file, GRAPHICS_EXT_FUNC_CODE, block.size(), block.data()) != GIF_OK)
      failed();
   const colour_map local = frame.local ? map_of(*frame.local, frame.local_size) : nullptr;
   // Codes begin as narrow as the frame's indices allow, however many colours the global palette has.
   const auto largest = std::max_element(frame.indices.begin(), frame.indices.end());
   file->SColorMap->BitsPerPixel = bits_for(std::size_t{*largest} + 1);
   // giflib forgets the last frame's palette where this one has none of its own.
   GifFreeMapObject(file->Image.ColorMap);
   file->Image.ColorMap = nullptr;
   if (EGifPutImageDesc(file, frame.place.left, frame.place.top, frame.place.width(), frame.place.height(),
                        false, local.get()) != GIF_OK)
      failed();
   std::vector<uint8_t> row(static_cast<std::size_t>(frame.place.width())); // giflib wants it writable
   for (auto from = frame.indices.begin(); from != frame.indices.end();
        from += static_cast<std::ptrdiff_t>(row.size())) {
      poll();
      std::copy_n(from, row.size(), row.begin());
      if (EGifPutLine(file, row.data(), static_cast<int>(row.size())) != GIF_OK)
         failed();
   }
   return *sink_;
}

bytes head_of(int32_t width, int32_t height, int32_t loop_count, const frame_palette &global,
              std::size_t global_size) {
   bytes head;
   const colour_map map = map_of(global, global_size);
   GifFileType *file = opened(head);
   bool written = EGifPutScreenDesc(file, width, height, 8, 0, map.get()) == GIF_OK;
   if (loop_count != 1) {
      const int repeats = loop_count == 0 ? 0 : std::min(loop_count - 1, 65535);
      const std::array<GifByteType, 3> block = {1, static_cast<GifByteType>(repeats & 255),
                                                static_cast<GifByteType>(repeats >> 8)};
      written = written && EGifPutExtensionLeader(file, APPLICATION_EXT_FUNC_CODE) == GIF_OK &&
                EGifPutExtensionBlock(file, 11, "NETSCAPE2.0") == GIF_OK &&
                EGifPutExtensionBlock(file, block.size(), block.data()) == GIF_OK &&
                EGifPutExtensionTrailer(file) == GIF_OK;
   }
   const std::size_t length = head.size(); // closing adds a trailer
   int reason = 0;
   EGifCloseFile(file, &reason);
   if (!written)
      throw failure(GIFLAB_NO_MEMORY, "no memory for the head of the GIF");
   head.resize(length);
   return head;
}

} // namespace giflab::plugins
