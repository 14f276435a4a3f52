#include "config/printable.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>

namespace giflab::config {

namespace {

constexpr int longest_in_quotes = 100;

struct character {
   uint32_t code = 0;
   std::size_t bytes = 0; // 0: the text does not start with a character
};

// The first character of a text that is not empty, by the table of well-formed sequences in the Unicode
// standard: no overlong forms, no surrogates, nothing over U+10FFFF.
character first_character(std::string_view text) {
   const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
   const uint32_t lead = byte(0);
   if (lead < 0x80)
      return {lead, 1};
   const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
   if (lead < 0xC2 || lead > 0xF4 || text.size() < length)
      return {};
   uint32_t code = lead & (0x7Fu >> length);
   for (std::size_t i = 1; i < length; ++i) {
      if ((byte(i) & 0xC0u) != 0x80)
         return {};
      code = (code << 6) | (byte(i) & 0x3Fu);
   }
   const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
   const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
   if (overlong || surrogate || code > 0x10FFFF)
      return {};
   return {code, length};
}

bool is_control(uint32_t code) { return code < 0x20 || (code >= 0x7F && code < 0xA0); }

// Copies at most `most` characters; tells whether the whole text fitted.
bool append_escaped(std::string &to, std::string_view text, bool controls, std::size_t most) {
   for (std::size_t count = 0; !text.empty(); ++count) {
      if (count == most)
         return false;
      const character c = first_character(text);
      const std::size_t bytes = c.bytes == 0 ? 1 : c.bytes;
      if (c.bytes == 0 || (controls && is_control(c.code)))
         for (const char byte : text.substr(0, bytes))
            to += fmt::format("\\x{:02X}", static_cast<unsigned char>(byte));
      else
         to += text.substr(0, bytes);
      text.remove_prefix(bytes);
   }
   return true;
}

} // namespace

std::string valid_utf8(std::string_view text) {
   if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
      return std::string(text); // most texts are ASCII, and every plugin's are looked at
   std::string valid;
   append_escaped(valid, text, false, std::string::npos);
   return valid;
}

std::string printable(std::string_view text) {
   std::string shown;
   append_escaped(shown, text, true, std::string::npos);
   return shown;
}

std::string printable_lines(std::string_view text) {
   std::string shown;
   for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
      shown += printable(text.substr(0, end)) + '\n';
      text.remove_prefix(end + 1);
   }
   return shown + printable(text);
}

std::string cut_short(std::string_view text, std::size_t most) {
   if (text.size() <= most)
      return std::string(text);
   const auto is_inside = [&](std::size_t at) {
      return (static_cast<unsigned char>(text[at]) & 0xC0u) == 0x80;
   };
   const std::size_t least = most < 3 ? 0 : most - 3; // a character has four bytes at most
   while (most > least && is_inside(most))
      --most;
   return std::string(text.substr(0, most)) + "...";
}

std::string in_quotes(std::string_view text) {
   std::string shown = "\"";
   const bool whole = append_escaped(shown, text, true, longest_in_quotes);
   return shown + (whole ? "\"" : "...\"");
}

} // namespace giflab::config
