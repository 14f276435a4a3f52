#pragma once
// The image classifiers whose features LPIPS 0.1 compares, as tables: torchvision's AlexNet, VGG16 and
// SqueezeNet 1.1, up to the last layer that is looked at.

#include <cstdint>
#include <span>

namespace giflab::lpips {

// A convolution with a bias, followed by max(x, 0). `name` is that of its weights in PyTorch, without
// ".weight" and ".bias".
struct convolution_shape {
   const char *name = nullptr;
   int32_t channels = 0; // that it makes; a multiple of 16
   int32_t kernel = 0;   // width and height
   int32_t padding = 0;  // zeros on each side
};

// One step of a trunk: one convolution, two over the same features whose results stand behind each other, or,
// where `first` has no name, the maximum over windows.
struct stage {
   convolution_shape first, second;
   int32_t stride = 1;
   int32_t window = 0;          // of a maximum
   bool partial_window = false; // windows may reach over the far edges
   bool tapped = false;         // its features are compared

   bool is_pool() const { return first.name == nullptr; }
   // Zeros that the source must have around it.
   int32_t padding() const { return first.padding > second.padding ? first.padding : second.padding; }
   int32_t channels(int32_t of_source) const {
      return is_pool() ? of_source : first.channels + second.channels;
   }
   // Width or height of the result; below 1 where the source is too small.
   int32_t extent(int32_t of_source) const;
};

struct trunk {
   const char *name; // "squeeze"
   std::span<const stage> stages;
};

extern const trunk alex, vgg, squeeze;

// The least width and height of a picture for which every stage has a result.
int32_t least_extent(const trunk &of);

} // namespace giflab::lpips
