#include "trunk.hpp"

namespace giflab::lpips {

namespace {

constexpr stage convolution(const char *name, int32_t channels, int32_t kernel, int32_t stride, int32_t padding,
                            bool tapped) {
   return {.first = {name, channels, kernel, padding}, .second = {}, .stride = stride, .tapped = tapped};
}
constexpr stage maximum(int32_t window, bool partial_window) {
   return {.first = {}, .second = {}, .stride = 2, .window = window, .partial_window = partial_window};
}
// The second half of a "fire" of SqueezeNet.
constexpr stage expand(const char *small, const char *large, int32_t channels, bool tapped) {
   return {.first = {small, channels, 1, 0}, .second = {large, channels, 3, 1}, .tapped = tapped};
}
constexpr bool tap = true, silent = false;

constexpr stage alex_stages[] = {
    convolution("features.0", 64, 11, 4, 2, tap),  maximum(3, false),
    convolution("features.3", 192, 5, 1, 2, tap),  maximum(3, false),
    convolution("features.6", 384, 3, 1, 1, tap),  convolution("features.8", 256, 3, 1, 1, tap),
    convolution("features.10", 256, 3, 1, 1, tap),
};

constexpr stage vgg_stages[] = {
    convolution("features.0", 64, 3, 1, 1, silent),
    convolution("features.2", 64, 3, 1, 1, tap),
    maximum(2, false),
    convolution("features.5", 128, 3, 1, 1, silent),
    convolution("features.7", 128, 3, 1, 1, tap),
    maximum(2, false),
    convolution("features.10", 256, 3, 1, 1, silent),
    convolution("features.12", 256, 3, 1, 1, silent),
    convolution("features.14", 256, 3, 1, 1, tap),
    maximum(2, false),
    convolution("features.17", 512, 3, 1, 1, silent),
    convolution("features.19", 512, 3, 1, 1, silent),
    convolution("features.21", 512, 3, 1, 1, tap),
    maximum(2, false),
    convolution("features.24", 512, 3, 1, 1, silent),
    convolution("features.26", 512, 3, 1, 1, silent),
    convolution("features.28", 512, 3, 1, 1, tap),
};

constexpr stage squeeze_stages[] = {
    convolution("features.0", 64, 3, 2, 0, tap),
    maximum(3, true),
    convolution("features.3.squeeze", 16, 1, 1, 0, silent),
    expand("features.3.expand1x1", "features.3.expand3x3", 64, silent),
    convolution("features.4.squeeze", 16, 1, 1, 0, silent),
    expand("features.4.expand1x1", "features.4.expand3x3", 64, tap),
    maximum(3, true),
    convolution("features.6.squeeze", 32, 1, 1, 0, silent),
    expand("features.6.expand1x1", "features.6.expand3x3", 128, silent),
    convolution("features.7.squeeze", 32, 1, 1, 0, silent),
    expand("features.7.expand1x1", "features.7.expand3x3", 128, tap),
    maximum(3, true),
    convolution("features.9.squeeze", 48, 1, 1, 0, silent),
    expand("features.9.expand1x1", "features.9.expand3x3", 192, tap),
    convolution("features.10.squeeze", 48, 1, 1, 0, silent),
    expand("features.10.expand1x1", "features.10.expand3x3", 192, tap),
    convolution("features.11.squeeze", 64, 1, 1, 0, silent),
    expand("features.11.expand1x1", "features.11.expand3x3", 256, tap),
    convolution("features.12.squeeze", 64, 1, 1, 0, silent),
    expand("features.12.expand1x1", "features.12.expand3x3", 256, tap),
};

bool reaches_end(const trunk &of, int32_t extent) {
   for (const stage &step : of.stages)
      if ((extent = step.extent(extent)) < 1)
         return false;
   return true;
}

} // namespace

const trunk alex = {"alex", alex_stages};
const trunk vgg = {"vgg", vgg_stages};
const trunk squeeze = {"squeeze", squeeze_stages};

int32_t stage::extent(int32_t of_source) const {
   const int32_t reach = is_pool() ? window : first.kernel - 2 * first.padding;
   const int32_t room = of_source - reach + (partial_window ? stride - 1 : 0);
   return room < 0 ? 0 : room / stride + 1;
}

int32_t least_extent(const trunk &of) {
   int32_t extent = 1;
   while (!reaches_end(of, extent))
      ++extent;
   return extent;
}

} // namespace giflab::lpips
