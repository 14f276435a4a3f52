#include "gif_file.hpp"

#include "bytes.hpp"
#include "gif_lzw.hpp"

#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

namespace giflab::classic {

namespace {

constexpr size_t most_bytes = size_t{1} << 30;
constexpr int64_t most_pixels = int64_t{1} << 26;

constexpr uint8_t image_follows = 0x2C, extension_follows = 0x21, file_ends = 0x3B;
constexpr uint8_t graphic_control = 0xF9;

[[noreturn]] void damaged(const std::string &what) { throw failure(GIFLAB_IO, "the GIF " + what); }

// Bytes from front to back; what lies behind the end is absent.
class cursor {
 public:
   explicit cursor(std::span<const uint8_t> bytes) : bytes_(bytes) {}

   size_t position() const { return at_; }
   void move_to(size_t position) { at_ = position; }
   std::optional<uint8_t> byte() {
      if (at_ >= bytes_.size())
         return {};
      return bytes_[at_++];
   }
   // Fewer than asked for where the file ends.
   std::span<const uint8_t> take(size_t count) {
      const auto taken = bytes_.subspan(at_, std::min(count, bytes_.size() - at_));
      at_ += taken.size();
      return taken;
   }
   // The next data block; empty at the end of a sequence of them, and of the file.
   std::span<const uint8_t> block() {
      const auto size = byte();
      return size ? take(*size) : std::span<const uint8_t>();
   }
   void skip_blocks() {
      while (!block().empty()) {
      }
   }

 private:
   std::span<const uint8_t> bytes_;
   size_t at_ = 0;
};

int32_t word(std::span<const uint8_t> bytes, size_t at) { return bytes[at] | bytes[at + 1] << 8; }

// A palette of grey levels in order says nothing: index and level are the same.
std::span<const uint8_t> needed_palette(std::span<const uint8_t> palette) {
   for (size_t i = 0; i + 2 < palette.size(); i += 3)
      if (palette[i] != i / 3 || palette[i + 1] != i / 3 || palette[i + 2] != i / 3)
         return palette;
   return {};
}

void read_graphic_control(std::span<const uint8_t> block, gif_image &image) {
   if (block.size() < 4)
      return;
   if (block[0] & 1)
      image.transparent = block[3];
   image.duration_ms = word(block, 1) * 10;
   if (const int32_t method = block[0] >> 2 & 7)
      image.disposal = method;
}

void check_size(int64_t width, int64_t height) {
   if (width <= 0 || height <= 0)
      damaged("has pictures without pixels");
   if (width * height > most_pixels)
      throw failure(GIFLAB_UNSUPPORTED, "org.giflab.classic reads GIFs of at most 2^26 pixels");
}

class parser {
 public:
   explicit parser(gif_file &file) : file_(file), at_(file.bytes) {}

   void parse() {
      read_screen();
      while (auto image = next_image()) {
         file_.images.push_back(*image);
         at_.move_to(image->codes + 1);
         at_.skip_blocks();
      }
      if (file_.images.empty())
         damaged("has no image");
      const gif_image &first = file_.images[0];
      file_.size.width = std::max(file_.size.width, first.left + first.width);
      file_.size.height = std::max(file_.size.height, first.top + first.height);
      check_size(file_.size.width, file_.size.height);
   }

 private:
   void read_screen() {
      const auto screen = at_.take(13);
      if (screen.size() < 6 ||
          (std::memcmp(screen.data(), "GIF87a", 6) != 0 && std::memcmp(screen.data(), "GIF89a", 6) != 0))
         throw failure(GIFLAB_UNSUPPORTED, "org.giflab.classic reads GIF files only");
      if (screen.size() < 13)
         damaged("ends within its header");
      file_.size = {word(screen, 6), word(screen, 8)};
      if (screen[10] & 0x80) {
         file_.background = screen[11];
         palette_ = needed_palette(at_.take(size_t{6} << (screen[10] & 7)));
      }
   }

   std::optional<gif_image> next_image() {
      gif_image image;
      image.disposal = disposal_;
      while (const auto introducer = at_.byte()) {
         if (*introducer == file_ends)
            return {};
         if (*introducer == image_follows)
            return described(image);
         if (*introducer != extension_follows)
            continue; // not GIF: looked over
         const auto label = at_.byte();
         const auto block = at_.block();
         if (label == graphic_control)
            read_graphic_control(block, image);
         if (!block.empty())
            at_.skip_blocks();
      }
      return {};
   }

   std::optional<gif_image> described(gif_image image) {
      const auto description = at_.take(9);
      if (description.size() < 9)
         return {};
      image.left = word(description, 0);
      image.top = word(description, 2);
      image.width = word(description, 4);
      image.height = word(description, 6);
      check_size(image.width, image.height);
      image.interlaced = description[8] & 0x40;
      image.palette = palette_;
      if (description[8] & 0x80)
         image.palette = needed_palette(at_.take(size_t{6} << (description[8] & 7)));
      disposal_ = image.disposal;
      image.codes = at_.position();
      if (!at_.byte())
         return {};
      return image;
   }

