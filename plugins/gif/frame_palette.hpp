#pragma once
// Up to 256 colours and the place of each.

#include "pixels.hpp"

#include <array>
#include <optional>

namespace giflab::plugins {

// A set of opaque colours in the order in which they came.
class frame_palette {
 public:
   static constexpr std::size_t most = 256;

   frame_palette() { slots_.fill(free_slot); }

   // False, and nothing added, if that would be one too many.
   bool add(pixel colour);
   std::optional<uint8_t> index_of(pixel colour) const;

   std::size_t size() const { return count_; }
   pixel colour(std::size_t index) const { return colours_[index]; }

 private:
   static constexpr std::size_t slot_count = 1024;
   static constexpr int16_t free_slot = -1;
   std::size_t slot_of(pixel colour) const;

   std::array<int16_t, slot_count> slots_;
   std::array<pixel, most> colours_{};
   std::size_t count_ = 0;
};

} // namespace giflab::plugins
