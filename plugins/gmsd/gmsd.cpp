// Gradient magnitude similarity deviation of luma.

#include <algorithm>
#include <cmath>
#include <giflab/plugin.hpp>
#include <giflab_kernels/cuda/gmsd.hpp>
#include <giflab_kernels/cuda/launch.hpp>
#include <giflab_kernels/gmsd.hpp>
#include <giflab_kernels/images.hpp>
#include <giflab_kernels/stale_tiles.hpp>

namespace {

using namespace giflab::kernels;

struct gmsd {
   arithmetic choice;
   bool on_device;
   tile_memory<gmsd_sums> memory;

   explicit gmsd(const giflab_setup &setup)
       : choice(arithmetic_of(setup)), on_device(cuda::on_device(setup)), memory(setup) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs);
   gmsd_sums sums_of(const giflab_call &call, const giflab_pair &pair);
};

constexpr giflab_output outputs[] = {
    {.id = "gmsd",
     .help = "Population standard deviation of gradient magnitude similarity; 0 where nothing differs.",
     .unit = "1",
     .lowest = 0,
     .highest = 0.5,
     .identical = 0,
     .tolerance = 1e-7,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

// A sample looks at those around it, and each is made of 2x2 pixels.
area pixels_of_tile(int32_t column, int32_t row) {
   return {2 * (column * gmsd_tiling::tile_width - 1), 2 * (row * gmsd_tiling::tile_height - 1),
           2 * (gmsd_tiling::tile_width + 2), 2 * (gmsd_tiling::tile_height + 2)};
}

gmsd_sums gmsd::sums_of(const giflab_call &call, const giflab_pair &pair) {
   const auto a = plane_of<uint8_t>(*pair.reference, GIFLAB_LUMA8);
   const auto b = plane_of<uint8_t>(*pair.distorted, GIFLAB_LUMA8);
   const gmsd_tiling tiling = {pair.distorted->width, pair.distorted->height};
   const auto start = memory.before(pair);
   stale_tiles stale(tiling.across(), tiling.down(), start.changes(), pixels_of_tile);
   auto tiles = start.sums(tiling.count());
   // Equal gradients do not differ at all, to the bit.
   if (choice == arithmetic::vector)
      stale.take_out([&](int32_t column, int32_t row) {
         if (!same_samples(a, b, tiling.width, tiling.height, pixels_of_tile(column, row)))
            return false;
         tiles[stale.index(column, row)] = {};
         return true;
      });
   stale.for_each_run(call, 1 << 4, [&](int32_t column, int32_t first, int32_t count) {
      sum_gmsd(a, b, tiling, {column, first, count}, &tiles[stale.index(column, first)], choice);
   });
   gmsd_sums sums;
   for (const gmsd_sums &tile : tiles)
      sums += tile;
   memory.keep(pair, std::move(tiles));
   return sums;
}

void sum_on_device(const giflab_call &call, std::span<const giflab_pair> pairs, std::span<gmsd_sums> sums) {
   if constexpr (cuda::built) {
      const cuda::device_call device(call);
      const int32_t width = pairs[0].distorted->width, height = pairs[0].distorted->height;
      const size_t tiles = cuda::gmsd_tiles(width, height);
      auto *slots = device.scratch<gmsd_sums>(tiles * pairs.size());
      cuda::for_each_launch(call, pairs, [&](size_t first, std::span<const giflab_pair> part) {
         cuda::add_gmsd(cuda::planes_of<uint8_t>(part, GIFLAB_LUMA8), static_cast<uint32_t>(part.size()), width,
                        height, slots + first * tiles, device.stream());
      });
      const auto fetched = device.fetch(slots, tiles * pairs.size());
      for (size_t i = 0; i < pairs.size(); ++i)
         sums[i] = cuda::folded(std::span(fetched).subspan(i * tiles, tiles));
   }
}

// Of 1 - GMS, which deviates as GMS does.
double deviation(const gmsd_sums &sums, double samples) {
   const double mean = sums.dissimilarity / samples;
   return std::sqrt(std::max(0.0, sums.squared / samples - mean * mean));
}

void gmsd::measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
   const giflab_image &image = *pairs[0].distorted;
   const double samples = static_cast<double>(gmsd_halved(image.width)) * gmsd_halved(image.height);
   std::vector<gmsd_sums> sums(pairs.size());
   if (on_device)
      sum_on_device(call, pairs, sums);
   else
      for (size_t i = 0; i < pairs.size(); ++i)
         sums[i] = sums_of(call, pairs[i]);
   for (uint32_t i = 0; i < pairs.size(); ++i)
      call.score(&call, i, 0, deviation(sums[i], samples));
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.giflab.gmsd",
    .label = "GMSD",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://doi.org/10.1109/TIP.2013.2293423",
    .help = "Gradient magnitude similarity deviation of luma (Xue et al. 2014) on the halved picture, c = 170.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = cuda::memories,
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_1NS,
    .lookback = 1, // to begin from what was found there
    .batch = 8,
    .bytes_per_pixel = 1, // sums of tiles
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::frame_metric<gmsd>,
    .create = giflab::create<gmsd>,
    .destroy = giflab::destroy<gmsd>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