   gif_file &file_;
   cursor at_;
   std::span<const uint8_t> palette_;
   int32_t disposal_ = 0;
};

// A palette with all 256 entries: those that it lacks are grey levels.
struct whole_palette {
   uint8_t red[256], green[256], blue[256];
   size_t entries;

   explicit whole_palette(std::span<const uint8_t> palette) : entries(palette.size() / 3) {
      for (size_t i = 0; i < 256; ++i) {
         const bool there = i < entries;
         red[i] = there ? palette[3 * i] : static_cast<uint8_t>(i);
         green[i] = there ? palette[3 * i + 1] : static_cast<uint8_t>(i);
         blue[i] = there ? palette[3 * i + 2] : static_cast<uint8_t>(i);
      }
   }
};

struct rectangle {
   int32_t left = 0, top = 0, right = 0, bottom = 0;
};

// What an image leaves behind: a colour in its rectangle, or what stood there before.
struct disposal {
   enum { nothing, colour, restore } kind = nothing;
   rectangle where;
   uint8_t rgb[3] = {};
   std::vector<uint8_t> before = {}; // red, green and blue of `where`
};

class painter {
 public:
   painter(const gif_file &file, pulse &beat) : file_(file), beat_(beat) {
      for (auto *plane : planes()) {
         beat(whole_plane);
         plane->resize(file.size.pixels());
      }
   }

   static constexpr int64_t whole_plane = 1 << 20; // memory that is new takes time: look before each

   const colour_planes &shown() const { return canvas_; }

   void paint(size_t index) {
      const gif_image &image = file_.images[index];
      const whole_palette palette(image.palette);
      dispose();
      if (index == 0)
         fill({0, 0, file_.size.width, file_.size.height}, palette, std::max(image.transparent, 0));
      plan_disposal(index, image, palette);
      beat_(whole_plane);
      indices_.resize(static_cast<size_t>(image.width) * static_cast<size_t>(image.height) + lzw_slack);
      expand_codes(file_, index, indices_, beat_);
      paint_rows(image, palette, index == 0 ? -1 : image.transparent);
      // Where the first picture is grey, its transparent index serves all later ones.
      if (index == 0 && image.palette.empty())
         lasting_transparent_ = image.transparent;
   }

 private:
   std::array<std::vector<uint8_t> *, 3> planes() { return {&canvas_.red, &canvas_.green, &canvas_.blue}; }

   rectangle clipped(const gif_image &image) const {
      return {std::min(image.left, file_.size.width), std::min(image.top, file_.size.height),
              std::min(image.left + image.width, file_.size.width),
              std::min(image.top + image.height, file_.size.height)};
   }

   size_t at(int32_t x, int32_t y) const {
      return static_cast<size_t>(y) * static_cast<size_t>(file_.size.width) + static_cast<size_t>(x);
   }

   void fill(rectangle where, const uint8_t (&rgb)[3]) {
      for (int32_t y = where.top; y < where.bottom; ++y) {
         beat_((where.right - where.left) / 4);
         for (size_t c = 0; c < 3; ++c)
            std::memset(planes()[c]->data() + at(where.left, y), rgb[c],
                        static_cast<size_t>(where.right - where.left));
      }
   }
   void fill(rectangle where, const whole_palette &palette, int32_t index) {
      fill(where, {palette.red[index], palette.green[index], palette.blue[index]});
   }

   // Row by row of `where`: the canvas and a copy of it.
   template <class Copy> void each_row_of_copy(disposal &left, Copy &&copy) {
      const auto width = static_cast<size_t>(left.where.right - left.where.left);
      uint8_t *kept = left.before.data();
      for (int32_t y = left.where.top; y < left.where.bottom; ++y)
         for (auto *plane : planes()) {
            beat_(static_cast<int64_t>(width / 4));
            copy(plane->data() + at(left.where.left, y), kept, width);
            kept += width;
         }
   }

   void dispose() {
      if (left_.kind == disposal::colour)
         fill(left_.where, left_.rgb);
      else if (left_.kind == disposal::restore)
         each_row_of_copy(left_, [](uint8_t *canvas, const uint8_t *kept, size_t width) {
            std::memcpy(canvas, kept, width);
         });
   }

