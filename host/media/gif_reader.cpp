#include "media/gif_reader.hpp"

#include "media/canvas.hpp"
#include "media/difference.hpp"
#include "media/gif_records.hpp"
#include "media/lzw.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <new>
#include <set>

namespace giflab::media {

namespace {

constexpr int32_t shortest_kept_delay_ms = 20, replaced_delay_ms = 100; // what browsers do
constexpr const char *advice = "get the file again or make it anew";

// Longest string of LZW over its 12 bits: no byte of a GIF can mean more pixels than this.
constexpr int64_t most_pixels_per_byte = 4096 * 8 / 12 + 1;

packed_colour opaque(uint8_t red, uint8_t green, uint8_t blue) {
   return std::bit_cast<packed_colour>(std::array<uint8_t, 4>{red, green, blue, 255});
}

int64_t pixel_count(const rectangle &area) { return int64_t{area.width} * area.height; }

class gif_reader final : public reader {
 public:
   gif_reader(const std::string &path, byte_source bytes, const reading_options &options,
              services::block_pool &pool)
       : bytes_(std::move(bytes)), options_(options), pool_(&pool) {
      facts_.path = path;
      facts_.bytes = static_cast<int64_t>(bytes_.size());
   }

   result<void> open();
   result<picture_pointer> next() override;
   result<void> rewind() override { return open(); }
   const file_facts &facts() const override { return facts_; }

 private:
   // Of the palette, which indices appear.
   using used_indices = std::array<bool, 256>;

   tl::unexpected<error> refused(const gif_damage &damage) const;
   tl::unexpected<error> over_the_limit(const char *what, const rectangle &area) const;
   void warn(const std::string &kind, std::string text);
   void end_with(const gif_damage &damage);

   result<void> measure_canvas();
   result<picture_pointer> read_frame();
   tl::expected<used_indices, gif_damage> decode(const gif_image &frame);
   tl::expected<void, gif_damage> check_decodable(const gif_image &frame) const;
   std::array<packed_colour, 256> colours() const;
   void look_for_oddities(const gif_image &frame, const gif_pixels &pixels);
   void advance();
   void note_loop_count();
   void publish(picture &made, const gif_image &frame, int64_t frame_bytes, int32_t local_colours);
   int64_t duration_us(const gif_image &frame) const;

   byte_source bytes_;
   reading_options options_;
   services::block_pool *pool_;
   file_facts facts_;
   std::set<std::string> warned_;

