#pragma once
// Weights from a formula, for tests that need a network and no trained one; and files of weights in memory.

#include "network.hpp"
#include "pictures.hpp"
#include "safetensors.hpp"

#include <cmath>
#include <deque>
#include <fstream>
#include <iterator>
#include <vector>

namespace giflab::test {

// The formula of the reference values' README: tensors of a trunk are numbered from 1 as they are asked for.
// The heads come from `heads` or, where that is null, from the formula too.
class generated_weights {
 public:
   explicit generated_weights(const lpips::safetensors *heads = nullptr) : heads_(heads) {}

   std::span<const float> operator()(const std::string &name, std::span<const int64_t> shape) {
      if (heads_ && name.starts_with("lin"))
         return heads_->floats(name, shape);
      ++ordinal_;
      size_t count = 1;
      for (const int64_t extent : shape)
         count *= static_cast<size_t>(extent);
      const bool bias = shape.size() == 1;
      const double range =
          bias ? 0.05 : std::sqrt(6.0 * static_cast<double>(shape[0]) / static_cast<double>(count));
      std::vector<float> &made = tensors_.emplace_back(count);
      for (size_t i = 0; i < count; ++i) {
         const double value = range * (2 * unit(ordinal_ + i) - 1);
         made[i] = static_cast<float>(name.starts_with("lin") ? std::abs(value) : value);
      }
      return made;
   }

 private:
   static double unit(uint64_t number) {
      uint64_t z = (number + 1) * 0x9E3779B97F4A7C15;
      z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
      z = (z ^ z >> 27) * 0x94D049BB133111EB;
      return static_cast<double>((z ^ z >> 31) >> 11) * 0x1p-53;
   }

   const lpips::safetensors *heads_;
   uint64_t ordinal_ = 0;
   std::deque<std::vector<float>> tensors_;
};

// A network with generated weights, and the weights.
struct generated_network {
   generated_weights weights;
   lpips::network network;

   explicit generated_network(const lpips::trunk &shape, const lpips::safetensors *heads = nullptr)
       : weights(heads), network(shape, std::ref(weights)) {}
};

// Noise of at most `most` over the reference.
inline picture noisy(const picture &source, int most) {
   picture made = source;
   for (size_t i = 0; i < made.rgb.size(); ++i) {
      const int change = most == 0 ? 0 : noise(77, static_cast<int64_t>(i)) % (2 * most + 1) - most;
      made.rgb[i] = static_cast<uint8_t>(std::clamp(made.rgb[i] + change, 0, 255));
   }
   return made;
}

inline std::vector<std::byte> bytes_of_file(const std::string &path) {
   std::ifstream file(path, std::ios::binary);
   const std::vector<char> text(std::istreambuf_iterator<char>(file), {});
   const auto *bytes = reinterpret_cast<const std::byte *>(text.data());
   return {bytes, bytes + text.size()};
}

} // namespace giflab::test
