// SSIM and MS-SSIM of luma.

#include <algorithm>
#include <cmath>
#include <giflab/plugin.hpp>
#include <giflab_kernels/cuda/launch.hpp>
#include <giflab_kernels/cuda/ssim.hpp>
#include <giflab_kernels/images.hpp>
#include <giflab_kernels/ssim.hpp>

namespace {

using namespace giflab::kernels;

// The plain twin takes some 200 ns a pixel, the other one 4.
int32_t pixels_per_band(arithmetic choice) { return choice == arithmetic::scalar ? 1 << 14 : 1 << 20; }

// Means over all windows of two planes.
template <class T>
ssim_sums mean_ssim(const giflab_call &call, plane<T> a, plane<T> b, int32_t width, int32_t height, double unit,
                    arithmetic choice) {
   const int32_t columns = width - ssim_window + 1, rows = height - ssim_window + 1;
   ssim_sums sums;
   for_each_band(call, columns, rows, pixels_per_band(choice), [&](int32_t first, int32_t count) {
      add_ssim(a, b, width, first, count, unit, sums, choice);
   });
   const double windows = static_cast<double>(columns) * rows;
   return {sums.ssim / windows, sums.contrast_structure / windows};
}

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

   explicit ssim(const giflab_setup &setup) : choice(arithmetic_of(setup)), on_device(cuda::on_device(setup)) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const;
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

void ssim::measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
   if (on_device) {
      const auto means = means_on_device(call, pairs, 1);
      for (uint32_t i = 0; i < pairs.size(); ++i)
         call.score(&call, i, 0, means[i]);
      return;
   }
   for (uint32_t i = 0; i < pairs.size(); ++i) {
      const giflab_image &distorted = *pairs[i].distorted;
      const ssim_sums mean =
          mean_ssim(call, plane_of<uint8_t>(*pairs[i].reference, GIFLAB_LUMA8),
                    plane_of<uint8_t>(distorted, GIFLAB_LUMA8), distorted.width, distorted.height, 1, choice);
      call.score(&call, i, 0, mean.ssim);
   }
}

constexpr giflab_plugin ssim_plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.giflab.ssim",
    .label = "SSIM",
    .version = "1",
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
    .batch = 8,
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

class pyramid;

struct ms_ssim {
   arithmetic choice;
   bool on_device;

   explicit ms_ssim(const giflab_setup &setup)
       : choice(arithmetic_of(setup)), on_device(cuda::on_device(setup)) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const;
   double of(const giflab_call &call, const giflab_pair &pair, pyramid &a, pyramid &b) const;
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
             width,
             height};
      }
   }

   void fill(const giflab_call &call, plane<uint8_t> full, arithmetic choice) {
      giflab::stop_if_cancelled(call);
      halve(full, scales_[0].samples, scales_[0].width, scales_[0].height, choice);
      for (size_t i = 1; i < std::size(scales_); ++i)
         halve(scales_[i - 1].samples.read(), scales_[i].samples, scales_[i].width, scales_[i].height);
   }

   // The picture halved `times` times, 1 to 4.
   plane<uint16_t> halved(int times) const { return scales_[times - 1].samples.read(); }

 private:
   struct scale {
      target_plane<uint16_t> samples;
      int32_t width, height;
   };
   scale scales_[scale_count - 1];
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

double ms_ssim::of(const giflab_call &call, const giflab_pair &pair, pyramid &a, pyramid &b) const {
   int32_t width = pair.distorted->width, height = pair.distorted->height;
   const auto full_a = plane_of<uint8_t>(*pair.reference, GIFLAB_LUMA8);
   const auto full_b = plane_of<uint8_t>(*pair.distorted, GIFLAB_LUMA8);
   a.fill(call, full_a, choice);
   b.fill(call, full_b, choice);

   std::array<double, scale_count> means = {
       mean_ssim(call, full_a, full_b, width, height, 1, choice).contrast_structure};
   for (int i = 1; i < scale_count; ++i) {
      width /= 2;
      height /= 2;
      const ssim_sums mean = mean_ssim(call, a.halved(i), b.halved(i), width, height, unit_of_scale[i], choice);
      means[static_cast<size_t>(i)] = i == scale_count - 1 ? mean.ssim : mean.contrast_structure;
   }
   return product_of(means);
}

void ms_ssim::measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
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
    .version = "1",
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
    .batch = 8,
    // Two pictures, a third of their samples each, 2 bytes a sample; of all pairs at once on a device.
    .bytes_per_pixel = cuda::built ? 11 : 2,
    .least_width = ms_ssim_least,
    .least_height = ms_ssim_least,
    .metric = &giflab::frame_metric<ms_ssim>,
    .create = giflab::create<ms_ssim>,
    .destroy = giflab::destroy<ms_ssim>,
};

constexpr const giflab_plugin *plugins[] = {&ssim_plugin, &ms_ssim_plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
