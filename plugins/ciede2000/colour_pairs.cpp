#include "colour_pairs.hpp"

#include <algorithm>
#include <cstring>
#include <giflab_kernels/ciede2000.hpp>
#include <giflab_kernels/images.hpp>

namespace giflab::ciede2000 {
namespace {

using namespace giflab::kernels;

// R, G, B as 0x00BBGGRR.
uint32_t colour_at(const uint8_t *rgb) {
   return rgb[0] | static_cast<uint32_t>(rgb[1]) << 8 | static_cast<uint32_t>(rgb[2]) << 16;
}

// Takes pairs of colours with their counts, and turns them into differences a block at a time, so that colours
// stay in the first cache.
class groups {
 public:
   static constexpr size_t block = 1024;

   groups(const giflab_call &call, const workspace &work)
       : call_(call), values_(work.values), counts_(work.counts) {}

   void add(uint32_t reference, uint32_t distorted, uint32_t count) {
      if (waiting_ == block)
         work_off();
      reference_[waiting_] = reference;
      distorted_[waiting_] = distorted;
      counts_[done_ + waiting_] = count;
      ++waiting_;
   }

   // Runs of pixels with the same pair. Every pixel writes into the slot that only a new pair keeps: there is
   // no branch to mispredict. At most `block` pixels.
   void add_runs(const uint8_t *reference, const uint8_t *distorted, size_t pixels) {
      if (waiting_ + pixels > block)
         work_off();
      std::array<uint32_t, block + 1> starts;
      size_t runs = 0;
      uint32_t differing = 0;
      uint64_t last = 0; // equal colours: never a pair that counts
      for (size_t x = 0; x < pixels; ++x) {
         const uint32_t a = colour_at(reference + 3 * x), b = colour_at(distorted + 3 * x);
         const uint64_t pair = a | static_cast<uint64_t>(b) << 32;
         const bool differs = a != b;
         reference_[waiting_ + runs] = a;
         distorted_[waiting_ + runs] = b;
         starts[runs] = differing;
         runs += differs & (pair != last);
         differing += differs;
         last = differs ? pair : last;
      }
      starts[runs] = differing;
      for (size_t i = 0; i < runs; ++i)
         counts_[done_ + waiting_ + i] = starts[i + 1] - starts[i];
      waiting_ += runs;
   }

   weighted_differences finish(uint64_t pixels) {
      work_off();
      return {values_.first(done_), counts_.first(done_), totals_, pixels};
   }

 private:
   void work_off() {
      stop_if_cancelled(call_);
      lab_of_colours(reference_.data(), waiting_, reference_lab_.columns(), arithmetic::vector);
      lab_of_colours(distorted_.data(), waiting_, distorted_lab_.columns(), arithmetic::vector);
      ciede2000_of_columns(reference_lab_.read(), distorted_lab_.read(), waiting_, values_.data() + done_,
                           arithmetic::vector);
      add_weighted(values_.data() + done_, counts_.data() + done_, waiting_, totals_, arithmetic::vector);
      done_ += waiting_;
      waiting_ = 0;
   }

   struct lab_block {
      std::array<double, block> l, a, b;

      lab_columns<double> columns() { return {l.data(), a.data(), b.data()}; }
      lab_columns<const double> read() const { return {l.data(), a.data(), b.data()}; }
   };

