// Visual information fidelity of luma, in the pixel domain.

#include "information.hpp"

#include <array>
#include <giflab/plugin.hpp>
#include <giflab_kernels/images.hpp>

namespace {

using namespace giflab::vif;
using giflab::kernels::arithmetic_of;
using giflab::kernels::plane_of;
using giflab::kernels::target_plane;

struct vif {
   arithmetic choice;

   explicit vif(const giflab_setup &setup) : choice(arithmetic_of(setup)) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const;
};

constexpr giflab_output share_of_information(const char *id, const char *help) {
   return {.id = id,
           .help = help,
           .unit = "1",
           .lowest = 0,
           .highest = 13, // log2(1 + variance / noise) of the most that bytes can vary
           .identical = 1,
           .tolerance = 1.25e-4, // what the variance of nearly flat places takes off
           .direction = GIFLAB_HIGHER_IS_BETTER,
           .level = GIFLAB_PER_FRAME,
           .pool = GIFLAB_POOL_MEAN};
}

constexpr giflab_output outputs[] = {
    share_of_information("vif",
                         "Information that is left of the reference's, all scales together; 1 where nothing "
                         "differs, more where contrast was added."),
    share_of_information("vif_scale0", "The same at the finest scale alone."),
    share_of_information("vif_scale1", "The same at half the size."),
    share_of_information("vif_scale2", "The same at a quarter of the size."),
    share_of_information("vif_scale3", "The same at an eighth of the size."),
};

// The pictures of the coarser scales, a pair at a time.
class pyramid {
 public:
   pyramid(const giflab_call &call, int32_t width, int32_t height)
       : row_(giflab::scratch<double>(call, halving_scratch(width)).data()) {
      for (int scale = 1; scale < scales; ++scale) {
         width /= 2;
         height /= 2;
         const size_t pitch = (static_cast<size_t>(width) + 7) / 8 * 8, rows = static_cast<size_t>(height);
         for (auto &picture : pictures_[static_cast<size_t>(scale)])
            picture = {giflab::scratch<double>(call, pitch * rows).data(), pitch * sizeof(double)};
      }
   }

   // Fills the scale from the one before, and returns it.
   template <class T>
   picture_pair<double> halved(const picture_pair<T> &before, int scale, const std::function<void()> &pause,
                               arithmetic choice) {
      auto &[reference, distorted] = pictures_[static_cast<size_t>(scale)];
      halve(before.reference, before.width, before.height, scale, row_, reference, pause, choice);
      halve(before.distorted, before.width, before.height, scale, row_, distorted, pause, choice);
      return {reference.read(), distorted.read(), before.width / 2, before.height / 2};
   }

 private:
   double *row_;
   std::array<std::array<target_plane<double>, 2>, scales> pictures_ = {};
};

std::array<information, scales> information_of_scales(const giflab_call &call, const giflab_pair &pair,
                                                      pyramid &coarser, arithmetic choice) {
   const auto pause = [&] { giflab::stop_if_cancelled(call); };
   const picture_pair<uint8_t> whole = {plane_of<uint8_t>(*pair.reference, GIFLAB_LUMA8),
                                        plane_of<uint8_t>(*pair.distorted, GIFLAB_LUMA8), pair.distorted->width,
                                        pair.distorted->height};
   std::array<information, scales> found = {information_of(whole, pause, choice)};
   picture_pair<double> halved = coarser.halved(whole, 1, pause, choice);
   for (int scale = 1; scale < scales; ++scale) {
      if (scale > 1)
         halved = coarser.halved(halved, scale, pause, choice);
      found[static_cast<size_t>(scale)] = information_of(halved, scale, pause, choice);
   }
   return found;
}

void vif::measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
   pyramid coarser(call, pairs[0].distorted->width, pairs[0].distorted->height);
   for (uint32_t i = 0; i < pairs.size(); ++i) {
      information sum;
      uint32_t output = 1;
      for (const information &scale : information_of_scales(call, pairs[i], coarser, choice)) {
         call.score(&call, i, output++, scale.kept / scale.carried);
         sum = {sum.kept + scale.kept, sum.carried + scale.carried};
      }
      call.score(&call, i, 0, sum.kept / sum.carried);
   }
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.vif",
    .label = "VIF",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://doi.org/10.1109/TIP.2005.859378",
    .help = "Visual information fidelity of luma in the pixel domain (Sheikh, Bovik 2006), as libvmaf has it.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_100NS,
    .batch = 8,
    .bytes_per_pixel = 6, // a third of the samples of two pictures, in doubles
    .least_width = least_side,
    .least_height = least_side,
    .metric = &giflab::frame_metric<vif>,
    .create = giflab::create<vif>,
    .destroy = giflab::destroy<vif>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
