// Mean deviation similarity index of RGB.

#include <array>
#include <cmath>
#include <giflab/plugin.hpp>
#include <giflab_kernels/block_sums.hpp>
#include <giflab_kernels/images.hpp>

namespace {

using namespace giflab::kernels;

// Shrinking is most of the work on large pictures, and the rest takes a few square roots: both levels run this.
struct mdsi {
   explicit mdsi(const giflab_setup &) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const;
};

constexpr giflab_output outputs[] = {
    {.id = "mdsi",
     .help = "How unevenly gradients and colours suffered; 0 where nothing differs.",
     .unit = "1",
     .lowest = 0,
     .highest = 1,
     .identical = 0,
     .tolerance = 1e-6,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

// ---- The shrunk pictures, row by row

// Lightness and two opponent colours of a row of blocks. Lightness has a 0 on either side.
struct colour_row {
   double *lightness, *h, *m;
};

constexpr size_t rows_held = 3; // what a gradient sees

// The last three rows of one shrunk picture; rows beyond its edges are 0.
class shrunk_picture {
 public:
   shrunk_picture(const giflab_call &call, plane<uint8_t> rgb, int32_t width, int32_t height)
       : rgb_(rgb), width_(width), height_(height), side_(block_side_for(width, height)),
         blocks_(static_cast<size_t>(blocks_along(width, side_))),
         columns_(giflab::scratch<uint16_t>(call, block_scratch(width))),
         sums_(giflab::scratch<uint32_t>(call, 3 * blocks_)),
         values_(giflab::scratch<double>(call, rows_held * 3 * (blocks_ + 2))) {
      double *at = values_.data();
      for (colour_row &row : held_) {
         row = {at + 1, at + 1 + (blocks_ + 2), at + 1 + 2 * (blocks_ + 2)};
         at += 3 * (blocks_ + 2);
      }
      std::fill(values_.begin(), values_.end(), 0.0);
   }

   void take(plane<uint8_t> rgb) { rgb_ = rgb; }

   // Row `y` becomes the lowest of the three.
   void advance(int32_t y) {
      std::rotate(held_.begin(), held_.begin() + 1, held_.end());
      const colour_row &row = held_[2];
      if (y < 0 || y >= blocks_along(height_, side_)) {
         std::fill_n(row.lightness, blocks_, 0.0);
         return;
      }
      sum_blocks(rgb_, width_, height_, side_, y, columns_, sums_);
      const double share = 1.0 / (static_cast<double>(side_) * side_);
      for (size_t x = 0; x < blocks_; ++x) {
         const double r = sums_[3 * x] * share, g = sums_[3 * x + 1] * share, b = sums_[3 * x + 2] * share;
         row.lightness[x] = 0.2989 * r + 0.5870 * g + 0.1140 * b;
         row.h[x] = 0.30 * r + 0.04 * g - 0.35 * b;
         row.m[x] = 0.34 * r - 0.60 * g + 0.17 * b;
      }
   }

   const colour_row &above() const { return held_[0]; }
   const colour_row &here() const { return held_[1]; }
   const colour_row &below() const { return held_[2]; }

 private:
   plane<uint8_t> rgb_;
   int32_t width_, height_, side_;
   size_t blocks_;
   std::span<uint16_t> columns_;
   std::span<uint32_t> sums_;
   std::span<double> values_;
   std::array<colour_row, rows_held> held_ = {};
};

// ---- Likeness of one place

struct gradient {
   double across, down;

   double squared() const { return across * across + down * down; }
};

// Prewitt / 3 of lightness.
gradient gradient_at(const shrunk_picture &picture, size_t x) {
   const double *above = picture.above().lightness + x, *here = picture.here().lightness + x,
                *below = picture.below().lightness + x;
   return {(above[1] + here[1] + below[1] - (above[-1] + here[-1] + below[-1])) / 3,
           (below[-1] + below[0] + below[1] - (above[-1] + above[0] + above[1])) / 3};
}

double likeness(double squared_a, double squared_b, double constant) {
   return (2 * std::sqrt(squared_a * squared_b) + constant) / (squared_a + squared_b + constant);
}

// Of reference a and distorted b: to each other, and how much better b than a is like the mean of both.
double gradient_likeness(const gradient &a, const gradient &b) {
   const gradient mean = {(a.across + b.across) / 2, (a.down + b.down) / 2};
   const double p = a.squared(), q = b.squared(), fused = mean.squared();
   return likeness(p, q, 140) + (likeness(q, fused, 55) - likeness(p, fused, 55));
}

// Squares are summed picture by picture, so that equal colours give 1 to the bit.
double colour_likeness(double h1, double m1, double h2, double m2) {
   return (2 * (h1 * h2 + m1 * m2) + 550) / ((h1 * h1 + m1 * m1) + (h2 * h2 + m2 * m2) + 550);
}

// The fourth root of both, weighted. Where that is negative, the authors' program takes complex roots, which
// all lie at an angle of 45 degrees: the length is returned with a minus then.
double root_at(const shrunk_picture &a, const shrunk_picture &b, size_t x) {
   const double gradients = gradient_likeness(gradient_at(a, x), gradient_at(b, x));
   const double colours = colour_likeness(a.here().h[x], a.here().m[x], b.here().h[x], b.here().m[x]);
   const double joint = 0.6 * gradients + (1 - 0.6) * colours;
   return std::copysign(std::sqrt(std::sqrt(std::fabs(joint))), joint);
}

// ---- Pooling

struct complex {
   double re, im;
};

complex as_complex(double root) {
   constexpr double half_turn = 0.70710678118654752440; // cosine and sine of 45 degrees
   return root < 0 ? complex{-root * half_turn, -root * half_turn} : complex{root, 0};
}

// The fourth root of the mean distance from the mean.
double deviation(const giflab_call &call, std::span<const double> roots, int32_t width, int32_t height) {
   complex sum = {0, 0};
   for (const double root : roots) {
      const complex value = as_complex(root);
      sum = {sum.re + value.re, sum.im + value.im};
   }
   const auto count = static_cast<double>(roots.size());
   const complex mean = {sum.re / count, sum.im / count};
   double distance = 0;
   for_each_band(call, width, height, 1 << 18, [&](int32_t first, int32_t rows) {
      for (const double root : roots.subspan(static_cast<size_t>(first) * width,
                                             static_cast<size_t>(rows) * static_cast<size_t>(width))) {
         const complex value = as_complex(root);
         const double re = value.re - mean.re, im = value.im - mean.im;
         distance += std::sqrt(re * re + im * im);
      }
   });
   return std::sqrt(std::sqrt(distance / count));
}

void find_roots(const giflab_call &call, shrunk_picture &a, shrunk_picture &b, int32_t width, int32_t height,
                std::span<double> roots) {
   a.advance(-1);
   b.advance(-1);
   a.advance(0);
   b.advance(0);
   for (int32_t y = 0; y < height; ++y) {
      giflab::stop_if_cancelled(call);
      a.advance(y + 1);
      b.advance(y + 1);
      double *row = roots.data() + static_cast<size_t>(y) * static_cast<size_t>(width);
      for (int32_t x = 0; x < width; ++x)
         row[x] = root_at(a, b, static_cast<size_t>(x));
   }
}

void mdsi::measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
   const giflab_image &first = *pairs[0].distorted;
   const int32_t side = block_side_for(first.width, first.height);
   const int32_t width = blocks_along(first.width, side), height = blocks_along(first.height, side);
   shrunk_picture a(call, {}, first.width, first.height), b(call, {}, first.width, first.height);
   const auto roots = giflab::scratch<double>(call, static_cast<size_t>(width) * static_cast<size_t>(height));
   for (uint32_t i = 0; i < pairs.size(); ++i) {
      a.take(plane_of<uint8_t>(*pairs[i].reference, GIFLAB_RGB8));
      b.take(plane_of<uint8_t>(*pairs[i].distorted, GIFLAB_RGB8));
      find_roots(call, a, b, width, height, roots);
      call.score(&call, i, 0, deviation(call, roots, width, height));
   }
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.mdsi",
    .label = "MDSI",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://doi.org/10.1109/ACCESS.2016.2604042",
    .help = "Mean deviation similarity index of RGB (Nafchi et al. 2016): gradients and colours, summed.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_RGB8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_100NS,
    .batch = 8,
    .bytes_per_pixel = 8, // one double for each block, and a few rows
    .least_width = 3,     // the gradient's
    .least_height = 3,
    .metric = &giflab::frame_metric<mdsi>,
    .create = giflab::create<mdsi>,
    .destroy = giflab::destroy<mdsi>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
