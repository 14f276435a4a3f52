// SSIM and MS-SSIM of luma.

#include <algorithm>
#include <cmath>
#include <giflab/plugin.hpp>
#include <giflab_kernels/cuda/launch.hpp>
#include <giflab_kernels/cuda/ssim.hpp>
#include <giflab_kernels/images.hpp>
#include <giflab_kernels/ssim.hpp>

#include "tiles.hpp"

namespace {

using namespace giflab::kernels;
using namespace giflab::plugins;

// The sums of all tiles of a pair; of several scales one behind the other.
using tile_sums = tile_memory<double>::tile_sums;

// Means on a device: [pair * scales + scale], of SSIM at the last scale, of contrast and structure at the
// others.
std::vector<double> means_on_device(const giflab_call &call, std::span<const giflab_pair> pairs, int scales) {
   std::vector<double> means;
   if constexpr (cuda::built) {
      const cuda::device_call device(call);
      const cuda::ssim_layout layout(pairs[0].distorted->width, pairs[0].distorted->height, scales);
      auto *slots = device.scratch<double>(layout.tiles() * pairs.size());
      const size_t halved_samples = 2 * layout.samples() * std::min<size_t>(pairs.size(), cuda::most_pairs);
      auto *halved = scales > 1 ? device.scratch<uint16_t>(halved_samples) : nullptr;
      cuda::for_each_launch(call, pairs, [&](size_t first, std::span<const giflab_pair> part) {
         const auto planes = cuda::planes_of<uint8_t>(part, GIFLAB_LUMA8);
         const auto count = static_cast<uint32_t>(part.size());
         if (scales > 1)
            cuda::halve(planes, count, layout, halved, device.stream());
         cuda::add_ssim(planes, count, layout, halved, slots + first * layout.tiles(), device.stream());
      });
      const auto fetched = device.fetch(slots, layout.tiles() * pairs.size());
      for (size_t pair = 0; pair < pairs.size(); ++pair)
         for (int scale = 0; scale < scales; ++scale) {
            const cuda::tiling tiles = layout.windows(scale);
            const auto own =
                std::span(fetched).subspan(pair * layout.tiles() + layout.first_tile(scale), tiles.count());
            means.push_back(cuda::folded(own) / (static_cast<double>(tiles.width) * tiles.height));
         }
   }
   return means;
}

// ---- One scale

struct ssim {
   arithmetic choice;
   bool on_device;
   tile_memory<double> memory;

   explicit ssim(const giflab_setup &setup)
       : choice(arithmetic_of(setup)), on_device(cuda::on_device(setup)), memory(setup) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs);
   double of(const giflab_call &call, const giflab_pair &pair);
};

constexpr giflab_output ssim_outputs[] = {
    {.id = "ssim",
     .help = "Mean structural similarity of luma; 1 where nothing differs.",
     .unit = "1",
     .lowest = -1,
     .highest = 1,
     .identical = 1,
     .tolerance = 1e-6,
     .direction = GIFLAB_HIGHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

double ssim::of(const giflab_call &call, const giflab_pair &pair) {
   const ssim_tiling tiling = {pair.distorted->width, pair.distorted->height};
   const auto start = memory.before(pair);
   tile_sums sums = start.sums(tiling.count());
   sum_stale(call, plane_of<uint8_t>(*pair.reference, GIFLAB_LUMA8),
             plane_of<uint8_t>(*pair.distorted, GIFLAB_LUMA8), tiling,
             stale_tiles_of(tiling, 0, start.changes()), 1, ssim_index::ssim, sums, choice);
   const double mean = mean_of(tiling, sums);
   memory.keep(pair, std::move(sums));
   return mean;
}

void ssim::measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
   if (on_device) {
      const auto means = means_on_device(call, pairs, 1);
      for (uint32_t i = 0; i < pairs.size(); ++i)
         call.score(&call, i, 0, means[i]);
      return;
   }
   for (uint32_t i = 0; i < pairs.size(); ++i)
      call.score(&call, i, 0, of(call, pairs[i]));
}

constexpr giflab_plugin ssim_plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.giflab.ssim",
    .label = "SSIM",
    .version = "2",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://doi.org/10.1109/TIP.2003.819861",
    .help = "Structural similarity of luma (Wang et al. 2004) over an 11x11 Gaussian window at full size.",
    GIFLAB_OUTPUTS(ssim_outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = cuda::memories,
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .lookback = 1, // to begin from what was found there
    .batch = 8,
    .bytes_per_pixel = 1, // sums of tiles
    .least_width = ssim_window,
    .least_height = ssim_window,
    .metric = &giflab::frame_metric<ssim>,
    .create = giflab::create<ssim>,
    .destroy = giflab::destroy<ssim>,
};

// ---- Five scales

constexpr int scale_count = 5;
constexpr double exponents[scale_count] = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
constexpr int ms_ssim_least = ssim_window << (scale_count - 1);
constexpr double unit_of_scale[scale_count] = {1, 4, 16, 64, 256}; // what `halve` makes of 1

// The coarsest scale counts as a whole, the others without luminance.
constexpr ssim_index index_of(int scale) {
   return scale == scale_count - 1 ? ssim_index::ssim : ssim_index::contrast_structure;
}

class pyramid;
class scales;

struct ms_ssim {
   arithmetic choice;
   bool on_device;
   tile_memory<double> memory;

   explicit ms_ssim(const giflab_setup &setup)
       : choice(arithmetic_of(setup)), on_device(cuda::on_device(setup)), memory(setup) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs);
   double of(const giflab_call &call, const giflab_pair &pair, pyramid &a, pyramid &b);
   void sum(const giflab_call &call, const giflab_pair &pair, const scales &todo, pyramid &a, pyramid &b,
            tile_sums &sums) const;
};

