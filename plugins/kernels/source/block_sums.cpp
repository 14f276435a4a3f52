#include <giflab_kernels/block_sums.hpp>

namespace giflab::kernels {
namespace {

// Pixels [first, end) of a side that block `index` covers.
struct reach {
   int32_t first, end;
};

reach reach_of(int32_t index, int32_t block_side, int32_t length) {
   const int64_t start = static_cast<int64_t>(index) * block_side - (block_side - 1) / 2;
   return {static_cast<int32_t>(std::max<int64_t>(start, 0)),
           static_cast<int32_t>(std::min<int64_t>(start + block_side, length))};
}

} // namespace

void sum_blocks(plane<uint8_t> rgb, int32_t width, int32_t height, int32_t block_side, int32_t row,
                std::span<uint16_t> scratch, std::span<uint32_t> sums) {
   const reach rows = reach_of(row, block_side, height);
   std::fill(scratch.begin(), scratch.end(), uint16_t{0});
   for (int32_t y = rows.first; y < rows.end; ++y) {
      const uint8_t *samples = rgb.row(y);
      for (size_t i = 0; i < scratch.size(); ++i)
         scratch[i] = static_cast<uint16_t>(scratch[i] + samples[i]);
   }
   for (int32_t block = 0; block < blocks_along(width, block_side); ++block) {
      const reach columns = reach_of(block, block_side, width);
      uint32_t red = 0, green = 0, blue = 0;
      for (auto x = static_cast<size_t>(columns.first); x < static_cast<size_t>(columns.end); ++x) {
         red += scratch[3 * x];
         green += scratch[3 * x + 1];
         blue += scratch[3 * x + 2];
      }
      uint32_t *sum = sums.data() + 3 * static_cast<size_t>(block);
      sum[0] = red, sum[1] = green, sum[2] = blue;
   }
}

} // namespace giflab::kernels
