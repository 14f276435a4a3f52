#include "frame_palette.hpp"

namespace giflab::plugins {

std::size_t frame_palette::slot_of(pixel colour) const {
   std::size_t at = (colour * 2654435761u) >> 22;
   while (slots_[at] != free_slot && colours_[static_cast<std::size_t>(slots_[at])] != colour)
      at = (at + 1) % slot_count;
   return at;
}

bool frame_palette::add(pixel colour) {
   const std::size_t at = slot_of(colour);
   if (slots_[at] != free_slot)
      return true;
   if (count_ == most)
      return false;
   slots_[at] = static_cast<int16_t>(count_);
   colours_[count_++] = colour;
   return true;
}

std::optional<uint8_t> frame_palette::index_of(pixel colour) const {
   const int16_t found = slots_[slot_of(colour)];
   return found == free_slot ? std::nullopt : std::optional(static_cast<uint8_t>(found));
}

} // namespace giflab::plugins
