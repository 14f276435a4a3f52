#include "media/still.hpp"

#include "media/complaints.hpp"
#include "media/difference.hpp"
#include "media/still_codecs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>

namespace giflab::media {

namespace {

constexpr const char *advice = "get the file again or make it anew";

// No PNG row comes out of less: deflate makes at most 1032 bytes of one, and a pixel has at least a bit.
bool could_hold(std::span<const uint8_t> bytes, const still_header &header) {
   constexpr int64_t most_pixels_per_byte = int64_t{1032} * 8;
   return header.format != file_format::png ||
          int64_t{header.width} * header.height / most_pixels_per_byte <= static_cast<int64_t>(bytes.size());
}

result<still_header> checked_header(const std::string &path, std::span<const uint8_t> bytes,
                                    const limits &most) {
   const auto header = read_still_header(bytes);
   if (!header && format_of(bytes) == file_format::unknown)
      return failed(problem::input,
                    fmt::format("{}: is not a GIF, PNG, JPEG or WebP; convert it to one", path));
   if (!header)
      return failed(problem::input, fmt::format("{}: the header of this {} is damaged or cut off; {}", path,
                                                name_of(format_of(bytes)), advice));
   if (int64_t{header->width} * header->height > most.max_pixels)
      return failed(problem::input,
                    fmt::format("{}: a picture of {}x{} is over the limit of {} pixels; raise it with "
                                "--max-pixels if you trust the file",
                                path, header->width, header->height, most.max_pixels));
   if (header->animated)
      return failed(problem::input,
                    fmt::format("{}: is an animated {}, of which only the first picture could be read; convert "
                                "it to a GIF or a folder of PNG files",
                                path, name_of(header->format)));
   if (!could_hold(bytes, *header))
      return failed(problem::input, fmt::format("{}: a picture of {}x{} cannot come out of {} bytes; {}", path,
                                                header->width, header->height, bytes.size(), advice));
   return *header;
}

bool tells_of_damage(const std::string &complaint) {
   return complaint.find("Premature end") != std::string::npos ||
          complaint.find("Corrupt JPEG") != std::string::npos;
}

result<decoded_still> decoded(const std::string &path, std::span<const uint8_t> bytes,
                              const still_header &header) {
   if (header.format == file_format::jpeg && !reaches_jpeg_end(bytes))
      return failed(problem::input,
                    fmt::format("{}: the pixels of this JPEG are damaged (the file ends at byte {} "
                                "without an end marker); {}",
                                path, bytes.size(), advice));
   const complaints heard;
   decoded_still made = decode_with_codecs(bytes, header);
   const std::string reason = made.undecodable.empty() ? heard.text() : made.undecodable;
   if (!made.unconvertible.empty())
      return failed(problem::internal,
                    fmt::format("{}: cannot be converted to RGBA: {}; {}", path, made.unconvertible,
                                "convert it to PNG with another program"));
   if (made.width == 0 || tells_of_damage(reason))
      return failed(problem::input,
                    fmt::format("{}: the pixels of this {} are damaged ({}); {}", path, name_of(header.format),
                                reason.empty() ? "the decoder gave no reason" : reason, advice));
   return made;
}

void copy_canonical(const decoded_still &from, const pixel_plane &to) {
   for (int32_t y = 0; y < from.height; ++y) {
      auto *row = to.row<uint8_t>(y);
      const std::size_t bytes = static_cast<std::size_t>(from.width) * 4;
      std::memcpy(row, from.rgba + static_cast<std::size_t>(y) * from.stride, bytes);
      for (std::size_t i = 0; i < bytes; i += 4)
         if (row[i + 3] == 0)
            std::memset(row + i, 0, 4);
   }
}

class still_reader final : public reader {
 public:
   still_reader(file_facts facts, picture_pointer only) : facts_(std::move(facts)), only_(std::move(only)) {}

   result<picture_pointer> next() override {
      if (given_)
         return picture_pointer{};
      given_ = true;
      return only_;
   }
   result<void> rewind() override {
      given_ = false;
      return {};
   }
   const file_facts &facts() const override { return facts_; }

 private:
   file_facts facts_;
   picture_pointer only_;
   bool given_ = false;
};

} // namespace

result<std::shared_ptr<picture>> decode_still(const std::string &path, std::span<const uint8_t> bytes,
                                              const limits &most, services::block_pool &pool) try {
   const auto header = checked_header(path, bytes, most);
   if (!header)
      return tl::unexpected(header.error());
   const auto pixels = decoded(path, bytes, *header);
   if (!pixels)
      return tl::unexpected(pixels.error());
   auto made = std::make_shared<picture>();
   made->width = pixels->width;
   made->height = pixels->height;
   made->changed = {{0, 0, made->width, made->height}, {}};
   pixel_plane canonical = make_plane(pool, static_cast<std::size_t>(made->width) * 4, made->height);
   copy_canonical(*pixels, canonical);
   made->give(std::move(canonical));
   made->content = content_id(*made);
   return made;
} catch (const std::bad_alloc &) {
   return failed(problem::internal,
                 fmt::format("{}: no memory for its pixels; free some or lower --max-pixels", path));
} catch (const std::runtime_error &thrown) { // of the codecs' loading
   return failed(problem::internal, fmt::format("{}: {}", path, thrown.what()));
}

result<std::unique_ptr<reader>> open_still(const std::string &path, std::span<const uint8_t> bytes,
                                           const reading_options &options, services::block_pool &pool) {
   auto only = decode_still(path, bytes, options.limits, pool);
   if (!only)
      return tl::unexpected(only.error());
   file_facts facts;
   facts.path = path;
   facts.format = name_of(format_of(bytes));
   facts.bytes = static_cast<int64_t>(bytes.size());
   facts.width = (*only)->width;
   facts.height = (*only)->height;
   facts.frames.push_back({.area = (*only)->changed.area, .bytes = facts.bytes});
   facts.showings.push_back({0, 0, (*only)->content});
   facts.transparency = !is_opaque(**only, (*only)->changed.area);
   return std::make_unique<still_reader>(std::move(facts), std::move(*only));
}

} // namespace giflab::media
