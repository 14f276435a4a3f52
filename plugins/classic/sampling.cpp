#include "sampling.hpp"

#include "bytes.hpp"
#include "planes.hpp"
#include "statistics.hpp"

namespace giflab::classic {

std::vector<uint32_t> sampled_pictures(size_t total, extent size) {
   constexpr size_t most = 30, most_bytes = size_t{500} << 20;
   size_t count = std::min(total, most);
   if (count * size.pixels() * 3 > most_bytes)
      count = std::max<size_t>(1, std::min(count, most_bytes / (size.pixels() * 3)));
   return evenly_spaced(0, static_cast<uint32_t>(total - 1), static_cast<uint32_t>(count));
}

void load_pictures(const gif_file &file, std::span<const uint32_t> chosen, clip &into, pulse &beat) {
   show_pictures(file, chosen, beat, [&](uint32_t ordinal, const colour_planes &shown) {
      shrink(shown.red.data(), file.size, into.plane(ordinal, RED), into.size(), beat);
      shrink(shown.green.data(), file.size, into.plane(ordinal, GREEN), into.size(), beat);
      shrink(shown.blue.data(), file.size, into.plane(ordinal, BLUE), into.size(), beat);
   });
}

namespace {

void make_planes(clip &pictures, uint32_t i, pulse &beat) {
   constexpr size_t piece = 1 << 18; // between two looks for cancellation
   for (size_t first = 0; first < pictures.size().pixels(); first += piece) {
      beat(piece);
      gray8(pictures.plane(i, RED) + first, pictures.plane(i, GREEN) + first, pictures.plane(i, BLUE) + first,
            pictures.plane(i, GRAY) + first, std::min(piece, pictures.size().pixels() - first));
   }
   canny(pictures.view(i, GRAY), 50, 150, pictures.edges(i), beat);
}

} // namespace

void plan_planes(jobs &work, clip &pictures) {
   for (uint32_t i = 0; i < pictures.count(); ++i)
      work.add([&pictures, i](pulse &beat) { make_planes(pictures, i, beat); });
}

namespace {

// At most `limit`, or something above it.
uint64_t squared_error_up_to(std::span<const uint8_t> a, std::span<const uint8_t> b, uint64_t limit,
                             pulse &beat) {
   uint64_t sum = 0;
   size_t piece = 1 << 12; // most pictures are told apart by their first lines
   for (size_t first = 0; first < a.size() && sum <= limit; first += piece, piece = 1 << 15) {
      piece = std::min(piece, a.size() - first);
      beat(static_cast<int64_t>(piece / 8));
      sum += squared_differences(a.data() + first, b.data() + first, piece);
   }
   return sum;
}

} // namespace

void plan_errors(jobs &work, const clip &a, const clip &b, errors_of_pairs &errors) {
   errors.resize(std::min(a.count(), b.count()));
   for (uint32_t i = 0; i < errors.size(); ++i)
      work.add([&, i](pulse &beat) {
         errors[i] = squared_error_up_to(a.colours(i), b.colours(i), UINT64_MAX, beat);
      });
}

std::vector<aligned_pair> aligned_pictures(const clip &a, const clip &b, const errors_of_pairs &errors,
                                           pulse &beat) {
   std::vector<aligned_pair> pairs;
   std::vector<bool> taken(b.count());
   for (uint32_t i = 0; i < a.count() && pairs.size() < b.count(); ++i) {
      // The one of the same number is looked at first, because it is the likeliest: the others soon exceed it.
      uint32_t best = b.count();
      uint64_t least_error = UINT64_MAX;
      if (i < b.count() && !taken[i]) {
         best = i;
         least_error = errors[i];
      }
      for (uint32_t j = 0; j < b.count() && (least_error > 0 || j < best); ++j) {
         if (j == i || taken[j])
            continue;
         const uint64_t error = squared_error_up_to(a.colours(i), b.colours(j), least_error, beat);
         if (error < least_error || (error == least_error && j < best)) {
            best = j;
            least_error = error;
         }
      }
      taken[best] = true;
      pairs.push_back({i, best, least_error});
   }
   return pairs;
}

} // namespace giflab::classic
