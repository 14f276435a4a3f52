#include "media/index_pairs.hpp"

#include "media/difference.hpp"

#include <algorithm>
#include <cstring>

namespace giflab::media {

namespace {

std::size_t table_size(const two_pictures &of) {
   return of.reference->indexed()->met() * of.distorted->indexed()->met();
}

// Eight equal bytes.
bool are_alike(const uint8_t *eight) {
   uint64_t bytes;
   std::memcpy(&bytes, eight, sizeof bytes);
   return bytes == uint64_t{eight[0]} * 0x0101010101010101u;
}

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
      int32_t x = 0;
      for (; x + 8 <= width; x += 8)
         if (are_alike(a + x) && are_alike(b + x))
            pixels_[a[x] * across_ + b[x]] += 8 * one;
         else
            for (int32_t i = x; i < x + 8; ++i)
               pixels_[a[i] * across_ + b[i]] += one;
      for (; x < width; ++x)
         pixels_[a[x] * across_ + b[x]] += one;
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
