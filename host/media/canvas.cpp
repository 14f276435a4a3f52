#include "media/canvas.hpp"

#include "media/byte_tables.hpp"
#include "media/difference.hpp"

#include <algorithm>
#include <cstring>

namespace giflab::media {

namespace {

constexpr int32_t palette_size = 256;
constexpr packed_colour transparent = 0;

// Which colour has which index. A table of twice the palette's size, probed in line.
class palette_builder {
 public:
   palette_builder() { slots_.fill(-1); }

   // Begins with the colours of a picture that canvas drew.
   explicit palette_builder(const picture &shown) : palette_builder() {
      const auto *colours = shown.indexed()->palette.row<packed_colour>(0);
      for (int32_t i = 0; i < shown.indexed()->colours; ++i)
         add(colours[i]);
   }

   // False, and nothing added, if the palette is full of others.
   bool add(packed_colour colour) {
      int16_t &slot = slot_of(colour);
      if (slot >= 0)
         return true;
      if (count_ == palette_size)
         return false;
      colours_[static_cast<std::size_t>(count_)] = colour;
      slot = static_cast<int16_t>(count_++);
      return true;
   }

   // Of a colour that was added.
   uint8_t index_of(packed_colour colour) { return static_cast<uint8_t>(slot_of(colour)); }

   int32_t count() const { return count_; }
   const packed_colour *colours() const { return colours_.data(); }

 private:
   static constexpr std::size_t slot_count = 512;

   int16_t &slot_of(packed_colour colour) {
      std::size_t at = (colour * 2654435761u) >> 23;
      while (slots_[at] >= 0 && colours_[static_cast<std::size_t>(slots_[at])] != colour)
         at = (at + 1) % slot_count;
      return slots_[at];
   }

   std::array<int16_t, slot_count> slots_;
   std::array<packed_colour, palette_size> colours_{};
   int32_t count_ = 0;
};

// Where row `y` of a frame lies among the rows of the file.
int32_t stored_row(int32_t y, int32_t height, bool interlaced) {
   if (!interlaced)
      return y;
   const int32_t first = (height + 7) / 8, second = (height + 3) / 8, third = (height + 1) / 4;
   if (y % 8 == 0)
      return y / 8;
   if (y % 8 == 4)
      return first + y / 8;
   if (y % 4 == 2)
      return first + second + y / 4;
   return first + second + third + y / 2;
}

template <class T> void copy_plane(const pixel_plane &from, const pixel_plane &to, int32_t height) {
   std::memcpy(to.row<T>(0), from.row<T>(0), from.stride * static_cast<std::size_t>(height));
}

template <class T> void fill(const pixel_plane &plane, const rectangle &area, T value) {
   for (int32_t y = area.y; y < area.y + area.height; ++y)
      std::fill_n(plane.row<T>(y) + area.x, area.width, value);
}

void draw_row_but(int skipped, const uint8_t *indices, packed_colour *to, int32_t width,
                  const std::array<packed_colour, 256> &values) {
   for (int32_t x = 0; x < width; ++x)
      to[x] = indices[x] == skipped ? to[x] : values[indices[x]];
}

// Do the colours of one palette stand at the beginning of the other?
bool begins_with(const picture &longer, const picture &shorter) {
   const indexed_pixels &all = *longer.indexed(), &first = *shorter.indexed();
   return all.colours >= first.colours &&
          std::memcmp(all.palette.row<packed_colour>(0), first.palette.row<packed_colour>(0),
                      static_cast<std::size_t>(first.colours) * sizeof(packed_colour)) == 0;
}

} // namespace

struct canvas::drawing {
   const gif_image &frame;
   const gif_pixels &pixels;
   rectangle region;                         // of the frame, on the canvas
   bool see_through = false;                 // some pixel is transparent
   bool covers = false;                      // nothing of the base shows through
   std::optional<palette_builder> palette{}; // none if there are too many colours
   std::shared_ptr<picture> made{};
   indexed_pixels indexed{}; // either of these will be the picture's
   pixel_plane rgba{};

   const uint8_t *row(int32_t y) const {
      const int32_t stored = stored_row(y - frame.area.y, frame.area.height, frame.interlaced);
      return pixels.indices.data() +
             static_cast<std::size_t>(stored) * static_cast<std::size_t>(frame.area.width) +
             (region.x - frame.area.x);
   }

   // True if the palette takes all colours that the frame shows.
   bool add_colours(palette_builder &to) const {
      bool fits = true;
      for (std::size_t i = 0; i < pixels.used.size() && fits; ++i)
         if (shows(i))
            fits = to.add(pixels.colours[i]);
      return fits;
   }

   bool shows(std::size_t index) const {
      return pixels.used[index] && static_cast<int>(index) != frame.transparent_index;
   }

   std::size_t shown_indices() const {
      std::size_t met = palette_size;
      while (met > 1 && !shows(met - 1))
         --met;
      return met;
   }

   // What each index of the frame is in the picture's palette.
   byte_table places() {
      byte_table found{};
      found.met = shown_indices();
      for (std::size_t i = 0; i < found.met; ++i)
         if (shows(i))
            found.bytes[i] = palette->index_of(pixels.colours[i]);
      return found;
   }

   // Calls body(indices, y) for each row on the canvas.
   template <class Body> void each_row(Body &&body) const {
      for (int32_t y = region.y; y < region.y + region.height; ++y)
         body(row(y), y);
   }

