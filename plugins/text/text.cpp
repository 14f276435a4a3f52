// What became of text: how sharp the edges of letters and signs are, and how many are gone.

#include "edge_acuity.hpp"
#include "text_cells.hpp"

#include <cmath>
#include <giflab/plugin.hpp>
#include <giflab_kernels/images.hpp>
#include <limits>

namespace {

using namespace giflab::kernels;
using namespace giflab::text;

struct text {
   explicit text(const giflab_setup &) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const;
};

enum { AREA, ACUITY, LOST };
constexpr giflab_output outputs[] = {
    {.id = "text_area",
     .help = "Share of the original that looks like text or drawn signs.",
     .unit = "%",
     .lowest = 0,
     .highest = 100,
     .identical = std::numeric_limits<double>::quiet_NaN(),
     .direction = GIFLAB_NEITHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "text_acuity_ratio",
     .help =
         "Mean MTF50 of the edges of the original's text as the distorted picture has them, relative to the "
         "original's; undefined where there is no text.",
     .unit = "1",
     .lowest = 0,
     .highest = 64,
     .identical = 1,
     .direction = GIFLAB_HIGHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "text_edges_lost",
     .help =
         "Share of the edges of the original's text that have less than half of their contrast left; undefined "
         "where there is no text.",
     .unit = "%",
     .lowest = 0,
     .highest = 100,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

struct text_sums {
   int64_t cells = 0, edges = 0, lost = 0;
   double reference = 0, distorted = 0; // of MTF50
};

struct luma_pair {
   plane<uint8_t> reference, distorted;
   int32_t width, height;
};

void add_edge(const luma_pair &pair, int32_t x, int32_t y, axis along, text_sums &sums) {
   if (!stands_at(pair.reference, x, y, along))
      return;
   const bool level = along == axis::horizontal;
   const uint8_t *here = pair.reference.row(y) + x;
   const bool rising = (level ? here[1] : *(pair.reference.row(y + 1) + x)) > here[0];
   const int32_t length = level ? pair.width : pair.height;
   const edge was = edge_near(pair.reference, x, y, along, length, rising);
   const edge is = edge_near(pair.distorted, x, y, along, length, rising);
   const bool lost = 2 * std::abs(is.contrast) < std::abs(was.contrast);
   ++sums.edges;
   sums.lost += lost;
   sums.reference += was.mtf50;
   sums.distorted += lost ? 0 : is.mtf50; // an edge that is gone resolves nothing
}

void add_cell(const luma_pair &pair, int32_t left, int32_t top, text_sums &sums) {
   ++sums.cells;
   // stands_at() reads a pixel to each side, and two ahead.
   for (int32_t y = std::max(1, top); y < std::min(top + cell, pair.height - 2); ++y)
      for (int32_t x = std::max(1, left); x < std::min(left + cell, pair.width - 2); ++x) {
         add_edge(pair, x, y, axis::horizontal, sums);
         add_edge(pair, x, y, axis::vertical, sums);
      }
}

text_sums sums_of(const giflab_call &call, const luma_pair &pair) {
   const cell_grid grid(pair.width, pair.height);
   const auto marks = giflab::scratch<uint8_t>(call, static_cast<size_t>(grid.across));
   text_sums sums;
   for (int32_t y = 0; y < grid.down; ++y) {
      giflab::stop_if_cancelled(call);
      mark_cells(pair.reference, y, grid, marks);
      drop_lone_cells(marks);
      for (int32_t x = 0; x < grid.across; ++x)
         if (marks[static_cast<size_t>(x)])
            add_cell(pair, x * cell, y * cell, sums);
   }
   return sums;
}

void text::measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
   constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
   for (uint32_t i = 0; i < pairs.size(); ++i) {
      const giflab_image &distorted = *pairs[i].distorted;
      const luma_pair pair = {plane_of<uint8_t>(*pairs[i].reference, GIFLAB_LUMA8),
                              plane_of<uint8_t>(distorted, GIFLAB_LUMA8), distorted.width, distorted.height};
      const text_sums sums = sums_of(call, pair);
      const auto cells = static_cast<double>(cell_grid(pair.width, pair.height).count());
      const auto edges = static_cast<double>(sums.edges);
      call.score(&call, i, AREA, 100 * static_cast<double>(sums.cells) / cells);
      call.score(&call, i, ACUITY, sums.edges ? sums.distorted / sums.reference : undefined);
      call.score(&call, i, LOST, sums.edges ? 100 * static_cast<double>(sums.lost) / edges : undefined);
   }
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.text",
    .label = "Text",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://www.iso.org/standard/79169.html",
    .help = "Sharpness and survival of the edges of text and user interfaces, by line spreads across them "
            "(MTF50, as in ISO 12233, of the edges that are there).",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_100NS,
    .batch = 8,
    .bytes_per_pixel = 1, // a row of marks
    .least_width = cell,
    .least_height = cell,
    .metric = &giflab::frame_metric<text>,
    .create = giflab::create<text>,
    .destroy = giflab::destroy<text>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
