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

constexpr float unknown = -1;

using palette = std::array<uint32_t, colours>;

palette palette_of(const giflab_image &image) {
   palette copied;
   std::copy_n(shown_palette(image), copied.size(), copied.begin());
   return copied;
}

// Calls body(place, count) for all pixels, one or several of a place at once.
template <class Body> void for_each_place(const giflab_pair &pair, const area &where, Body &&body) {
   const auto reference = plane_of<uint8_t>(*pair.reference, GIFLAB_INDEX8);
   const auto distorted = plane_of<uint8_t>(*pair.distorted, GIFLAB_INDEX8);
   for (int32_t y = where.y; y < where.y + where.height; ++y) {
      const uint8_t *a = reference.row(y) + where.x, *b = distorted.row(y) + where.x;
      for_each_index_run(a, b, where.width, [&](int32_t x, uint32_t count) {
         body(static_cast<uint32_t>(a[x] * colours + b[x]), count);
      });
   }
}

// Moves the count of a place out of the table.
void take(std::span<uint32_t> table, uint32_t place, float difference, std::vector<index_pair> &to) {
   if (table[place] == 0)
      return;
   to.push_back({place, table[place], difference});
   table[place] = 0;
}

std::vector<index_pair> count_all(const giflab_call &call, const giflab_pair &pair, std::span<uint32_t> table) {
   const int32_t width = pair.distorted->width;
   for_each_band(call, width, pair.distorted->height, 1 << 19, [&](int32_t first, int32_t rows) {
      for_each_place(pair, {0, first, width, rows},
                     [&](uint32_t place, uint32_t count) { table[place] += count; });
   });
   std::vector<index_pair> found;
   for (uint32_t place = 0; place < table.size(); ++place)
      take(table, place, unknown, found);
   return found;
}

// Does each index that some pixel had still look the same?
bool look_the_same(const index_pairs &before, const palette &reference, const palette &distorted) {
   if (before.colours[0] == reference && before.colours[1] == distorted)
      return true;
   return std::ranges::all_of(before.found, [&](const index_pair &one) {
      const size_t a = one.place / colours, b = one.place % colours;
      return before.colours[0][a] == reference[a] && before.colours[1][b] == distorted[b];
   });
}

// As of the pair before, with what changed taken out as it was and put in as it is.
std::vector<index_pair> exchange(const giflab_call &call, const giflab_pair &pair, const changed_cells &cells,
                                 const std::vector<index_pair> &before, std::span<uint32_t> table) {
   const giflab_pair earlier = {pair.reference->previous, pair.distorted->previous};
   for (const index_pair &one : before)
      table[one.place] = one.pixels;
   std::vector<uint32_t> fresh; // places that had no pixel
   cells.for_each_run(call, [&](const area &where) {
      for_each_place(earlier, where, [&](uint32_t place, uint32_t count) { table[place] -= count; });
      for_each_place(pair, where, [&](uint32_t place, uint32_t count) {
         if (table[place] == 0)
            fresh.push_back(place);
         table[place] += count;
      });
   });
   std::vector<index_pair> found;
   for (const index_pair &one : before)
      take(table, one.place, one.difference, found);
   for (const uint32_t place : fresh)
      take(table, place, unknown, found);
   return found;
}

// All pairs of indices, some of them with their differences.
std::vector<index_pair> find_index_pairs(const giflab_call &call, const giflab_pair &pair,
                                         const workspace &work, const index_pair_memory *memory) {
   const auto before = memory && has_before(pair) ? memory->find(key_before(pair)) : nullptr;
   const bool exchanges = before && is_indexed({pair.reference->previous, pair.distorted->previous}) &&
                          look_the_same(*before, palette_of(*pair.reference), palette_of(*pair.distorted));
   if (exchanges)
      if (const changed_cells cells(pair); !cells.mostly())
         return exchange(call, pair, cells, before->found, work.table);
   return count_all(call, pair, work.table);
}

// Finds the differences that are not known.
void find_differences(const giflab_call &call, const giflab_pair &pair, std::span<index_pair> pairs) {
   const uint32_t *reference = shown_palette(*pair.reference), *distorted = shown_palette(*pair.distorted);
   constexpr size_t block = 1024;
   std::array<uint32_t, block> first, second;
   std::array<float, block> values;
   std::array<index_pair *, block> of;
   size_t waiting = 0;
   const auto work_off = [&] {
      giflab::stop_if_cancelled(call);
      ciede2000_of_colours(first.data(), second.data(), waiting, values.data(), arithmetic::vector);
      for (size_t i = 0; i < waiting; ++i)
         of[i]->difference = values[i];
      waiting = 0;
   };
   for (index_pair &one : pairs) {
      if (one.difference != unknown)
         continue;
      first[waiting] = reference[one.place / colours];
      second[waiting] = distorted[one.place % colours];
      of[waiting] = &one;
      if (++waiting == block)
         work_off();
   }
   work_off();
}

summary summary_of_pairs(const giflab_call &call, const giflab_pair &pair, const workspace &work,
                         std::span<const index_pair> pairs) {
   tally all(call, pixels_of(*pair.distorted), work.values, work.counts);
   constexpr size_t block = 1024;
   std::array<float, block> values;
   std::array<uint32_t, block> counts;
   size_t waiting = 0;
   const auto add = [&] {
      all.add({values.data(), waiting}, {counts.data(), waiting});
      waiting = 0;
   };
   for (const index_pair &one : pairs)
      for (uint32_t left = one.difference > 0 ? one.pixels : 0; left > 0; left -= counts[waiting - 1]) {
         if (waiting == block)
            add();
         values[waiting] = one.difference;
         counts[waiting] = std::min(left, most_weight);
         ++waiting;
      }
   add();
   return all.finish();
}

summary summary_of_indices(const giflab_call &call, const giflab_pair &pair, const workspace &work,
                           index_pair_memory *memory) {
   std::vector<index_pair> found = find_index_pairs(call, pair, work, memory);
   find_differences(call, pair, found);
   const summary told = summary_of_pairs(call, pair, work, found);
   if (memory)
      memory->keep(key_of(pair),
                   std::make_shared<const index_pairs>(index_pairs{
                       std::move(found), {palette_of(*pair.reference), palette_of(*pair.distorted)}}));
   return told;
}

} // namespace

workspace::workspace(const giflab_call &call, uint64_t pixels)
    : values(scratch<float>(call, pixels)), counts(scratch<uint32_t>(call, pixels)),
      table(scratch<uint32_t>(call, pixels >= least_for_table ? colours * colours : 0)) {
   std::ranges::fill(table, 0);
}

summary summary_of(const giflab_call &call, const giflab_pair &pair, const workspace &work,
                   index_pair_memory *memory) {
   return is_indexed(pair) && !work.table.empty() ? summary_of_indices(call, pair, work, memory)
                                                  : summary_of_pixels(call, pair, work);
}

} // namespace giflab::ciede2000