   // Does each index that is shown mean the same in the picture's palette?
   bool keeps_indices(const byte_table &table) const {
      for (std::size_t i = 0; i < table.met; ++i)
         if (shows(i) && table.bytes[i] != i)
            return false;
      return true;
   }

   void draw_indices() {
      const byte_table table = places();
      const auto width = static_cast<std::size_t>(region.width);
      const bool copies = !see_through && keeps_indices(table);
      each_row([&](const uint8_t *from, int32_t y) {
         uint8_t *const to = indexed.indices.row<uint8_t>(y) + region.x;
         if (copies)
            std::memcpy(to, from, width);
         else if (see_through)
            look_up_but(static_cast<uint8_t>(frame.transparent_index), table, from, width, to);
         else
            look_up(table, from, width, to);
      });
   }

   void draw_colours() const {
      const word_table table(pixels.colours.data(), shown_indices());
      each_row([&](const uint8_t *from, int32_t y) {
         packed_colour *const to = rgba.row<packed_colour>(y) + region.x;
         if (see_through)
            draw_row_but(frame.transparent_index, from, to, region.width, pixels.colours);
         else
            look_up(table, from, static_cast<std::size_t>(region.width), to);
      });
   }

   void draw() {
      if (palette)
         draw_indices();
      else
         draw_colours();
   }
};

rectangle canvas::clipped(const rectangle &area) const {
   const int32_t left = std::max(area.x, 0), top = std::max(area.y, 0);
   const int32_t right = std::min(area.x + area.width, width_);
   const int32_t bottom = std::min(area.y + area.height, height_);
   return right > left && bottom > top ? rectangle{left, top, right - left, bottom - top} : rectangle{};
}

std::shared_ptr<picture> canvas::draw(const gif_image &frame, const gif_pixels &pixels) {
   drawing now{.frame = frame, .pixels = pixels, .region = clipped(frame.area)};
   now.see_through =
       frame.transparent_index >= 0 && pixels.used[static_cast<std::size_t>(frame.transparent_index)];
   now.covers = now.region == rectangle{0, 0, width_, height_} && !now.see_through;
   now.made = std::make_shared<picture>();
   now.made->width = width_;
   now.made->height = height_;
   choose_palette(now);
   lay_base(now);
   now.draw();
   finish(now);
   dispose(now);
   return now.made;
}

// The palette of the picture before goes on as long as there is room, so that an index keeps its meaning. Then
// it starts over, with the colours of what lies under the frame.
void canvas::choose_palette(drawing &now) const {
   const bool needs_base = !now.covers && base_ != nullptr;
   if (needs_base && !base_->indexed())
      return;
   const auto fitting = [&](palette_builder palette) {
      const bool empties = !now.covers && (!base_ || !cleared_.empty());
      if ((empties && !palette.add(transparent)) || !now.add_colours(palette))
         return false;
      now.palette = palette;
      return true;
   };
   const bool goes_on = last_ && last_->indexed() && (!needs_base || begins_with(*last_, *base_));
   if (goes_on && fitting(palette_builder(*last_)))
      return;
   fitting(needs_base ? palette_builder(*base_) : palette_builder());
}

void canvas::lay_base(drawing &now) const {
   const rectangle emptied = base_ ? cleared_ : rectangle{0, 0, width_, height_};
   if (now.palette) {
      constexpr std::size_t row_bytes = palette_size * sizeof(packed_colour);
      now.indexed = {make_plane(*pool_, static_cast<std::size_t>(width_), height_),
                     make_plane(*pool_, row_bytes, 1), now.palette->count()};
      std::memcpy(now.indexed.palette.row<packed_colour>(0), now.palette->colours(), row_bytes);
      if (!now.covers && base_)
         copy_plane<uint8_t>(base_->indexed()->indices, now.indexed.indices, height_);
      if (!now.covers && !emptied.empty())
         fill(now.indexed.indices, emptied, now.palette->index_of(transparent));
      return;
   }
   now.rgba = make_plane(*pool_, static_cast<std::size_t>(width_) * sizeof(packed_colour), height_);
   if (now.covers)
      return;
   if (base_)
      copy_plane<uint8_t>(base_->rgba(), now.rgba, height_);
   fill(now.rgba, emptied, transparent);
}

void canvas::finish(drawing &now) {
   picture &made = *now.made;
   if (now.palette)
      made.give(std::move(now.indexed), *pool_);
   else
      made.give(std::move(now.rgba));
   if (last_) {
      difference found = difference_between(*last_, made, united(stale_, now.region));
      made.changed = std::move(found.changed);
      rows_.read(made, found.rows);
   } else {
      made.changed = {{0, 0, width_, height_}, {}};
      rows_.read_all(made);
   }
   made.content = rows_.content_id(width_);
}

// 4 was once meant as "restore to previous" by half of the programs; browsers still honour it.
void canvas::dispose(const drawing &now) {
   last_ = now.made;
   switch (now.frame.disposal) {
   case DISPOSE_BACKGROUND:
      base_ = last_;
      cleared_ = stale_ = now.region;
      break;
   case DISPOSE_PREVIOUS:
   case DISPOSE_PREVIOUS + 1:
      stale_ = now.region;
      break;
   default:
      base_ = last_;
      cleared_ = stale_ = {};
   }
}

} // namespace giflab::media
