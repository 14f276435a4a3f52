#include "colour_pairs.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <giflab_kernels/changes.hpp>
#include <giflab_kernels/colour_differences.hpp>
#include <giflab_kernels/images.hpp>
#include <giflab_kernels/pixel_pairs.hpp>
#include <giflab_kernels/shown_palette.hpp>

namespace giflab::ciede2000 {
namespace {

using namespace giflab::kernels;

// Takes pairs of colours with their counts, and turns them into differences a block at a time, so that colours
// stay in the first cache.
class differences {
 public:
   static constexpr size_t block = 1024;

   differences(const giflab_call &call, const giflab_pair &pair, const workspace &work)
       : call_(call), tally_(call, pixels_of(*pair.distorted), work.values, work.counts) {}

   void add(uint32_t reference, uint32_t distorted, uint32_t count) {
      if (waiting_ == block)
         work_off();
      reference_[waiting_] = reference;
      distorted_[waiting_] = distorted;
      counts_[waiting_] = count;
      ++waiting_;
   }

   // Runs of pixels with the same pair; at most pixel_pairs::most pixels. Where pairs hardly repeat, each pixel
   // is taken for a run of its own, for none if its colours are equal: to look closer costs more.
   void add_runs(const uint8_t *reference, const uint8_t *distorted, size_t pixels) {
      if (waiting_ + pixels > block)
         work_off();
      const pixel_pairs pairs = find_pairs(reference, distorted, pixels, &reference_[waiting_],
                                           &distorted_[waiting_], arithmetic::vector);
      if (static_cast<size_t>(std::popcount(pairs.ending)) * 4 > pixels * 3)
         take_all(pairs, pixels);
      else
         take_runs(pairs);
   }

   summary finish() {
      work_off();
      return tally_.finish();
   }

 private:
   // Colours stand where they are to be already.
   void take_all(const pixel_pairs &pairs, size_t pixels) {
      if (static_cast<size_t>(std::popcount(pairs.differing)) == pixels)
         std::fill_n(&counts_[waiting_], pixels, 1);
      else
         for (size_t i = 0; i < pixels; ++i)
            counts_[waiting_ + i] = pairs.differing >> i & 1;
      waiting_ += pixels;
   }
   // Moves the first of each run. It is written into the slot that only colours that differ keep: there is no
   // branch to mispredict.
   void take_runs(const pixel_pairs &pairs) {
      const size_t begin = waiting_;
      size_t start = 0;
      for (uint64_t left = pairs.ending; left != 0; left &= left - 1) {
         const auto end = static_cast<size_t>(std::countr_zero(left)) + 1;
         reference_[waiting_] = reference_[begin + start];
         distorted_[waiting_] = distorted_[begin + start];
         counts_[waiting_] = static_cast<uint32_t>(end - start);
         waiting_ += pairs.differing >> start & 1;
         start = end;
      }
   }

   void work_off() {
      stop_if_cancelled(call_);
      ciede2000_of_colours(reference_.data(), distorted_.data(), waiting_, values_.data(), arithmetic::vector);
      tally_.add({values_.data(), waiting_}, {counts_.data(), waiting_});
      waiting_ = 0;
   }

