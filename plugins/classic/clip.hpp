#pragma once
// The sampled pictures of one file, all of one size, as planes of bytes.

#include <cstddef>
#include <cstdint>
#include <span>

namespace giflab::classic {

struct extent {
   int32_t width = 0, height = 0;

   size_t pixels() const { return static_cast<size_t>(width) * static_cast<size_t>(height); }
   bool operator==(const extent &) const = default;
};

constexpr uint32_t rgb_key(uint8_t red, uint8_t green, uint8_t blue) {
   return uint32_t{red} << 16 | uint32_t{green} << 8 | blue;
}

// A plane of bytes, or a rectangle of one.
struct byte_plane {
   const uint8_t *data;
   extent size;
   size_t stride;

   byte_plane(const uint8_t *first, extent whole)
       : data(first), size(whole), stride(static_cast<size_t>(whole.width)) {}
   byte_plane part(int32_t left, int32_t top, extent area) const {
      byte_plane cut = *this;
      cut.data = row(top) + left;
      cut.size = area;
      return cut;
   }
   const uint8_t *row(int32_t y) const { return data + static_cast<size_t>(y) * stride; }
};

// Red, green, blue and the grey of 8 bits (gray8).
enum plane_kind { RED, GREEN, BLUE, GRAY, plane_kinds };

// Of each picture the bits of its edges (canny with 50 and 150), each row beginning a word, and four planes,
// one behind the other. Borrows its memory, which must begin where a word may stand.
class clip {
 public:
   clip(extent size, uint32_t count, std::span<uint8_t> memory) : size_(size), count_(count), memory_(memory) {}
   static size_t bytes(extent size, uint32_t count) { return bytes(size) * count; }

   extent size() const { return size_; }
   uint32_t count() const { return count_; }
   uint8_t *plane(uint32_t picture, plane_kind kind) { return memory_.data() + place(picture, kind); }
   const uint8_t *plane(uint32_t picture, plane_kind kind) const {
      return memory_.data() + place(picture, kind);
   }
   byte_plane view(uint32_t picture, plane_kind kind) const { return {plane(picture, kind), size_}; }
   // The same pictures, of which the later ones are left out.
   clip first(uint32_t count) const { return {size_, count, memory_}; }
   // Red, green and blue of a picture, in one piece.
   std::span<const uint8_t> colours(uint32_t picture) const {
      return {plane(picture, RED), 3 * size_.pixels()};
   }
   // Bit x of a row: is there an edge at x? Bits behind the last pixel are 0.
   std::span<uint64_t> edges(uint32_t picture) {
      return {reinterpret_cast<uint64_t *>(memory_.data() + picture * bytes(size_)), edge_words(size_)};
   }
   std::span<const uint64_t> edges(uint32_t picture) const {
      return {reinterpret_cast<const uint64_t *>(memory_.data() + picture * bytes(size_)), edge_words(size_)};
   }
   size_t edge_pitch() const { return words(size_.width); } // words from row to row

 private:
   static size_t words(int32_t width) { return (static_cast<size_t>(width) + 63) / 64; }
   static size_t edge_words(extent size) { return words(size.width) * static_cast<size_t>(size.height); }
   static size_t bytes(extent size) {
      return (edge_words(size) + (size.pixels() * plane_kinds + 7) / 8) * sizeof(uint64_t);
   }
   size_t place(uint32_t picture, plane_kind kind) const {
      return picture * bytes(size_) + edge_words(size_) * sizeof(uint64_t) + kind * size_.pixels();
   }

   extent size_;
   uint32_t count_;
   std::span<uint8_t> memory_;
};

} // namespace giflab::classic