   // Where reading is.
   std::optional<gif_records> records_;
   std::optional<canvas> canvas_;
   std::optional<gif_image> pending_; // the image to decode next
   services::block indices_;          // of the frame that was decoded last, and room for larger ones
   bool cut_short_ = false;           // damage ended the file early
   std::optional<error> refusal_;     // what next() said, and will say again
   int64_t index_ = 0, start_us_ = 0;
};

tl::unexpected<error> gif_reader::refused(const gif_damage &damage) const {
   return failed(problem::input, fmt::format("{}: has no whole picture: at byte {}, {}; {}", facts_.path,
                                             damage.offset, damage.reason, advice));
}

tl::unexpected<error> gif_reader::over_the_limit(const char *what, const rectangle &area) const {
   return failed(problem::input,
                 fmt::format("{}: {} of {}x{} is over the limit of {} pixels; raise it with --max-pixels if "
                             "you trust the file",
                             facts_.path, what, area.width, area.height, options_.limits.max_pixels));
}

// Once a kind: a file of a thousand odd frames is one odd file.
void gif_reader::warn(const std::string &kind, std::string text) {
   if (warned_.insert(kind).second)
      facts_.warnings.push_back(std::move(text));
}

void gif_reader::end_with(const gif_damage &damage) {
   pending_.reset();
   cut_short_ = true;
   warn("end", fmt::format("damaged after frame {}: at byte {}, {}; the {} whole frame{} before it {} used",
                           index_ - 1, damage.offset, damage.reason, index_, index_ == 1 ? "" : "s",
                           index_ == 1 ? "is" : "are"));
}

result<void> gif_reader::open() {
   index_ = start_us_ = 0;
   cut_short_ = false;
   refusal_.reset();
   auto records = gif_records::opened(bytes_);
   if (!records)
      return refused(records.error());
   records_.emplace(std::move(*records));
   auto first = records_->next_image();
   if (!first)
      return refused(first.error());
   if (!*first)
      return refused({records_->offset(), "the file ends without any image"});
   pending_ = *first;
   note_loop_count();
   facts_.format = records_->signature();
   facts_.global_colours = records_->global_colours();
   return measure_canvas();
}

result<void> gif_reader::measure_canvas() {
   facts_.width = records_->width();
   facts_.height = records_->height();
   if (facts_.width == 0 || facts_.height == 0) {
      facts_.width = pending_->area.x + pending_->area.width;
      facts_.height = pending_->area.y + pending_->area.height;
      if (pending_->area.empty())
         return refused({6, "neither the canvas nor the first frame has a size"});
      warn("canvas", fmt::format("the canvas is {}x{}; the {}x{} that the first frame reaches are used",
                                 records_->width(), records_->height(), facts_.width, facts_.height));
   }
   if (pixel_count({0, 0, facts_.width, facts_.height}) > options_.limits.max_pixels)
      return over_the_limit("a canvas", {0, 0, facts_.width, facts_.height});
   canvas_.emplace(facts_.width, facts_.height, *pool_);
   return {};
}

result<picture_pointer> gif_reader::next() {
   if (refusal_)
      return tl::unexpected(*refusal_);
   if (!pending_)
      return picture_pointer{};
   try {
      auto read = read_frame();
      if (!read)
         refusal_ = read.error();
      return read;
   } catch (const std::bad_alloc &) {
      return failed(problem::internal,
                    fmt::format("{}: no memory for a picture of {}x{}; free some or lower --max-pixels",
                                facts_.path, facts_.width, facts_.height));
   }
}

result<picture_pointer> gif_reader::read_frame() {
   const gif_image frame = *pending_;
   if (index_ >= options_.limits.max_frames)
      return failed(problem::input,
                    fmt::format("{}: has more than {} frames; raise the limit with --max-frames if you trust "
                                "the file",
                                facts_.path, options_.limits.max_frames));
   if (pixel_count(frame.area) > options_.limits.max_pixels)
      return over_the_limit("a frame", frame.area);
   const auto whole = decode(frame);
   if (!whole) {
      if (index_ == 0)
         return refused(whole.error());
      end_with(whole.error());
      return picture_pointer{};
   }
   const gif_pixels pixels{
       {reinterpret_cast<const uint8_t *>(indices_.data()), static_cast<std::size_t>(pixel_count(frame.area))},
       colours(),
       *whole};
   look_for_oddities(frame, pixels);
   const auto made = canvas_->draw(frame, pixels);
   const ColorMapObject *local = records_->local_palette();
   const int32_t local_colours = local ? local->ColorCount : 0;
   records_->skip_blocks();
   const int64_t frame_bytes = records_->offset() - frame.first_byte;
   ++index_;
   advance();
   publish(*made, frame, frame_bytes, local_colours);
   return made;
}

tl::expected<void, gif_damage> gif_reader::check_decodable(const gif_image &frame) const {
   if (!records_->palette())
      return tl::unexpected(gif_damage{records_->offset(), "the frame has no palette, so no colours"});
   if (pixel_count(frame.area) / most_pixels_per_byte > records_->size() - records_->offset())
      return tl::unexpected(
          gif_damage{records_->offset(),
                     fmt::format("a frame of {}x{} cannot come out of the {} bytes left", frame.area.width,
                                 frame.area.height, records_->size() - records_->offset())});
   return {};
}

// The palette indices of a whole frame, into indices_. Memory is taken only for what the bytes left in the file
// could fill.
tl::expected<gif_reader::used_indices, gif_damage> gif_reader::decode(const gif_image &frame) {
   if (auto decodable = check_decodable(frame); !decodable)
      return tl::unexpected(decodable.error());
   const auto count = static_cast<std::size_t>(pixel_count(frame.area));
   if (indices_.size() < count + lzw_decoder::slack)
      indices_ = pool_->acquire(count + lzw_decoder::slack);
   lzw_decoder decoder(frame.minimum_code_size,
                       {reinterpret_cast<uint8_t *>(indices_.data()), count + lzw_decoder::slack});
   auto state = lzw_decoder::state::hungry;
   while (count > 0 && (state == lzw_decoder::state::hungry || state == lzw_decoder::state::full)) {
      const auto block = records_->next_block();
      // A whole frame stays whole if the file ends behind its last pixel; advance() will notice the end.
      if (!block && decoder.pixels_written() < count)
         return tl::unexpected(block.error());
      if (!block || block->empty())
         break;
      state = decoder.feed(*block);
   }
   if (decoder.pixels_written() < count)
      return tl::unexpected(gif_damage{
          records_->offset(),
          fmt::format("{} after {} of {} pixels",
                      state == lzw_decoder::state::broken ? "an impossible LZW code comes" : "the LZW data end",
                      decoder.pixels_written(), count)});
   if (state == lzw_decoder::state::surplus)
      warn("surplus", fmt::format("frame {} codes more than its {} pixels, up to byte {}; the rest is ignored",
                                  index_, count, records_->offset()));
   return decoder.used();
}

std::array<packed_colour, 256> gif_reader::colours() const {
   const ColorMapObject &palette = *records_->palette();
   std::array<packed_colour, 256> all;
   all.fill(opaque(0, 0, 0)); // what browsers show where a palette is too short
   for (int i = 0; i < std::min(palette.ColorCount, 256); ++i)
      all[static_cast<std::size_t>(i)] =
          opaque(palette.Colors[i].Red, palette.Colors[i].Green, palette.Colors[i].Blue);
   return all;
}

void gif_reader::look_for_oddities(const gif_image &frame, const gif_pixels &pixels) {
   if (frame.area.empty())
      warn("no size", fmt::format("frame {} is {}x{}; it draws nothing but takes its time", index_,
                                  frame.area.width, frame.area.height));
   else if (canvas_->clipped(frame.area) != frame.area)
      warn("outside", fmt::format("frame {} reaches over the canvas; what lies outside is cut off", index_));
   const int colour_count = records_->palette()->ColorCount;
   for (int index = colour_count; index < 256; ++index)
      if (pixels.used[static_cast<std::size_t>(index)] && index != frame.transparent_index)
         return warn("palette",
                     fmt::format("frame {} uses colour {} of a palette of {}; such colours are black", index_,
                                 index, colour_count));
}

void gif_reader::note_loop_count() {
   if (const auto repeats = records_->repeats())
      facts_.loop_count = *repeats == 0 ? 0 : *repeats + 1;
}

// Finds the next image, and so learns whether the picture before was the last.
void gif_reader::advance() {
   pending_.reset();
   auto image = records_->next_image();
   note_loop_count();
   if (!image)
      return end_with(image.error());
   pending_ = *image;
   if (pending_)
      return;
   if (records_->trailer_missing())
      warn("trailer",
           fmt::format("the file ends at byte {} without a trailer; every frame is whole", records_->size()));
   else if (records_->offset() < records_->size())
      warn("junk", fmt::format("{} bytes after the trailer at byte {} are ignored",
                               records_->size() - records_->offset(), records_->offset() - 1));
}

int64_t gif_reader::duration_us(const gif_image &frame) const {
   if (index_ == 1 && !pending_ && !cut_short_)
      return 0; // a still: on show for as long as one looks
   const bool replaced = options_.browser_delays && frame.delay_ms < shortest_kept_delay_ms;
   return int64_t{1000} * (replaced ? replaced_delay_ms : frame.delay_ms);
}

void gif_reader::publish(picture &made, const gif_image &frame, int64_t frame_bytes, int32_t local_colours) {
   made.index = index_ - 1;
   made.start_us = start_us_;
   made.duration_us = duration_us(frame);
   start_us_ += made.duration_us;
   if (!facts_.transparency && !is_opaque(made, made.changed.area))
      facts_.transparency = true;
   if (static_cast<std::size_t>(made.index) < facts_.frames.size())
      return; // read before, and rewound
   facts_.frames.push_back({.area = frame.area,
                            .delay_ms = frame.delay_ms,
                            .disposal = frame.disposal,
                            .transparent_index = frame.transparent_index,
                            .local_colours = local_colours,
                            .interlaced = frame.interlaced,
                            .bytes = frame_bytes});
   facts_.showings.push_back({made.start_us, made.duration_us, made.content});
}

} // namespace

result<std::unique_ptr<reader>> open_gif(const std::string &path, byte_source bytes,
                                         const reading_options &options, services::block_pool &pool) {
   auto made = std::make_unique<gif_reader>(path, std::move(bytes), options, pool);
   if (auto opened = made->open(); !opened)
      return tl::unexpected(opened.error());
   return made;
}

bool is_whole_gif(byte_source bytes) {
   auto records = gif_records::opened(bytes);
   if (!records)
      return false;
   for (bool any = false;; any = true) {
      const auto image = records->next_image();
      if (!image)
         return false;
      if (!*image)
         return any && !records->trailer_missing();
      records->skip_blocks();
   }
}

} // namespace giflab::media
