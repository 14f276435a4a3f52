#include "media/index_pairs.hpp"

#include "media/difference.hpp"
#include "media/index_runs.hpp"

#include <algorithm>
#include <bit>

namespace giflab::media {

namespace {

std::size_t table_size(const two_pictures &of) {
   return of.reference->indexed()->met() * of.distorted->indexed()->met();
}

// With more it is pixels that are counted, each by itself: dithering.
constexpr int most_runs_of_64 = 32;

// Pixels by pair of indices, a row for each index of the reference.
class pair_table {
 public:
   pair_table(std::size_t reference_colours, std::size_t distorted_colours, services::block_pool &pool)
       : rows_(reference_colours), across_(distorted_colours),
         memory_(pool.acquire(rows_ * across_ * sizeof(uint32_t))),
         pixels_(reinterpret_cast<uint32_t *>(memory_.data())) {
      std::fill_n(pixels_, rows_ * across_, 0u);
   }

   void add(const index_pairs &known) {
      for (const giflab_index_pair &pair : known)
         pixels_[pair.reference * across_ + pair.distorted] += pair.pixels;
   }

   // `sign`: 1 counts the pixels in, -1, which unsigned numbers know as well, out.
   void add(const two_pictures &of, const rectangle &where, int32_t sign) {
      const auto one = static_cast<uint32_t>(sign);
      for (int32_t y = where.y; y < where.y + where.height; ++y)
         add_row(of.reference->indexed()->indices.row<uint8_t>(y) + where.x,
                 of.distorted->indexed()->indices.row<uint8_t>(y) + where.x, where.width, one);
   }

   index_pairs list() const {
      index_pairs found;
      for (std::size_t i = 0; i < rows_; ++i)
         for (std::size_t j = 0; j < across_; ++j)
            if (const uint32_t pixels = pixels_[i * across_ + j]; pixels != 0)
               found.push_back({static_cast<uint8_t>(i), static_cast<uint8_t>(j), 0, pixels});
      return found;
   }

 private:
   // GIFs are full of runs, and a counter cannot take two increments in a row quickly.
   void add_row(const uint8_t *a, const uint8_t *b, int32_t width, uint32_t one) {
      for (auto left = static_cast<std::size_t>(width); left > 0;) {
         const std::size_t count = std::min(left, most_run_ends);
         if (run_ends ends; find_run_ends(a, b, count, ends))
            add_runs(a, b, count, ends, one);
         else
            add_few(a, b, count, one);
         a += count, b += count, left -= count;
      }
   }

   void add_runs(const uint8_t *a, const uint8_t *b, std::size_t count, const run_ends &ends, uint32_t one) {
      std::size_t begun = 0;
      for (std::size_t x = 0; x < count; x += 64) {
         uint64_t left = ends[x / 64];
         if (std::popcount(left) > most_runs_of_64 && x + 64 <= count) {
            if (begun < x)
               add_run(a[begun], b[begun], x - begun, one);
            add_64(a + x, b + x, one);
            begun = x + 64;
            continue;
         }
         for (; left != 0; left &= left - 1) {
            const std::size_t next = x + static_cast<std::size_t>(std::countr_zero(left)) + 1;
            add_run(a[begun], b[begun], next - begun, one);
            begun = next;
         }
      }
      if (begun < count)
         add_run(a[begun], b[begun], count - begun, one);
   }

   void add_64(const uint8_t *a, const uint8_t *b, uint32_t one) {
      for (std::size_t x = 0; x < 64; x += 8)
         for (std::size_t i = x; i < x + 8; ++i) // compilers unroll eight, not 64
            add_run(a[i], b[i], 1, one);
   }

   void add_few(const uint8_t *a, const uint8_t *b, std::size_t count, uint32_t one) {
      for (std::size_t begun = 0, next = 0; begun < count; begun = next) {
         do
            ++next;
         while (next < count && a[next] == a[begun] && b[next] == b[begun]);
         add_run(a[begun], b[begun], next - begun, one);
      }
   }

   void add_run(uint8_t reference, uint8_t distorted, std::size_t pixels, uint32_t one) {
      pixels_[reference * across_ + distorted] += static_cast<uint32_t>(pixels) * one;
   }

   std::size_t rows_, across_;
   services::block memory_;
   uint32_t *pixels_;
};

bool mostly(std::span<const uint8_t> squares) {
   return 3 * static_cast<std::size_t>(std::ranges::count(squares, uint8_t{1})) > squares.size();
}

} // namespace

bool index_pairs_pay(const two_pictures &of) {
   if (!of.reference->indexed() || !of.distorted->indexed())
      return false;
   const uint64_t pixels =
       static_cast<uint64_t>(of.reference->width) * static_cast<uint64_t>(of.reference->height);
   // An entry of the table, to be cleared and looked at, costs less than a tenth of what pixels cost several
   // metrics one after the other; and a count must fit 32 bits.
   return table_size(of) <= 16 * pixels && pixels <= UINT32_MAX;
}

index_pairs count_index_pairs(const two_pictures &of, services::block_pool &pool) {
   pair_table table(of.reference->indexed()->met(), of.distorted->indexed()->met(), pool);
   table.add(of, {0, 0, of.reference->width, of.reference->height}, 1);
   return table.list();
}

index_pairs count_index_pairs(const two_pictures &of, const earlier_index_pairs &before,
                              services::block_pool &pool) {
   const two_pictures &earlier = before.pictures;
   if (mostly(before.changed_squares) || !indices_tell(*earlier.reference, *of.reference) ||
       !indices_tell(*earlier.distorted, *of.distorted))
      return count_index_pairs(of, pool);
   pair_table table(std::max(earlier.reference->indexed()->met(), of.reference->indexed()->met()),
                    std::max(earlier.distorted->indexed()->met(), of.distorted->indexed()->met()), pool);
   table.add(before.counted);
   for (const rectangle &area : areas_of(before.changed_squares, of.reference->width, of.reference->height)) {
      table.add(earlier, area, -1);
      table.add(of, area, 1);
   }
   return table.list();
}

} // namespace giflab::media