   const giflab_call &call_;
   tally tally_;
   size_t waiting_ = 0;
   std::array<uint32_t, block + 1> reference_, distorted_, counts_; // one more for what is not kept
   std::array<float, block> values_;
};

// ---- By pixels

summary summary_of_pixels(const giflab_call &call, const giflab_pair &pair, const workspace &work) {
   const int32_t width = pair.distorted->width;
   rgb_runs reference(*pair.reference, width), distorted(*pair.distorted, width);
   const auto step =
       static_cast<int32_t>(pixel_pairs::most); // as many as are skipped at once where they are equal
   differences found(call, pair, work);
   for_each_band(call, width, pair.distorted->height, 1 << 17, [&](int32_t first, int32_t rows) {
      for (int32_t y = first; y < first + rows; ++y) {
         const uint8_t *a = reference(0, y, width), *b = distorted(0, y, width);
         for (int32_t x = 0; x < width; x += step, a += 3 * step, b += 3 * step) {
            const auto count = static_cast<size_t>(std::min(step, width - x));
            if (std::memcmp(a, b, 3 * count) != 0)
               found.add_runs(a, b, count);
         }
      }
   });
   return found.finish();
}

// ---- By palette indices

constexpr size_t colours = 256;
constexpr uint64_t least_for_table = 1 << 16; // pixels; below, clearing and reading the table costs more

using palette_bytes = std::array<uint8_t, 4 * colours>;

palette_bytes palette_of(const giflab_image &image) {
   palette_bytes palette;
   std::copy_n(plane_of<uint8_t>(image, GIFLAB_INDEX8, 1).row(0), palette.size(), palette.begin());
   return palette;
}

// Adds `step`, 1 or -1, for each pixel.
void count_within(const giflab_pair &pair, const area &where, uint32_t step, std::span<uint32_t> counts) {
   const auto reference = plane_of<uint8_t>(*pair.reference, GIFLAB_INDEX8);
   const auto distorted = plane_of<uint8_t>(*pair.distorted, GIFLAB_INDEX8);
   for (int32_t y = where.y; y < where.y + where.height; ++y)
      for (int32_t x = where.x; x < where.x + where.width; ++x)
         counts[reference.row(y)[x] * colours + distorted.row(y)[x]] += step;
}

void count_all(const giflab_call &call, const giflab_pair &pair, std::span<uint32_t> counts) {
   std::ranges::fill(counts, 0);
   for_each_band(call, pair.distorted->width, pair.distorted->height, 1 << 19,
                 [&](int32_t first, int32_t rows) {
                    count_within(pair, {0, first, pair.distorted->width, rows}, 1, counts);
                 });
}

// Does each index that some pixel has still mean the same colour? `stride` is between the counts of one index,
// and `next` between those of two.
bool means_the_same(const palette_bytes &before, const palette_bytes &now, std::span<const uint32_t> counts,
                    size_t stride, size_t next) {
   for (size_t i = 0; i < colours; ++i) {
      if (std::memcmp(&before[4 * i], &now[4 * i], 4) == 0)
         continue;
      for (size_t other = 0; other < colours; ++other)
         if (counts[i * next + other * stride] != 0)
            return false;
   }
   return true;
}

// Counts as of the pair before, with what changed taken out as it was and put in as it is. False if that cannot
// be done.
bool exchange(const giflab_call &call, const giflab_pair &pair, const index_pairs &before,
              std::span<uint32_t> counts) {
   const giflab_pair earlier = {pair.reference->previous, pair.distorted->previous};
   if (!is_indexed(earlier) ||
       !means_the_same(before.palettes[0], palette_of(*pair.reference), before.counts, 1, colours) ||
       !means_the_same(before.palettes[1], palette_of(*pair.distorted), before.counts, colours, 1))
      return false;
   const changed_cells cells(pair);
   if (cells.mostly())
      return false;
   std::ranges::copy(before.counts, counts.begin());
   cells.for_each_run(call, [&](const area &where) {
      count_within(earlier, where, static_cast<uint32_t>(-1), counts);
      count_within(pair, where, 1, counts);
   });
   return true;
}

summary summary_of_counts(const giflab_call &call, const giflab_pair &pair, const workspace &work) {
   const std::span<const uint32_t> counts = work.table;
   const uint32_t *reference = shown_palette(*pair.reference), *distorted = shown_palette(*pair.distorted);
   differences found(call, pair, work);
   for (size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0)
         continue;
      const uint32_t a = reference[i / colours], b = distorted[i % colours];
      for (uint32_t left = a == b ? 0 : counts[i]; left > 0; left -= std::min(left, most_weight))
         found.add(a, b, std::min(left, most_weight));
   }
   return found.finish();
}

summary summary_of_indices(const giflab_call &call, const giflab_pair &pair, const workspace &work,
                           index_pair_memory *memory) {
   const auto before = memory && has_before(pair) ? memory->find(key_before(pair)) : nullptr;
   if (!before || !exchange(call, pair, *before, work.table))
      count_all(call, pair, work.table);
   if (memory)
      memory->keep(key_of(pair), std::make_shared<const index_pairs>(
                                     index_pairs{{work.table.begin(), work.table.end()},
                                                 {palette_of(*pair.reference), palette_of(*pair.distorted)}}));
   return summary_of_counts(call, pair, work);
}

} // namespace

workspace::workspace(const giflab_call &call, uint64_t pixels)
    : values(scratch<float>(call, pixels)), counts(scratch<uint32_t>(call, pixels)),
      table(scratch<uint32_t>(call, pixels >= least_for_table ? colours * colours : 0)) {}

summary summary_of(const giflab_call &call, const giflab_pair &pair, const workspace &work,
                   index_pair_memory *memory) {
   return is_indexed(pair) && !work.table.empty() ? summary_of_indices(call, pair, work, memory)
                                                  : summary_of_pixels(call, pair, work);
}

} // namespace giflab::ciede2000
