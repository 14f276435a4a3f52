#include <giflab_kernels/channel_histogram.hpp>

namespace giflab::kernels {
namespace {

void add_plainly(plane<uint8_t> rgb, int32_t width, int64_t first_row, int64_t rows,
                 channel_histogram &counts) {
   for (int64_t y = first_row; y < first_row + rows; ++y)
      for (int64_t x = 0; x < width; ++x)
         for (size_t channel = 0; channel < 3; ++channel)
            ++counts[channel][rgb.row(y)[3 * x + static_cast<int64_t>(channel)] >> 3];
}

// Four neighbouring pixels count in four tables.
constexpr int64_t lanes = 4;
constexpr int64_t row_piece = 1 << 20; // what a 32-bit counter takes in many pieces of rows
using narrow_table = std::array<uint32_t, histogram_bins>;
struct lane_tables {
   narrow_table counts[lanes][3];
};

void add_piece(const uint8_t *rgb, int64_t pixels, lane_tables &tables) {
   int64_t x = 0;
   for (; x + lanes <= pixels; x += lanes, rgb += 3 * lanes)
      for (int64_t lane = 0; lane < lanes; ++lane)
         for (int64_t channel = 0; channel < 3; ++channel)
            ++tables.counts[lane][channel][rgb[3 * lane + channel] >> 3];
   for (; x < pixels; ++x, rgb += 3)
      for (int64_t channel = 0; channel < 3; ++channel)
         ++tables.counts[0][channel][rgb[channel] >> 3];
}

void fold(const lane_tables &tables, channel_histogram &counts) {
   for (const auto &lane : tables.counts)
      for (size_t channel = 0; channel < 3; ++channel)
         for (size_t bin = 0; bin < histogram_bins; ++bin)
            counts[channel][bin] += lane[channel][bin];
}

void add_spread(plane<uint8_t> rgb, int32_t width, int64_t first_row, int64_t rows, channel_histogram &counts) {
   lane_tables tables = {};
   int64_t held = 0;
   for (int64_t y = first_row; y < first_row + rows; ++y) {
      add_piece(rgb.row(y), width, tables);
      held += width;
      if (held >= row_piece) {
         fold(tables, counts);
         tables = {};
         held = 0;
      }
   }
   fold(tables, counts);
}

} // namespace

void add_channel_histogram(plane<uint8_t> rgb, int32_t width, int64_t first_row, int64_t rows,
                           channel_histogram &counts, arithmetic choice) {
   if (choice == arithmetic::scalar)
      add_plainly(rgb, width, first_row, rows, counts);
   else
      add_spread(rgb, width, first_row, rows, counts);
}

} // namespace giflab::kernels
