#include "giflab_programs/gif_times.hpp"

#include <algorithm>
#include <cmath>
#include <giflab/plugin.hpp>
#include <numeric>
#include <string_view>

namespace giflab::programs {

namespace {

constexpr std::size_t nowhere = std::string::npos;
constexpr uint64_t longest_delay = 65'535;

// Where things are in a GIF (https://www.w3.org/Graphics/GIF/spec-gif89a.txt).
class block_walk {
 public:
   explicit block_walk(const std::string &gif) : gif_(gif) {
      if (gif.size() < 13 || !(gif.starts_with("GIF87a") || gif.starts_with("GIF89a")))
         throw failure(GIFLAB_UNSUPPORTED, "the file is no GIF");
      at_ = 13 + palette_bytes(10);
   }

   // Goes behind the next frame; false if there is no whole one.
   bool next() {
      delay_at_ = nowhere;
      while (at_ < gif_.size()) {
         const uint8_t kind = byte(at_);
         if (kind == 0x21)
            pass_extension();
         else
            return kind == 0x2C && pass_image();
      }
      return false;
   }

   std::size_t delay_at() const { return delay_at_; } // of the frame's delay, two bytes; or nowhere
   std::optional<uint16_t> repeats() const { return repeats_; }
   uint16_t number(std::size_t at) const { return static_cast<uint16_t>(byte(at) | byte(at + 1) << 8); }

 private:
   uint8_t byte(std::size_t at) const { return at < gif_.size() ? static_cast<uint8_t>(gif_[at]) : 0; }
   std::size_t palette_bytes(std::size_t flags_at) const {
      const uint8_t flags = byte(flags_at);
      return flags & 0x80 ? std::size_t{3} << ((flags & 7) + 1) : 0;
   }

   // False at the end of the file.
   bool pass_blocks() {
      while (at_ < gif_.size()) {
         const uint8_t length = byte(at_++);
         if (length == 0)
            return true;
         at_ += length;
      }
      return false;
   }

   void pass_extension() {
      const std::size_t first = at_ + 2;
      if (byte(at_ + 1) == 0xF9 && byte(first) >= 4)
         delay_at_ = first + 2;
      const std::string_view rest = std::string_view(gif_).substr(std::min(first, gif_.size()));
      if (byte(at_ + 1) == 0xFF && rest.starts_with("\x0BNETSCAPE2.0\x03\x01"))
         repeats_ = number(first + 14);
      at_ = first;
      pass_blocks();
   }

   bool pass_image() {
      at_ += 10 + palette_bytes(at_ + 9) + 1; // and the width of its first codes
      return pass_blocks();
   }

   const std::string &gif_;
   std::size_t at_ = 0, delay_at_ = nowhere;
   std::optional<uint16_t> repeats_;
};

} // namespace

uint64_t gif_times::total() const { return std::accumulate(delays.begin(), delays.end(), uint64_t{0}); }

std::string gif_times::repeats_argument() const { return repeats ? std::to_string(*repeats) : "-1"; }

gif_times times_of(const std::string &gif) {
   block_walk walk(gif);
   gif_times found;
   while (walk.next())
      found.delays.push_back(walk.delay_at() == nowhere ? uint16_t{0} : walk.number(walk.delay_at()));
   if (found.delays.empty())
      throw failure(GIFLAB_UNSUPPORTED, "the file has no whole frame");
   found.repeats = walk.repeats();
   return found;
}

std::string with_delays(std::string gif, const std::vector<uint64_t> &delays) {
   std::vector<std::size_t> places;
   for (block_walk walk(gif); walk.next();)
      places.push_back(walk.delay_at());
   if (places.size() != delays.size())
      throw failure(GIFLAB_IO, "the tool made " + std::to_string(places.size()) + " frames where " +
                                   std::to_string(delays.size()) + " were expected: their times are not known");
   for (std::size_t i = 0; i < places.size(); ++i) {
      if (delays[i] > longest_delay)
         throw failure(GIFLAB_IO, "a frame would be on show for longer than a GIF can say (655.35 s)");
      if (places[i] == nowhere && delays[i] > 0)
         throw failure(GIFLAB_IO, "the tool made a frame without a delay");
      if (places[i] == nowhere)
         continue;
      gif[places[i]] = static_cast<char>(delays[i] & 255);
      gif[places[i] + 1] = static_cast<char>(delays[i] >> 8);
   }
   return gif;
}

std::vector<std::size_t> evenly_kept(std::size_t frames, double keep) {
   // The hair is for shares such as 0.29 that binary numbers only nearly are.
   const auto rank = [keep](std::size_t i) { return std::floor(static_cast<double>(i) * keep + 1e-9); };
   std::vector<std::size_t> kept;
   for (std::size_t i = 0; i < frames; ++i)
      if (i == 0 || rank(i) > rank(i - 1))
         kept.push_back(i);
   return kept;
}

std::vector<uint64_t> delays_of_kept(const std::vector<uint16_t> &delays,
                                     const std::vector<std::size_t> &kept) {
   std::vector<uint64_t> sums;
   for (std::size_t i = 0; i < kept.size(); ++i) {
      const std::size_t end = i + 1 < kept.size() ? kept[i + 1] : delays.size();
      sums.push_back(std::accumulate(delays.begin() + static_cast<std::ptrdiff_t>(kept[i]),
                                     delays.begin() + static_cast<std::ptrdiff_t>(end), uint64_t{0}));
   }
   return sums;
}

std::string held_until(std::string gif, uint64_t total) {
   const gif_times now = times_of(gif);
   std::vector<uint64_t> delays(now.delays.begin(), now.delays.end());
   const uint64_t others = now.total() - delays.back();
   if (others > total)
      throw failure(GIFLAB_IO, "the tool's frames last longer than the source");
   delays.back() = total - others;
   return with_delays(std::move(gif), delays);
}

} // namespace giflab::programs
