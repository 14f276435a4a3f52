#include "clip_writer.hpp"

#include <bitset>

namespace giflab::plugins {

namespace {

constexpr int64_t microseconds_a_tick = 10'000; // delays are hundredths of a second
constexpr int64_t longest_delay = 65'535;
constexpr std::size_t lookup_memory = 4096;

// Rounded to the nearest, so that the error of a moment never exceeds half a tick, however long the clip.
int64_t ticks_until(int64_t time_us) { return (time_us + microseconds_a_tick / 2) / microseconds_a_tick; }

template <class Differs>
area bounds_of(const canvas &a, const canvas &b, Differs &&differs, const std::function<void()> &poll) {
   area found;
   for (int32_t y = 0; y < a.height; ++y) {
      poll();
      const pixel *one = a.row(y), *other = b.row(y);
      int32_t first = 0, end = a.width;
      while (first < end && !differs(one[first], other[first]))
         ++first;
      while (end > first && !differs(one[end - 1], other[end - 1]))
         --end;
      if (first < end) {
         found.take_in(first, y);
         found.take_in(end - 1, y);
      }
   }
   return found;
}

} // namespace

// The pixels of an area as they are to be seen, before they have indices.
struct clip_writer::painting {
   area place;
   std::vector<pixel> pixels; // transparent where nothing is painted
   frame_palette colours;
   bool fits = true; // all colours are in there
   bool see_through = false;
};

struct clip_writer::encoded {
   bytes data;
   frame_palette global; // grown by what the frame needs
   std::size_t global_size = 0;
};

clip_writer::clip_writer(int32_t width, int32_t height, int32_t loop_count)
    : loop_count_(loop_count), before_(width, height), shown_(width, height), writer_(width, height) {}

void clip_writer::add(canvas picture, int64_t duration_us, const std::function<void()> &poll) {
   if (pending_) {
      const area cleared = bounds_of(
          shown_, picture, [](pixel was, pixel is) { return was != transparent && is == transparent; }, poll);
      write_pending(cleared, poll);
   }
   shown_ = std::move(picture);
   pending_ = true;
   end_us_ += duration_us;
}

// Writes the pending picture and takes its time; `before_` becomes what it leaves, with its area cleared if
// need be.
void clip_writer::write_pending(const area &cleared, const std::function<void()> &poll) {
   int64_t left = ticks_until(end_us_) - written_cs_;
   written_cs_ += left;
   for (bool again = true; again;) {
      again = left > longest_delay; // then frames that paint nothing hold the picture
      area place = bounds_of(
          before_, shown_, [](pixel a, pixel b) { return a != b; }, poll);
      const bool clears = !again && !cleared.empty();
      if (clears)
         place.take_in(cleared);
      if (place.empty())
         place = {0, 0, 1, 1};
      write_frame(place, clears, static_cast<uint16_t>(std::min(left, longest_delay)), poll);
      left -= longest_delay;
      before_ = shown_;
      for (int32_t y = place.top; clears && y < place.bottom; ++y)
         std::fill_n(before_.row(y) + place.left, place.width(), transparent);
   }
}

// Paints what has changed or, `whole`, everything in the area that has a colour.
clip_writer::painting clip_writer::paint(const area &place, bool whole,
                                         const std::function<void()> &poll) const {
   painting made;
   made.place = place;
   made.pixels.reserve(static_cast<std::size_t>(place.width()) * static_cast<std::size_t>(place.height()));
   for (int32_t y = place.top; y < place.bottom; ++y) {
      poll();
      const pixel *was = before_.row(y), *is = shown_.row(y);
      for (int32_t x = place.left; x < place.right; ++x) {
         const pixel colour = whole || was[x] != is[x] ? is[x] : transparent;
         made.pixels.push_back(colour);
         if (colour == transparent)
            made.see_through = true;
         else if (made.fits)
            made.fits = made.colours.add(colour);
      }
   }
   made.fits = made.fits && made.colours.size() + made.see_through <= frame_palette::most;
   return made;
}

namespace {

// Gives every pixel the nearest of as many colours as a frame can have.
void reduce(std::vector<pixel> &pixels, frame_palette &colours, std::size_t most,
            const std::function<void()> &poll) {
   kernels::colour_histogram histogram;
   for (std::size_t i = 0; i < pixels.size(); ++i) {
      if (i % 4096 == 0)
         poll();
      if (pixels[i] != transparent)
         histogram.add(kernels::unpacked(pixels[i]));
   }
   kernels::palette_lookup lookup(kernels::palette_for(histogram, most, poll), lookup_memory);
   colours = {};
   for (std::size_t i = 0; i < pixels.size(); ++i) {
      if (i % 4096 == 0)
         poll();
      if (pixels[i] == transparent)
         continue;
      pixels[i] = 0xFF000000u | kernels::packed(lookup.palette()[lookup.nearest(kernels::unpacked(pixels[i]))]);
      colours.add(pixels[i]);
   }
}

std::vector<uint8_t> indices_of(const std::vector<pixel> &pixels, const frame_palette &palette,
                                int transparent_index) {
   std::vector<uint8_t> indices;
   indices.reserve(pixels.size());
   pixel last = transparent;
   uint8_t index = static_cast<uint8_t>(transparent_index);
   for (const pixel colour : pixels) {
      if (colour != last)
         index = colour == transparent ? static_cast<uint8_t>(transparent_index) : *palette.index_of(colour);
      last = colour;
      indices.push_back(index);
   }
   return indices;
}

// An entry of a full palette that none of these colours has; -1 if there is none.
int unused_entry(const frame_palette &full, const frame_palette &colours) {
   std::bitset<frame_palette::most> used;
   for (std::size_t i = 0; i < colours.size(); ++i)
      used.set(*full.index_of(colours.colour(i)));
   for (std::size_t i = 0; i < full.size(); ++i)
      if (!used[i])
         return static_cast<int>(i);
   return -1;
}

} // namespace

// Nothing if the global palette has no room for the frame's colours.
std::optional<clip_writer::encoded> clip_writer::with_global(const painting &painted, stored_frame frame,
                                                             const std::function<void()> &poll) {
   encoded made{{}, global_, global_size_};
   for (std::size_t i = 0; i < painted.colours.size(); ++i)
      if (!made.global.add(painted.colours.colour(i)))
         return std::nullopt;
   if (painted.see_through) {
      // An entry that gets a colour later is as good: each frame says for itself which one is transparent.
      frame.transparent_index = made.global.size() < frame_palette::most
                                    ? static_cast<int>(made.global.size())
                                    : unused_entry(made.global, painted.colours);
      if (frame.transparent_index < 0)
         return std::nullopt;
   }
   frame.indices = indices_of(painted.pixels, made.global, frame.transparent_index);
   made.global_size =
       std::max({made.global_size, made.global.size(), static_cast<std::size_t>(frame.transparent_index + 1)});
   made.data = writer_.write(frame, poll);
   return made;
}

clip_writer::encoded clip_writer::with_local(const painting &painted, stored_frame frame,
                                             const std::function<void()> &poll) {
   if (painted.see_through)
      frame.transparent_index = static_cast<int>(painted.colours.size());
   frame.local = &painted.colours;
   frame.local_size = painted.colours.size() + painted.see_through;
   frame.indices = indices_of(painted.pixels, painted.colours, frame.transparent_index);
   return {writer_.write(frame, poll), global_, global_size_};
}

// The ways to paint a frame without loss; if there is none, the one with the nearest colours.
std::vector<clip_writer::painting> clip_writer::paintings(const area &place,
                                                          const std::function<void()> &poll) const {
   std::vector<painting> ways;
   painting changed = paint(place, false, poll);
   if (changed.see_through) // else that is everything already
      if (painting whole = paint(place, true, poll); whole.fits)
         ways.push_back(std::move(whole));
   if (!changed.fits && ways.empty())
      reduce(changed.pixels, changed.colours, frame_palette::most - changed.see_through, poll);
   else if (!changed.fits)
      return ways;
   ways.push_back(std::move(changed));
   return ways;
}

// Writes the frame in every way that may be the smallest, and keeps that one.
void clip_writer::write_frame(const area &place, bool restore_background, uint16_t delay_cs,
                              const std::function<void()> &poll) {
   stored_frame frame;
   frame.place = place;
   frame.restore_background = restore_background;
   frame.delay_cs = delay_cs;
   std::optional<encoded> best;
   const auto keep_smaller = [&](std::optional<encoded> candidate) {
      if (candidate && (!best || candidate->data.size() < best->data.size()))
         best = std::move(candidate);
   };
   for (const painting &painted : paintings(place, poll)) {
      keep_smaller(with_global(painted, frame, poll));
      // Few colours in a palette of their own can take fewer bits a pixel than as entries of a large one.
      if (!best || painted.colours.size() + painted.see_through <= global_.size() / 2)
         keep_smaller(with_local(painted, frame, poll));
   }
   frames_.insert(frames_.end(), best->data.begin(), best->data.end());
   global_ = best->global;
   global_size_ = best->global_size;
}

bytes clip_writer::finish(const std::function<void()> &poll) {
   if (pending_)
      write_pending({}, poll);
   pending_ = false;
   bytes file =
       head_of(shown_.width, shown_.height, loop_count_, global_, std::max<std::size_t>(global_size_, 2));
   file.insert(file.end(), frames_.begin(), frames_.end());
   file.push_back(trailer);
   return file;
}

} // namespace giflab::plugins