constexpr giflab_output ms_ssim_outputs[] = {
    {.id = "ms_ssim",
     .help = "Multi-scale structural similarity of luma; 1 where nothing differs.",
     .unit = "1",
     .lowest = 0,
     .highest = 1,
     .identical = 1,
     .tolerance = 1e-6,
     .direction = GIFLAB_HIGHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

// The halved planes of one picture, scale 1 to 4, in arena memory that serves one picture after the other.
class pyramid {
 public:
   pyramid(const giflab_call &call, int32_t width, int32_t height) {
      for (auto &smaller : scales_) {
         width /= 2;
         height /= 2;
         const auto samples = static_cast<size_t>(width) * static_cast<size_t>(height);
         smaller = {
             {giflab::scratch<uint16_t>(call, samples).data(), static_cast<size_t>(width) * sizeof(uint16_t)},
             width};
      }
   }

   // `rows`: those of each scale that are wanted, [0] of the full picture; what they are made of is wanted as
   // well.
   void fill(const giflab_call &call, plane<uint8_t> full, std::span<const row_range, scale_count> rows,
             arithmetic choice) {
      giflab::stop_if_cancelled(call);
      for (size_t i = 0; i < std::size(scales_); ++i) {
         const auto [first, end] = rows[i + 1];
         const auto &[samples, width] = scales_[i];
         const target_plane<uint16_t> target = {samples.row(first), samples.stride};
         if (i == 0)
            halve({full.row(2 * first), full.stride}, target, width, end - first, choice);
         else
            halve({scales_[i - 1].samples.row(2 * first), scales_[i - 1].samples.stride}, target, width,
                  end - first);
      }
   }

   // The picture halved `times` times, 1 to 4.
   plane<uint16_t> halved(int times) const { return scales_[times - 1].samples.read(); }

 private:
   struct scale {
      target_plane<uint16_t> samples;
      int32_t width;
   };
   scale scales_[scale_count - 1];
};

// What is to be summed of each scale, and where its tiles stand among those of all scales.
class scales {
 public:
   scales(int32_t width, int32_t height, const changed_cells *changes) {
      for (int i = 0; i < scale_count; ++i) {
         const ssim_tiling tiling = {width >> i, height >> i};
         scales_.push_back({tiling, stale_tiles_of(tiling, i, changes), tiles_});
         tiles_ += tiling.count();
      }
   }

   const ssim_tiling &tiling(int number) const { return at(number).tiling; }
   const stale_tiles &stale(int number) const { return at(number).stale; }
   size_t tiles() const { return tiles_; }

   // The part of all sums that is one scale's.
   std::span<double> part(int number, tile_sums &sums) const {
      return std::span(sums).subspan(at(number).first_tile, tiling(number).count());
   }

   // The rows of each scale under windows that are to be summed, and those that the next scale is made of.
   std::array<row_range, scale_count> rows() const {
      std::array<row_range, scale_count> found;
      for (int i = scale_count - 1; i >= 0; --i) {
         row_range &here = found[static_cast<size_t>(i)];
         here = rows_under(stale(i), tiling(i).height);
         if (i + 1 < scale_count) {
            const auto [first, end] = found[static_cast<size_t>(i) + 1];
            here = united(here, {2 * first, 2 * end});
         }
      }
      return found;
   }

 private:
   struct scale {
      ssim_tiling tiling;
      stale_tiles stale;
      size_t first_tile;
   };
   const scale &at(int number) const { return scales_[static_cast<size_t>(number)]; }

   std::vector<scale> scales_;
   size_t tiles_ = 0;
};

// A negative mean has no real power; it counts as 0.
double weighted(double mean, int scale) { return std::pow(std::max(0.0, mean), exponents[scale]); }

// Of mean contrast and structure, and of mean SSIM at the coarsest scale.
double product_of(std::span<const double, scale_count> means) {
   double product = 1;
   for (int i = 0; i < scale_count; ++i)
      product *= weighted(means[static_cast<size_t>(i)], i);
   return product;
}

void ms_ssim::sum(const giflab_call &call, const giflab_pair &pair, const scales &todo, pyramid &a, pyramid &b,
                  tile_sums &sums) const {
   const auto full_a = plane_of<uint8_t>(*pair.reference, GIFLAB_LUMA8);
   const auto full_b = plane_of<uint8_t>(*pair.distorted, GIFLAB_LUMA8);
   const auto rows = todo.rows();
   a.fill(call, full_a, rows, choice);
   b.fill(call, full_b, rows, choice);
   sum_stale(call, full_a, full_b, todo.tiling(0), todo.stale(0), 1, index_of(0), todo.part(0, sums), choice);
   for (int i = 1; i < scale_count; ++i)
      sum_stale(call, a.halved(i), b.halved(i), todo.tiling(i), todo.stale(i), unit_of_scale[i], index_of(i),
                todo.part(i, sums), choice);
}

double ms_ssim::of(const giflab_call &call, const giflab_pair &pair, pyramid &a, pyramid &b) {
   const auto start = memory.before(pair);
   const scales todo(pair.distorted->width, pair.distorted->height, start.changes());
   tile_sums sums = start.sums(todo.tiles());
   sum(call, pair, todo, a, b, sums);
   std::array<double, scale_count> means;
   for (int i = 0; i < scale_count; ++i)
      means[static_cast<size_t>(i)] = mean_of(todo.tiling(i), todo.part(i, sums));
   memory.keep(pair, std::move(sums));
   return product_of(means);
}

void ms_ssim::measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
   if (on_device) {
      const auto means = means_on_device(call, pairs, scale_count);
      for (uint32_t i = 0; i < pairs.size(); ++i)
         call.score(&call, i, 0, product_of(std::span(means).subspan(i * scale_count).first<scale_count>()));
      return;
   }
   const int32_t width = pairs[0].distorted->width, height = pairs[0].distorted->height;
   pyramid a(call, width, height), b(call, width, height);
   for (uint32_t i = 0; i < pairs.size(); ++i)
      call.score(&call, i, 0, of(call, pairs[i], a, b));
}

constexpr giflab_plugin ms_ssim_plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.giflab.ms_ssim",
    .label = "MS-SSIM",
    .version = "2",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://doi.org/10.1109/ACSSC.2003.1292216",
    .help = "Multi-scale structural similarity of luma (Wang, Simoncelli, Bovik 2003) over five scales.",
    GIFLAB_OUTPUTS(ms_ssim_outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = cuda::memories,
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .lookback = 1,
    .batch = 8,
    // Two pictures, a third of their samples each, 2 bytes a sample, and sums of tiles; of all pairs at once on
    // a device.
    .bytes_per_pixel = cuda::built ? 12 : 3,
    .least_width = ms_ssim_least,
    .least_height = ms_ssim_least,
    .metric = &giflab::frame_metric<ms_ssim>,
    .create = giflab::create<ms_ssim>,
    .destroy = giflab::destroy<ms_ssim>,
};

constexpr const giflab_plugin *plugins[] = {&ssim_plugin, &ms_ssim_plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