   const giflab_call &call_;
   std::span<float> values_;
   std::span<uint32_t> counts_;
   weighted_totals totals_;
   size_t done_ = 0, waiting_ = 0;
   std::array<uint32_t, block + 1> reference_, distorted_; // one more for the slot that is not kept
   lab_block reference_lab_, distorted_lab_;
};

// ---- By pixels

weighted_differences differences_of_pixels(const giflab_call &call, const giflab_pair &pair,
                                           const workspace &work) {
   const auto reference = plane_of<uint8_t>(*pair.reference, GIFLAB_RGB8);
   const auto distorted = plane_of<uint8_t>(*pair.distorted, GIFLAB_RGB8);
   const auto width = static_cast<size_t>(pair.distorted->width);
   const size_t step = 64; // as many as are skipped at once where they are equal
   groups found(call, work);
   for_each_band(call, pair.distorted->width, pair.distorted->height, 1 << 17,
                 [&](int32_t first, int32_t rows) {
                    for (int32_t y = first; y < first + rows; ++y)
                       for (size_t x = 0; x < width; x += step) {
                          const size_t count = std::min(step, width - x);
                          const uint8_t *a = reference.row(y) + 3 * x, *b = distorted.row(y) + 3 * x;
                          if (std::memcmp(a, b, 3 * count) != 0)
                             found.add_runs(a, b, count);
                       }
                 });
   return found.finish(pixels_of(*pair.distorted));
}

// ---- By palette indices

constexpr size_t colours = 256;
constexpr uint64_t least_for_table = 1 << 16; // pixels; below, clearing and reading the table costs more

// counts[reference index * colours + distorted index]
void count_index_pairs(const giflab_call &call, const giflab_pair &pair, std::span<uint32_t> counts) {
   const auto reference = plane_of<uint8_t>(*pair.reference, GIFLAB_INDEX8);
   const auto distorted = plane_of<uint8_t>(*pair.distorted, GIFLAB_INDEX8);
   std::ranges::fill(counts, 0);
   for_each_band(call, pair.distorted->width, pair.distorted->height, 1 << 19,
                 [&](int32_t first, int32_t rows) {
                    for (int32_t y = first; y < first + rows; ++y)
                       for (int32_t x = 0; x < pair.distorted->width; ++x)
                          ++counts[reference.row(y)[x] * colours + distorted.row(y)[x]];
                 });
}

// The colour that RGB8 has where an index stands: what the host composites is not in the palette.
uint32_t colour_on_show(const giflab_image &image, uint8_t index) {
   const auto indices = plane_of<uint8_t>(image, GIFLAB_INDEX8), rgb = plane_of<uint8_t>(image, GIFLAB_RGB8);
   for (int32_t y = 0; y < image.height; ++y) {
      const uint8_t *row = indices.row(y);
      if (const void *found = std::memchr(row, index, static_cast<size_t>(image.width)))
         return colour_at(rgb.row(y) + 3 * (static_cast<const uint8_t *>(found) - row));
   }
   return 0;
}

class shown_palette {
 public:
   explicit shown_palette(const giflab_image &image)
       : image_(image), rgba_(plane_of<uint8_t>(image, GIFLAB_INDEX8, 1).row(0)) {}

   // Of an index that some pixel has.
   uint32_t operator[](size_t index) {
      if (!known_[index]) {
         const uint8_t *entry = rgba_ + 4 * index;
         colours_[index] =
             entry[3] == 255 ? colour_at(entry) : colour_on_show(image_, static_cast<uint8_t>(index));
         known_[index] = true;
      }
      return colours_[index];
   }

 private:
   const giflab_image &image_;
   const uint8_t *rgba_;
   std::array<uint32_t, colours> colours_;
   std::array<bool, colours> known_ = {};
};

weighted_differences differences_of_indices(const giflab_call &call, const giflab_pair &pair,
                                            const workspace &work) {
   const std::span<uint32_t> counts = work.table;
   count_index_pairs(call, pair, counts);
   shown_palette reference(*pair.reference), distorted(*pair.distorted);
   groups found(call, work);
   for (size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0)
         continue;
      const uint32_t a = reference[i / colours], b = distorted[i % colours];
      for (uint32_t left = a == b ? 0 : counts[i]; left > 0; left -= std::min(left, most_weight))
         found.add(a, b, std::min(left, most_weight));
   }
   return found.finish(pixels_of(*pair.distorted));
}

} // namespace

workspace::workspace(const giflab_call &call, uint64_t pixels)
    : values(scratch<float>(call, pixels)), counts(scratch<uint32_t>(call, pixels)),
      table(scratch<uint32_t>(call, pixels >= least_for_table ? colours * colours : 0)) {}

weighted_differences differences_of(const giflab_call &call, const giflab_pair &pair, const workspace &work) {
   const bool indexed =
       pair.reference->views[GIFLAB_INDEX8] != nullptr && pair.distorted->views[GIFLAB_INDEX8] != nullptr;
   return indexed && !work.table.empty() ? differences_of_indices(call, pair, work)
                                         : differences_of_pixels(call, pair, work);
}

} // namespace giflab::ciede2000
