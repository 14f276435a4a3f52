// SSIM and MS-SSIM of luma.

#include <algorithm>
#include <array>
#include <cmath>
#include <giflab/plugin.hpp>
#include <giflab_kernels/cuda/launch.hpp>
#include <giflab_kernels/cuda/ssim.hpp>
#include <giflab_kernels/images.hpp>
#include <giflab_kernels/ssim.hpp>
#include <vector>

#include "scales.hpp"

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

enum output : uint32_t { ssim_output, ms_ssim_output };

constexpr double exponents[scale_count] = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};

constexpr giflab_output outputs[] = {
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
    {.id = "ms_ssim",
     .help = "Multi-scale structural similarity of luma; 1 where nothing differs.",
     .unit = "1",
     .lowest = 0,
     .highest = 1,
     .identical = 1,
     .tolerance = 1e-6,
     .direction = GIFLAB_HIGHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN,
     .least_side = ssim_window << (scale_count - 1)},
};

// Both are summed from the same windows of the full picture.
class structural_similarity {
 public:
   explicit structural_similarity(const giflab_setup &setup)
       : choice_(arithmetic_of(setup)), on_device_(cuda::on_device(setup)),
         ssim_(giflab::is_wanted(setup, outputs[ssim_output], ssim_output)),
         ms_ssim_(giflab::is_wanted(setup, outputs[ms_ssim_output], ms_ssim_output)), memory_(setup) {}

   void measure(const giflab_call &call, std::span<const giflab_pair> pairs);

 private:
   void measure_on_device(const giflab_call &call, std::span<const giflab_pair> pairs) const;
   void measure_pair(const giflab_call &call, uint32_t number, const giflab_pair &pair,
                     std::span<pyramid> of_both);
   void sum(const giflab_call &call, const giflab_pair &pair, const scales &todo, std::span<pyramid> of_both,
            tile_sums &sums) const;

   arithmetic choice_;
   bool on_device_;
   bool ssim_, ms_ssim_; // wanted
   tile_memory<double> memory_;
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

double ms_ssim_of(const scales &summed, tile_sums &sums) {
   std::array<double, scale_count> means;
   for (int i = 0; i < scale_count; ++i)
      means[static_cast<size_t>(i)] = mean_of(summed.tiling(i), summed.part(i, sums));
   return product_of(means);
}

// `of_both`: memory for what MS-SSIM makes of the reference and of the distorted picture; empty without it.
void structural_similarity::sum(const giflab_call &call, const giflab_pair &pair, const scales &todo,
                                std::span<pyramid> of_both, tile_sums &sums) const {
   const auto full_a = plane_of<uint8_t>(*pair.reference, GIFLAB_LUMA8);
   const auto full_b = plane_of<uint8_t>(*pair.distorted, GIFLAB_LUMA8);
   sum_stale(call, full_a, full_b, todo.tiling(0), todo.stale(0), 1, todo.targets(0, sums), choice_);
   if (!ms_ssim_)
      return;
   const rows_of_scales rows = todo.rows();
   of_both[0].fill(call, full_a, rows, choice_);
   of_both[1].fill(call, full_b, rows, choice_);
   for (int i = 1; i < scale_count; ++i)
      sum_stale(call, of_both[0].halved(i), of_both[1].halved(i), todo.tiling(i), todo.stale(i),
                unit_of_scale[i], todo.targets(i, sums), choice_);
}

void structural_similarity::measure_pair(const giflab_call &call, uint32_t number, const giflab_pair &pair,
                                         std::span<pyramid> of_both) {
   const auto start = memory_.before(pair);
   const scales todo(pair.distorted->width, pair.distorted->height, ssim_, ms_ssim_, start.changes());
   tile_sums sums = start.sums(todo.sums());
   sum(call, pair, todo, of_both, sums);
   if (ssim_)
      call.score(&call, number, ssim_output, mean_of(todo.tiling(0), todo.ssim_part(sums)));
   if (ms_ssim_)
      call.score(&call, number, ms_ssim_output, ms_ssim_of(todo, sums));
   memory_.keep(pair, std::move(sums));
}

void structural_similarity::measure_on_device(const giflab_call &call,
                                              std::span<const giflab_pair> pairs) const {
   if (ssim_) {
      const auto means = means_on_device(call, pairs, 1);
      for (uint32_t i = 0; i < pairs.size(); ++i)
         call.score(&call, i, ssim_output, means[i]);
   }
   if (ms_ssim_) {
      const auto means = means_on_device(call, pairs, scale_count);
      for (uint32_t i = 0; i < pairs.size(); ++i)
         call.score(&call, i, ms_ssim_output,
                    product_of(std::span(means).subspan(i * scale_count).first<scale_count>()));
   }
}

void structural_similarity::measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
   if (on_device_)
      return measure_on_device(call, pairs);
   std::vector<pyramid> of_both;
   for (int i = 0; ms_ssim_ && i < 2; ++i)
      of_both.emplace_back(call, pairs[0].distorted->width, pairs[0].distorted->height);
   for (uint32_t i = 0; i < pairs.size(); ++i)
      measure_pair(call, i, pairs[i], of_both);
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.giflab.ssim",
    .label = "SSIM and MS-SSIM",
    .version = "4",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://doi.org/10.1109/TIP.2003.819861",
    .help = "Structural similarity of luma (Wang et al. 2004) over an 11x11 Gaussian window at full size, and "
            "over five scales (Wang, Simoncelli, Bovik 2003).",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = cuda::memories,
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .lookback = 1, // to begin from what was found there
    .batch = 8,
    // Two pictures, a third of their samples each, 2 bytes a sample, and sums of tiles; of all pairs at once on
    // a device.
    .bytes_per_pixel = cuda::built ? 12 : 3,
    .least_width = ssim_window,
    .least_height = ssim_window,
    .metric = &giflab::frame_metric<structural_similarity>,
    .create = giflab::create<structural_similarity>,
    .destroy = giflab::destroy<structural_similarity>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