   void plan_disposal(size_t index, const gif_image &image, const whole_palette &palette) {
      left_.kind = disposal::nothing;
      left_.where = clipped(image);
      const bool outside = left_.where.left == left_.where.right || left_.where.top == left_.where.bottom;
      if (image.disposal < 2 || outside)
         return;
      if (image.disposal == 2 || index == 0) {
         // Nothing stands before the first image: what is transparent is taken for it.
         int32_t entry = lasting_transparent_ >= 0 ? lasting_transparent_ : image.transparent;
         if (image.disposal > 2 && entry < 0)
            return;
         if (entry < 0)
            entry = file_.background;
         if (index > 0 && palette.entries > 0 && static_cast<size_t>(entry) >= palette.entries)
            entry = 0;
         left_.kind = disposal::colour;
         left_.rgb[0] = palette.red[entry];
         left_.rgb[1] = palette.green[entry];
         left_.rgb[2] = palette.blue[entry];
         return;
      }
      left_.kind = disposal::restore;
      left_.before.resize(3 * static_cast<size_t>(left_.where.right - left_.where.left) *
                          static_cast<size_t>(left_.where.bottom - left_.where.top));
      each_row_of_copy(
          left_, [](const uint8_t *canvas, uint8_t *kept, size_t width) { std::memcpy(kept, canvas, width); });
   }

   void paint_rows(const gif_image &image, const whole_palette &palette, int32_t transparent) {
      static constexpr struct {
         int32_t first, step;
      } passes[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}}, straight[] = {{0, 1}};
      const auto order = image.interlaced ? std::span(passes, 4) : std::span(straight, 1);
      const uint8_t *row = indices_.data();
      for (const auto &pass : order)
         for (int32_t y = pass.first; y < image.height; y += pass.step, row += image.width) {
            beat_(image.width);
            paint_row(image, palette, transparent, row, y);
         }
   }

   void paint_row(const gif_image &image, const whole_palette &palette, int32_t transparent, const uint8_t *row,
                  int32_t y) {
      const rectangle where = clipped(image);
      if (image.top + y >= where.bottom)
         return;
      const size_t start = at(where.left, image.top + y);
      show_indices(row, {palette.red, palette.green, palette.blue}, transparent,
                   {canvas_.red.data() + start, canvas_.green.data() + start, canvas_.blue.data() + start},
                   static_cast<size_t>(where.right - where.left));
   }

   const gif_file &file_;
   pulse &beat_;
   colour_planes canvas_;
   std::vector<uint8_t> indices_;
   disposal left_;
   int32_t lasting_transparent_ = -1;
};

struct closes_file {
   void operator()(std::FILE *file) const { std::fclose(file); }
};

} // namespace

gif_file gif_file::parse(std::vector<uint8_t> bytes) {
   gif_file file;
   file.bytes = std::move(bytes);
   parser(file).parse();
   return file;
}

gif_file gif_file::read(const std::string &path) {
   const std::unique_ptr<std::FILE, closes_file> file(std::fopen(path.c_str(), "rbe"));
   if (!file)
      throw failure(GIFLAB_IO, "cannot open the file: " + std::string(std::strerror(errno)));
   std::vector<uint8_t> bytes;
   constexpr size_t step = 1 << 18;
   for (size_t got = step; got == step;) {
      if (bytes.size() > most_bytes)
         throw failure(GIFLAB_UNSUPPORTED, "org.giflab.classic reads files of at most 1 GiB");
      bytes.resize(bytes.size() + step);
      got = std::fread(bytes.data() + bytes.size() - step, 1, step, file.get());
      bytes.resize(bytes.size() - step + got);
   }
   if (std::ferror(file.get()))
      throw failure(GIFLAB_IO, "the file cannot be read to its end");
   return parse(std::move(bytes));
}

void expand_codes(const gif_file &file, size_t image, std::span<uint8_t> indices, pulse &beat) {
   const size_t size = indices.size() - lzw_slack;
   cursor at(file.bytes);
   at.move_to(file.images[image].codes);
   const int minimum_code_size = at.byte().value_or(0);
   if (minimum_code_size < 1 || minimum_code_size > 8)
      damaged("codes its pixels in a way that GIF does not know");
   lzw_expansion expansion(minimum_code_size, indices.data(), size);
   size_t before = 0;
   for (;;) {
      const auto block = at.block();
      if (block.empty())
         damaged("ends within an image");
      if (expansion.feed(block)) {
         if (expansion.written() < size)
            damaged("ends an image before its last pixel");
         return;
      }
      beat(static_cast<int64_t>(expansion.written() - before + block.size()));
      before = expansion.written();
   }
}

void show_pictures(const gif_file &file, std::span<const uint32_t> chosen, pulse &beat,
                   const std::function<void(uint32_t, const colour_planes &)> &show) {
   painter paints(file, beat);
   uint32_t image = 0;
   for (uint32_t ordinal = 0; ordinal < chosen.size(); ++ordinal) {
      for (; image <= chosen[ordinal]; ++image)
         paints.paint(image);
      show(ordinal, paints.shown());
   }
}

} // namespace giflab::classic
