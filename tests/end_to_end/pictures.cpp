#include "pictures.hpp"
#include "program.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fmt/format.h>

namespace end_to_end {

namespace fs = std::filesystem;

namespace {

std::string little_endian(int number) {
   return {static_cast<char>(number & 255), static_cast<char>(number >> 8)};
}

std::string big_endian(uint32_t number) {
   std::string bytes;
   for (int shift : {24, 16, 8, 0})
      bytes += static_cast<char>(number >> shift & 255);
   return bytes;
}

// 128 colours, of which the first 8 have every combination of full channels.
std::string palette() {
   constexpr int colours[8] = {0x000000, 0xFFFFFF, 0xFF0000, 0x00FF00, 0xFFFF00, 0xFF00FF, 0x00FFFF, 0x0000FF};
   std::string bytes;
   for (int i = 0; i < 128; ++i)
      for (int shift : {16, 8, 0})
         bytes += static_cast<char>(colours[i % 8] >> shift & 255);
   return bytes;
}

// With a clear code (128) ahead of every 100 pixels the codes never grow over 8 bits: one byte each.
std::string pixel_data(int count, uint8_t colour) {
   std::string data = "\x07";
   for (int done = 0; done < count; done += 100) {
      const int length = std::min(100, count - done);
      data += static_cast<char>(length + 1);
      data += '\x80';
      data += std::string(static_cast<std::size_t>(length), static_cast<char>(colour));
   }
   return data + std::string("\x01\x81\x00", 3); // the end code, and no further block
}

std::string frame_bytes(const small_gif &gif, const small_frame &frame) {
   std::string bytes("\x21\xF9\x04", 3);
   bytes += static_cast<char>(frame.transparent >= 0 ? 1 : 0);
   bytes += little_endian(frame.delay_hundredths);
   bytes += static_cast<char>(std::max(frame.transparent, 0));
   bytes += '\0';
   bytes +=
       ',' + little_endian(0) + little_endian(0) + little_endian(gif.width) + little_endian(gif.height) + '\0';
   return bytes + pixel_data(gif.width * gif.height, frame.colour);
}

uint32_t crc32(const std::string &bytes) {
   uint32_t crc = 0xFFFFFFFF;
   for (const char byte : bytes) {
      crc ^= static_cast<uint8_t>(byte);
      for (int i = 0; i < 8; ++i)
         crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
   }
   return ~crc;
}

uint32_t adler32(const std::string &bytes) {
   uint32_t low = 1, high = 0;
   for (const char byte : bytes) {
      low = (low + static_cast<uint8_t>(byte)) % 65521;
      high = (high + low) % 65521;
   }
   return high << 16 | low;
}

std::string chunk(const std::string &type, const std::string &data) {
   return big_endian(static_cast<uint32_t>(data.size())) + type + data + big_endian(crc32(type + data));
}

} // namespace

std::string bytes_of(const small_gif &gif) {
   std::string bytes = "GIF89a";
   bytes += little_endian(gif.canvas_width ? gif.canvas_width : gif.width);
   bytes += little_endian(gif.canvas_height ? gif.canvas_height : gif.height);
   bytes += std::string("\xF6\x00\x00", 3) + palette();
   for (const small_frame &frame : gif.frames)
      bytes += frame_bytes(gif, frame);
   return bytes + ';';
}

std::string png_bytes(uint32_t width, uint32_t height, uint8_t grey) {
   std::string pixels;
   for (uint32_t y = 0; y < height; ++y)
      pixels += '\0' + std::string(width, static_cast<char>(grey)); // a filter byte ahead of each row
   const int size = static_cast<int>(pixels.size());
   REQUIRE(size < 65536); // what one stored block of deflate holds
   const std::string stored = "\x78\x01\x01" + little_endian(size) + little_endian(~size & 0xFFFF) + pixels +
                              big_endian(adler32(pixels));
   const std::string header = big_endian(width) + big_endian(height) + std::string("\x08\x00\x00\x00\x00", 5);
   return "\x89PNG\r\n\x1A\n" + chunk("IHDR", header) + chunk("IDAT", stored) + chunk("IEND", "");
}

std::string synthetic_gif(int width, int height, int frames) {
   static const fs::path folder = fresh_folder("synthetic");
   const fs::path path = folder / fmt::format("{}x{}-{}.gif", width, height, frames);
   if (!fs::exists(path))
      REQUIRE(run_program(SYNTHETIC_GIF, {{path.string(), std::to_string(width), std::to_string(height),
                                           std::to_string(frames)}})
                  .code == 0);
   return path.string();
}

} // namespace end_to_end
