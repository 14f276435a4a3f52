#include "disposal.hpp"

#include "bytes.hpp"
#include "planes.hpp"
#include "regions.hpp"
#include "statistics.hpp"

#include <cmath>

namespace giflab::classic {

namespace {

// ---- Where everything moves

constexpr size_t piece = 1 << 17; // pixels between two looks for cancellation

double share_changed(const clip &pictures, uint32_t i, pulse &beat) {
   const size_t pixels = pictures.size().pixels();
   size_t changed = 0;
   for (size_t first = 0; first < pixels; first += piece) {
      beat(piece);
      const uint8_t *a[3], *b[3];
      for (const plane_kind kind : {RED, GREEN, BLUE}) {
         a[kind] = pictures.plane(i, kind) + first;
         b[kind] = pictures.plane(i + 1, kind) + first;
      }
      changed += count_changed(a, b, std::min(piece, pixels - first));
   }
   return static_cast<double>(changed) / static_cast<double>(pixels);
}

double evenness(const std::vector<double> &changes) {
   const double m = mean(changes);
   return changes.size() < 2 || m == 0 ? 1 : clip01(std::exp(-0.5 * variance(changes) / (m * m)));
}

// ---- Where windows are flat, or else along the edges

// What the old package means by the difference of first and last picture in a rectangle: it subtracts bytes, so
// that where the last one is brighter by 1 it sees 255.
double strip_change(const clip &pictures, const rectangle &strip) {
   uint64_t sum = 0;
   for (const plane_kind kind : {RED, GREEN, BLUE})
      for (int32_t y = strip.top; y < strip.bottom(); ++y) {
         const uint8_t *first = pictures.view(0, kind).row(y),
                       *last = pictures.view(pictures.count() - 1, kind).row(y);
         for (int32_t x = strip.left; x < strip.right(); ++x)
            sum += static_cast<uint8_t>(first[x] - last[x]);
      }
   return static_cast<double>(sum) / (3.0 * strip.width * strip.height);
}

double stability_of_edges(const clip &pictures) {
   const auto [width, height] = pictures.size();
   const int32_t deep = std::min(height, std::max(5, height / 20)),
                 broad = std::min(width, std::max(5, width / 20));
   const double change =
       (strip_change(pictures, {0, 0, width, deep}) + strip_change(pictures, {0, height - deep, width, deep}) +
        strip_change(pictures, {0, 0, broad, height}) +
        strip_change(pictures, {width - broad, 0, broad, height})) /
       4;
   return std::max(0.0, 1 - change / 50);
}

// ---- Edges of the first picture and of the last

std::vector<uint8_t> edges_of_truncated(const clip &pictures, uint32_t i, pulse &beat) {
   const extent size = pictures.size();
   beat(static_cast<int64_t>(size.pixels())); // new memory takes time
   std::vector<uint8_t> gray(size.pixels());
   beat(static_cast<int64_t>(size.pixels()));
   std::vector<uint8_t> edges(size.pixels());
   for (size_t first = 0; first < gray.size(); first += piece) {
      beat(piece);
      truncated_gray(pictures.plane(i, RED) + first, pictures.plane(i, GREEN) + first,
                     pictures.plane(i, BLUE) + first, gray.data() + first,
                     std::min(piece, gray.size() - first));
   }
   canny({gray.data(), size}, 50, 150, edges.data(), beat);
   return edges;
}

double structural_integrity(const clip &pictures, pulse &beat) {
   const std::vector<uint8_t> edges[2] = {edges_of_truncated(pictures, 0, beat),
                                          edges_of_truncated(pictures, pictures.count() - 1, beat)};
   const auto before = static_cast<double>(count_edges(edges[0].data(), edges[0].size()));
   const auto after = static_cast<double>(count_edges(edges[1].data(), edges[1].size()));
   const double growth = before == 0 ? 0 : after / before;
   const double density = growth <= 1.2 ? 1 : std::max(0.0, 1 - 1.5 * (growth - 1.2));
   double likeness = 1;
   if (before > 0 && after > 0) {
      likeness = mean_ssim(byte_plane(edges[0].data(), pictures.size()),
                           byte_plane(edges[1].data(), pictures.size()), 1, beat);
      if (std::isnan(likeness)) // below 7x7 the old package gives up and says 1
         return 1;
   }
   return 0.6 * density + 0.4 * (likeness < 0.6 ? std::max(0.0, likeness) : 1);
}

// ---- Brightness, colour, overlays

double freedom_from_bleeding(const clip &pictures, const std::vector<double> &bright_shares) {
   double sum = 0;
   for (uint32_t i = 0; i + 1 < pictures.count(); ++i)
      sum += 1 - std::min(1.0, 10 * std::max(0.0, bright_shares[i + 1] - bright_shares[i]));
   return sum / (pictures.count() - 1);
}

double colour_fidelity(const clip &pictures) {
   const size_t pixels = pictures.size().pixels();
   double worst = 1;
   for (const plane_kind kind : {RED, GREEN, BLUE}) {
      const uint64_t sum =
          absolute_differences(pictures.plane(0, kind), pictures.plane(pictures.count() - 1, kind), pixels);
      worst = std::min(worst, std::max(0.0, 1 - static_cast<double>(sum) / static_cast<double>(pixels) / 100));
   }
   return worst;
}

double freedom_from_overlays(const std::vector<double> &densities) {
   if (densities.size() < 3)
      return 1;
   size_t grown = 0;
   for (size_t i = 0; i + 1 < densities.size(); ++i)
      grown += densities[i + 1] > 1.15 * densities[i];
   return 1 - static_cast<double>(grown) / static_cast<double>(densities.size() - 1);
}

struct picture_shares {
   double bright, not_black;
};

picture_shares shares_of(const clip &pictures, uint32_t i, pulse &beat) {
   const size_t pixels = pictures.size().pixels();
   size_t bright = 0, not_black = 0;
   for (size_t first = 0; first < pixels; first += piece) {
      beat(piece);
      const size_t count = std::min(piece, pixels - first);
      bright += count_bright(pictures.plane(i, RED) + first, pictures.plane(i, GREEN) + first,
                             pictures.plane(i, BLUE) + first, count);
      not_black += count_above_25(pictures.plane(i, GRAY) + first, count);
   }
   return {static_cast<double>(bright) / static_cast<double>(pixels),
           static_cast<double>(not_black) / static_cast<double>(pixels)};
}

} // namespace

void disposal_marks::plan_movement(jobs &work) {
   if (pictures_.count() < 3)
      return;
   movement_.resize(std::min(3u, pictures_.count() - 1));
   for (uint32_t i = 0; i < movement_.size(); ++i)
      work.add([this, i](pulse &beat) { movement_[i] = share_changed(pictures_, i, beat); });
}

bool disposal_marks::moves_as_a_whole() const { return mean(movement_) > 0.7; }

void disposal_marks::plan(jobs &work) {
   if (pictures_.count() < 2 || moves_as_a_whole())
      return;
   work.add([this](pulse &beat) { integrity_ = structural_integrity(pictures_, beat); });
   bright_.resize(pictures_.count());
   not_black_.resize(pictures_.count());
   for (uint32_t i = 0; i < pictures_.count(); ++i)
      work.add([this, i](pulse &beat) {
         const picture_shares shares = shares_of(pictures_, i, beat);
         bright_[i] = shares.bright;
         not_black_[i] = shares.not_black;
      });
}

double disposal_marks::cleanness(const std::vector<double> &changes, const flat_motion &flat) const {
   if (pictures_.count() < 2)
      return 1;
   if (moves_as_a_whole())
      return evenness(changes);
   const double background =
       flat.background.windows ? flat.background.background_stability : stability_of_edges(pictures_);
   return 0.30 * background + 0.25 * std::max(0.0, 1 - flat.flicker.flicker_ratio) + 0.25 * integrity_ +
          0.10 * freedom_from_bleeding(pictures_, bright_) + 0.05 * colour_fidelity(pictures_) +
          0.05 * freedom_from_overlays(not_black_);
}

} // namespace giflab::classic
