// What became of edges, textures and sharpness, on luma.

#include "edges.hpp"
#include "texture.hpp"

#include <cmath>

namespace {

using namespace giflab::kernels;
using namespace giflab::structure;

// ---- Edges

struct edge_similarity {
   explicit edge_similarity(const giflab_setup &) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const;
};

enum { SIMILARITY, LOST, ADDED };
constexpr giflab_output edge_outputs[] = {
    {.id = "edge_similarity",
     .help = "F-measure of the distorted picture's edges against the original's, a pixel's distance forgiven.",
     .unit = "1",
     .lowest = 0,
     .highest = 1,
     .identical = 1,
     .direction = GIFLAB_HIGHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "edges_lost",
     .help = "Share of the original's edge pixels that the distorted picture lacks.",
     .unit = "1",
     .lowest = 0,
     .highest = 1,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "edges_added",
     .help = "Share of the distorted picture's edge pixels that the original lacks.",
     .unit = "1",
     .lowest = 0,
     .highest = 1,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

bool edge_around(const edge_map &edges, int32_t x, int32_t y) {
   for (int32_t line = y - 1; line <= y + 1; ++line)
      for (int32_t i = x - 1; i <= x + 1; ++i)
         if (edges.row(line)[i] == strong_edge)
            return true;
   return false;
}

// The share of the edges of `found` without one in `other` at the same pixel or around it; 0 where there are
// none.
double share_without(const giflab_call &call, const edge_map &found, const edge_map &other) {
   uint64_t all = 0, alone = 0;
   for_each_row(call, found.width(), 0, found.height(), [&](int32_t y) {
      const uint8_t *row = found.row(y);
      for (int32_t x = 0; x < found.width(); ++x)
         if (row[x] == strong_edge) {
            ++all;
            alone += !edge_around(other, x, y);
         }
   });
   return all == 0 ? 0 : static_cast<double>(alone) / static_cast<double>(all);
}

// Harmonic mean of precision and recall.
double f_measure(double lost, double added) {
   const double recall = 1 - lost, precision = 1 - added;
   return recall + precision == 0 ? 0 : 2 * recall * precision / (recall + precision);
}

void edge_similarity::measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
   const int32_t width = pairs[0].distorted->width, height = pairs[0].distorted->height;
   const size_t bytes = edge_map::bytes_for(width, height);
   const edge_map reference(giflab::scratch<uint8_t>(call, bytes).data(), width, height);
   const edge_map distorted(giflab::scratch<uint8_t>(call, bytes).data(), width, height);
   edge_finder finder(call, width, height);
   for (uint32_t i = 0; i < pairs.size(); ++i) {
      finder.find(call, luma_of(*pairs[i].reference), reference);
      finder.find(call, luma_of(*pairs[i].distorted), distorted);
      const double lost = share_without(call, reference, distorted);
      const double added = share_without(call, distorted, reference);
      call.score(&call, i, SIMILARITY, f_measure(lost, added));
      call.score(&call, i, LOST, lost);
      call.score(&call, i, ADDED, added);
   }
}

constexpr giflab_plugin edge_plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.edge_similarity",
    .label = "Edge similarity",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://doi.org/10.1109/TPAMI.1986.4767851",
    .help = "How well the edges that Canny's detector finds in luma agree, lost and added ones told apart.",
    GIFLAB_OUTPUTS(edge_outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_100NS,
    .batch = 8,
    .bytes_per_pixel = 7, // two maps, and where to go on from; some rows
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::frame_metric<edge_similarity>,
    .create = giflab::create<edge_similarity>,
    .destroy = giflab::destroy<edge_similarity>,
};

// ---- Textures

struct texture_similarity {
   explicit texture_similarity(const giflab_setup &) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const;
};

constexpr giflab_output texture_outputs[] = {
    {.id = "texture_similarity",
     .help = "How much the histograms of uniform local binary patterns have in common.",
     .unit = "1",
     .lowest = 0,
     .highest = 1,
     .identical = 1,
     .direction = GIFLAB_HIGHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

// The share of the pixels that the smaller count of each code makes up.
double intersection(const texture_histogram &a, const texture_histogram &b) {
   uint64_t common = 0, all = 0;
   for (size_t code = 0; code < a.size(); ++code) {
      common += std::min(a[code], b[code]);
      all += a[code];
   }
   return static_cast<double>(common) / static_cast<double>(all);
}

void texture_similarity::measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
   for (uint32_t i = 0; i < pairs.size(); ++i)
      call.score(&call, i, 0,
                 intersection(textures_of(call, luma_of(*pairs[i].reference)),
                              textures_of(call, luma_of(*pairs[i].distorted))));
}

constexpr giflab_plugin texture_plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.texture_similarity",
    .label = "Texture similarity",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://doi.org/10.1109/TPAMI.2002.1017623",
    .help =
        "Intersection of the histograms of local binary patterns of luma (Ojala et al. 2002; P = 8, R = 1).",
    GIFLAB_OUTPUTS(texture_outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_100NS,
    .batch = 8,
    .least_width = 3,
    .least_height = 3,
    .metric = &giflab::frame_metric<texture_similarity>,
    .create = giflab::create<texture_similarity>,
    .destroy = giflab::destroy<texture_similarity>,
};

// ---- Sharpness

struct sharpness_ratio {
   explicit sharpness_ratio(const giflab_setup &) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const;
};

constexpr giflab_output sharpness_outputs[] = {
    {.id = "sharpness_ratio",
     .help = "Variance of the Laplacian of the distorted picture divided by the original's: below 1 blurred, "
             "above 1 sharper or noisy; undefined where only the original's is 0.",
     .unit = "1",
     .lowest = 0,
     .highest = 1e16, // 4 * 255 squared over the least variance of 2^31 pixels
     .identical = 1,
     .direction = GIFLAB_NEITHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

// Of the four-neighbour Laplacian over all pixels that have four.
double laplacian_variance(const giflab_call &call, const luma_picture &picture) {
   int64_t sum = 0, squared = 0;
   for_each_row(call, picture.width, 1, picture.height - 1, [&](int32_t y) {
      const uint8_t *above = picture.row(y - 1), *here = picture.row(y), *below = picture.row(y + 1);
      for (int32_t x = 1; x < picture.width - 1; ++x) {
         const int value = above[x] + below[x] + here[x - 1] + here[x + 1] - 4 * here[x];
         sum += value;
         squared += value * value;
      }
   });
   const double count = (picture.width - 2.0) * (picture.height - 2.0);
   const double mean = static_cast<double>(sum) / count;
   return std::max(0.0, static_cast<double>(squared) / count - mean * mean);
}

double ratio(double distorted, double reference) {
   if (distorted == reference)
      return 1;
   return reference == 0 ? NAN : distorted / reference;
}

void sharpness_ratio::measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
   for (uint32_t i = 0; i < pairs.size(); ++i)
      call.score(&call, i, 0,
                 ratio(laplacian_variance(call, luma_of(*pairs[i].distorted)),
                       laplacian_variance(call, luma_of(*pairs[i].reference))));
}

constexpr giflab_plugin sharpness_plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.sharpness_ratio",
    .label = "Sharpness ratio",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://doi.org/10.1109/ICPR.2000.903548",
    .help =
        "How sharp the distorted picture is next to the original, by the variance of the Laplacian of luma.",
    GIFLAB_OUTPUTS(sharpness_outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .batch = 8,
    .least_width = 3,
    .least_height = 3,
    .metric = &giflab::frame_metric<sharpness_ratio>,
    .create = giflab::create<sharpness_ratio>,
    .destroy = giflab::destroy<sharpness_ratio>,
};

constexpr const giflab_plugin *plugins[] = {&edge_plugin, &texture_plugin, &sharpness_plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
