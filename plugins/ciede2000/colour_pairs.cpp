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

   // So many pixels with the same pair, in portions that a tally takes.
   void add(uint32_t reference, uint32_t distorted, uint32_t pixels) {
      for (uint32_t left = reference != distorted ? pixels : 0; left > 0; left -= counts_[waiting_ - 1]) {
         if (waiting_ == block)
            work_off();
         reference_[waiting_] = reference;
         distorted_[waiting_] = distorted;
         counts_[waiting_] = std::min(left, most_weight);
         ++waiting_;
      }
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

summary summary_of_index_pairs(const giflab_call &call, const giflab_pair &pair, const workspace &work) {
   const uint32_t *reference = shown_palette(*pair.reference), *distorted = shown_palette(*pair.distorted);
   differences found(call, pair, work);
   for (const giflab_index_pair &one : index_pairs(pair))
      found.add(reference[one.reference], distorted[one.distorted], one.pixels);
   return found.finish();
}

} // namespace

workspace::workspace(const giflab_call &call, uint64_t pixels)
    : values(scratch<float>(call, pixels)), counts(scratch<uint32_t>(call, pixels)) {}

summary summary_of(const giflab_call &call, const giflab_pair &pair, const workspace &work) {
   return index_pairs(pair).empty() ? summary_of_pixels(call, pair, work)
                                    : summary_of_index_pairs(call, pair, work);
}

} // namespace giflab::ciede2000
