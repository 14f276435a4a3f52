#include "engine/memory_needs.hpp"

#include "media/representations.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace giflab::engine {

namespace {

constexpr std::size_t rgba = 4, indices = 1;

// Workers that loaded the built-in plugins hold as much before they begin; others hold less. A limit that is
// named by one has to be enough for any, and the same program begins now with more pages and now with fewer.
constexpr std::size_t held_with_plugins = std::size_t{12} << 20, uneven_beginnings = std::size_t{1} << 20;

// What a step keeps that counts, sorts and groups colours, of which there are at most 2^15.
constexpr std::size_t tables_of_colours = std::size_t{8} << 20;

std::size_t bytes_of(int64_t pixels, std::size_t each) { return static_cast<std::size_t>(pixels) * each; }

std::size_t form_bytes_per_pixel(uint32_t forms) {
   std::size_t all = 0;
   bool through_rgb8 = false;
   for (uint32_t each = 0; each < media::representation_count; ++each) {
      if (!(forms & GIFLAB_BIT(each)) || each == GIFLAB_RGBA8 || each == GIFLAB_INDEX8)
         continue; // those two are the picture itself
      all += media::bytes_per_pixel(each) * media::plane_count(each);
      through_rgb8 |= each != GIFLAB_RGB8;
   }
   // Without a palette the others are made from RGB8.
   if (through_rgb8 && !(forms & GIFLAB_BIT(GIFLAB_RGB8)))
      all += media::bytes_per_pixel(GIFLAB_RGB8);
   return all;
}

std::size_t reader_bytes(const media::file_facts &of, media::alignment_mode mode) {
   const int64_t pixels = int64_t{of.width} * of.height;
   // The picture shown last, another that it is drawn over, and the frame's own indices.
   std::size_t each = 2 * (rgba + indices) + indices;
   if (!of.format.starts_with("GIF"))
      each = rgba + 3 * rgba; // the one before, and what the decoders of stills pass on to one another
   if (mode == media::alignment_mode::content)
      each += 8 * (rgba + indices); // pictures to come back to
   return bytes_of(pixels, each);
}

// What an instance and one call take (rule B6), with the plugin's models.
std::size_t declared_bytes(const modules::plugin &of, int64_t pixels) {
   std::size_t all = bytes_of(pixels, of.table.bytes_per_pixel);
   for (const giflab_model_source &model : of.models)
      all += model.size;
   return all;
}

} // namespace

std::size_t picture_bytes(int64_t pixels, uint32_t forms) {
   return bytes_of(pixels, rgba + indices + form_bytes_per_pixel(forms));
}

std::size_t pair_bytes(int64_t pixels, uint32_t forms) {
   const int64_t most_index_pairs = forms & GIFLAB_BIT(GIFLAB_INDEX8) ? std::min<int64_t>(pixels, 1 << 16) : 0;
   return 2 * picture_bytes(pixels, forms) + bytes_of(most_index_pairs, sizeof(giflab_index_pair));
}

std::size_t reading_bytes(const media::file_facts &reference, const media::file_facts &distorted,
                          media::alignment_mode mode) {
   return reader_bytes(reference, mode) + reader_bytes(distorted, media::alignment_mode::time);
}

std::size_t reading_bytes(const media::file_facts &file) {
   return reader_bytes(file, media::alignment_mode::time);
}

std::size_t call_bytes(const planned_metric &metric, int64_t pixels, int level) {
   const std::size_t forms =
       level == 0 ? 2 * bytes_of(pixels, form_bytes_per_pixel(metric.plugin->table.inputs)) : 0;
   return declared_bytes(*metric.plugin, pixels) + forms;
}

step_needs needs_of(const modules::plugin &step, const giflab_clip &in, const giflab_clip &out) {
   const giflab_plugin &table = step.table;
   const int64_t taken = int64_t{in.width} * in.height, made = int64_t{out.width} * out.height;
   // What it looks back at, the picture before that until it is gone, and the one that comes.
   const std::size_t seen = (table.lookback + 2) * picture_bytes(taken, table.inputs);
   const std::size_t pictures = seen + (table.filter ? picture_bytes(made, 0) : 0);
   const std::size_t own = declared_bytes(step, std::max(taken, made));
   return {pictures + std::min(own, tables_of_colours), pictures + own};
}

std::optional<std::string> shortage(const std::optional<machine::memory_bound> &bound, std::size_t more) {
   if (!bound)
      return std::nullopt;
   const auto least_beside = [more](std::size_t held) {
      return static_cast<std::size_t>(static_cast<double>(held + more) / services::emergency_share);
   };
   if (least_beside(bound->held) <= bound->share.own())
      return std::nullopt;
   const std::size_t held = std::max(bound->held, held_with_plugins);
   const std::size_t limit = bound->share.limit_for(least_beside(held) + uneven_beginnings);
   return fmt::format("needs a limit of {} MiB of memory at least, of which {} MiB were taken before it began; "
                      "{} allows {} MiB",
                      in_mebibytes(limit), in_mebibytes(bound->share.others + bound->held), bound->set_by,
                      bound->share.limit >> 20);
}

services::admission::promise promised_memory(machine &on, std::size_t wanted) {
   const std::size_t bytes = std::min(wanted, on.memory_promises().limit());
   services::admission::promise got;
   on.threads().help_until([&] {
      if (!got)
         got = on.memory_promises().try_take(bytes);
      return got != nullptr || on.cancelled().requested();
   });
   if (!got)
      return nullptr;
   const auto *plain = got.get();
   return {plain, [&on, got = std::move(got)](const services::admission::given *) mutable {
              got.reset();
              on.threads().notify(); // somebody may wait for just this
           }};
}

std::size_t in_mebibytes(std::size_t bytes) { return (bytes + (std::size_t{1} << 20) - 1) >> 20; }

std::size_t bytes_ahead(std::size_t threads) {
   constexpr std::size_t least = std::size_t{128} << 20, for_a_thread = std::size_t{12} << 20;
   return std::max(least, threads * for_a_thread);
}

} // namespace giflab::engine
