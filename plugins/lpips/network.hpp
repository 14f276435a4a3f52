#pragma once
// LPIPS 0.1 over one trunk: R. Zhang, P. Isola, A. A. Efros, E. Shechtman, O. Wang, CVPR 2018.

#include "layers.hpp"
#include "trunk.hpp"

#include <array>
#include <functional>
#include <giflab/plugin.hpp>
#include <memory>
#include <string>

namespace giflab::lpips {

inline constexpr size_t most_taps = 7;

// What the features of two pictures differ by, tap by tap, and in all.
struct distances {
   std::array<double, most_taps> layers = {};
   double total = 0;
};

// A trunk with its weights and heads. It never changes, so that any number of threads may share one.
class network {
 public:
   // Gives the floats of a tensor by its name in PyTorch: "features.0.weight", ..., "lin0.model.1.weight". It
   // is asked for the trunk's tensors in the order of the state dict and then for the heads; it throws what it
   // will if there is no such tensor. The floats must outlive the network.
   using weight_source =
       std::function<std::span<const float>(const std::string &name, std::span<const int64_t> shape)>;

   network(const trunk &shape, const weight_source &weights);

   // From where to where a comparison takes its call's progress.
   struct share {
      double begin = 0, end = 1;
   };

   // Compares the RGB8 of two pictures of one size, at least least_extent() in both directions. Works on all
   // lanes of giflab.tasks/1 where the host has it; the bits do not depend on that. Throws giflab::failure.
   distances compare(const giflab_call &call, const giflab_image &a, const giflab_image &b, arithmetic choice,
                     share part) const;
   distances compare(const giflab_call &call, const giflab_image &a, const giflab_image &b,
                     arithmetic choice) const {
      return compare(call, a, b, choice, share());
   }

   // Bytes of scratch that compare() takes for pictures of this size on one lane.
   size_t scratch_bytes(int32_t width, int32_t height) const;

 private:
   class comparison;
   struct step {
      stage shape;
      std::array<convolution, 2> layers;
      int layer_count = 0;
      std::span<const float> head; // empty where the stage is not tapped
   };

   convolution make_layer(const convolution_shape &shape, int32_t stride, int32_t channels,
                          const weight_source &weights);
   void pack_layers();

   std::vector<step> steps_;
   std::unique_ptr<float[]> packed_;              // of all layers
   std::array<std::array<float, 256>, 3> levels_; // what a byte of R, G and B is to the first layer
};

} // namespace giflab::lpips
