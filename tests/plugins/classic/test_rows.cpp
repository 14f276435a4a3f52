// The vectors of each set of instructions against the plain loops: to the bit, at odd widths, with memory that
// ends where it may be read.

#include "every_target.hpp"
#include "fake_host.hpp"
#include "guarded.hpp"

#include "bytes.hpp"
#include "planes.hpp"
#include "rows.hpp"
#include "ssim_rows.hpp"
#include "texture.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <random>
#include <string>

namespace giflab::classic {
namespace {

// What `make` puts into a row of bytes comes out the same on every target, the plain loops among them.
class outcome {
 public:
   template <class T> void add(const T &value) {
      bytes_.append(reinterpret_cast<const char *>(&value), sizeof value);
   }
   template <class T> void add(const T *values, size_t count) {
      bytes_.append(reinterpret_cast<const char *>(values), count * sizeof(T));
   }
   bool operator==(const outcome &) const = default;

 private:
   std::string bytes_;
};

template <class Make> void check_same_everywhere(Make &&make) {
   std::optional<outcome> first;
   test::for_every_target([&] {
      outcome found;
      make(found);
      if (!first)
         first = found;
      CHECK(found == *first);
   });
}

// Samples of one kind: noise, two levels as of text, ramps along either diagonal, level ground with a few dots.
enum class ground { noise, text, rising, falling, level };
constexpr ground grounds[] = {ground::noise, ground::text, ground::rising, ground::falling, ground::level};
constexpr size_t widths[] = {1, 2, 7, 8, 15, 16, 17, 33, 64, 70, 131, 300};

uint8_t sample(ground kind, int32_t x, int32_t y, std::mt19937 &random) {
   switch (kind) {
   case ground::noise:
      return static_cast<uint8_t>(random());
   case ground::text:
      return random() % 3 ? 255 : 20;
   case ground::rising:
      return static_cast<uint8_t>(100 + (x + y) / 3);
   case ground::falling:
      return static_cast<uint8_t>(100 + (x - y) / 2);
   default:
      return static_cast<uint8_t>(random() % 20 ? 77 : 78);
   }
}

// Rows of `width` samples, each of which ends before memory that faults.
class guarded_rows {
 public:
   guarded_rows(ground kind, size_t width, size_t rows, uint32_t seed) {
      std::mt19937 random(seed);
      for (size_t y = 0; y < rows; ++y) {
         auto &memory = rows_.emplace_back(std::make_unique<test::guarded_memory>(width));
         for (size_t x = 0; x < width; ++x)
            memory->data()[x] =
                static_cast<char>(sample(kind, static_cast<int32_t>(x), static_cast<int32_t>(y), random));
      }
   }
   const uint8_t *operator[](size_t y) const { return reinterpret_cast<const uint8_t *>(rows_[y]->data()); }
   // Rows 0 to 2, one sample from their start.
   byte_rows inner() const { return {(*this)[0] + 1, (*this)[1] + 1, (*this)[2] + 1}; }

 private:
   std::vector<std::unique_ptr<test::guarded_memory>> rows_;
};

TEST_CASE("sums and counts of bytes") {
   for (const ground kind : grounds)
      for (const size_t width : widths) {
         const guarded_rows a(kind, width, 3, 1), b(kind, width, 3, 2);
         const uint8_t *p[3] = {a[0], a[1], a[2]}, *q[3] = {b[0], a[1], a[2]};
         check_same_everywhere([&](outcome &out) {
            out.add(squared_differences(a[0], b[0], width));
            out.add(absolute_differences(a[0], b[0], width));
            out.add(sum_of_bytes(a[0], width));
            out.add(count_bright(a[0], a[1], a[2], width));
            out.add(count_above_25(a[0], width));
            out.add(histogram_of_32(a[0], width));
            out.add(numpy_sum_of_squares(a[0], width, 100.3f));
            std::vector<uint8_t> gray(width);
            gray8(a[0], a[1], a[2], gray.data(), width);
            out.add(gray.data(), width);
            truncated_gray(a[0], a[1], a[2], gray.data(), width);
            out.add(gray.data(), width);
            std::vector<uint64_t> marks((width + 63) / 64, 5);
            mark_differences(p, q, width, marks.data());
            out.add(marks.data(), marks.size());
            std::vector<uint8_t> ones((width + 7) / 8, 5), few(width);
            for (size_t x = 0; x < width; ++x)
               few[x] = a[0][x] % 3;
            mark_ones(few.data(), width, ones.data());
            out.add(ones.data(), ones.size());
            const overlap both = count_overlap(a[0], b[0], width);
            out.add(both.both);
            out.add(both.either);
            std::vector<uint64_t> plain(width / 8), plain_alone(width / 8);
            std::vector<int32_t> squared(width / 2), spread(width);
            add_short_sums(a[0], width, plain.data(), squared.data());
            add_sums_of_eight(a[0], width, plain_alone.data());
            CHECK(plain == plain_alone);
            out.add(plain.data(), plain.size());
            out.add(squared.data(), squared.size());
            spread_over_time(p, 3, width, spread.data());
            out.add(spread.data(), width);
         });
      }
}

TEST_CASE("changes that are counted together weigh what they weigh one by one") {
   for (const ground kind : grounds)
      for (const size_t width : widths) {
         const guarded_rows a(kind, width, 3, 1), b(kind, width, 3, 2);
         const uint8_t *p[3] = {a[0], a[1], a[2]}, *q[3] = {b[0], b[1], b[2]};
         const std::vector<uint8_t> weights((width + 7) / 8, 0xE2);
         check_same_everywhere([&](outcome &out) {
            std::vector<colour_change> changes(width);
            changes.resize(list_changes(p, q, weights.data(), width, changes.data()));
            std::map<std::pair<uint32_t, uint32_t>, uint32_t> totals;
            for (const colour_change &change : changes)
               totals[{change.from, change.to}] += change.weight;
            for (const auto &[colours, weight] : totals) {
               out.add(colours);
               out.add(weight);
            }
         });
      }
}

TEST_CASE("palette indices, with and without a transparent one") {
   std::mt19937 random(3);
   std::vector<uint8_t> palette(3 * 256);
   for (uint8_t &level : palette)
      level = static_cast<uint8_t>(random());
   const palette_planes planes{palette.data(), palette.data() + 256, palette.data() + 512};
   for (const ground kind : grounds)
      for (const size_t width : widths)
         for (const int32_t transparent : {-1, 20, 77}) {
            const guarded_rows indices(kind, width, 1, 4);
            check_same_everywhere([&](outcome &out) {
               std::vector<uint8_t> shown(3 * width, 9);
               show_indices(indices[0], planes, transparent,
                            {shown.data(), shown.data() + width, shown.data() + 2 * width}, width);
               out.add(shown.data(), shown.size());
            });
         }
}

TEST_CASE("gradients, ridges, and their likeness") {
   for (const ground kind : grounds)
      for (const size_t width : widths) {
         const guarded_rows a(kind, width + 2, 3, 5), b(kind, width + 2, 3, 6);
         check_same_everywhere([&](outcome &out) {
            std::vector<int16_t> across(width), down(width), lengths[3];
            for (auto &row : lengths)
               row.assign(width + 2, 0);
            sobel_row(b.inner(), across.data(), down.data(), lengths[0].data() + 1, width);
            sobel_row(a.inner(), across.data(), down.data(), lengths[1].data() + 1, width);
            std::copy(lengths[0].rbegin(), lengths[0].rend(), lengths[2].begin());
            std::vector<uint8_t> marks(width);
            out.add(mark_ridges({across.data(), down.data(), lengths[0].data() + 1, lengths[1].data() + 1,
                                 lengths[2].data() + 1},
                                50, 150, marks.data(), width));
            out.add(lengths[1].data(), width + 2);
            out.add(across.data(), width);
            out.add(down.data(), width);
            out.add(marks.data(), width);
            std::vector<float> work(3 * width);
            length_sums steepness;
            add_lengths(across.data(), down.data(), work.data(), width, steepness);
            out.add(steepness);
            double length = 0, square = 0;
            for (size_t x = 0; x < width; ++x) {
               length += std::hypot(across[x], down[x]);
               square += across[x] * across[x] + down[x] * down[x];
            }
            CHECK(steepness.lengths == doctest::Approx(length).epsilon(1e-7));
            CHECK(steepness.squares == square);
            gradient_sums sums;
            add_gradient_row(a.inner(), b.inner(), work.data(), width, sums);
            out.add(sums);
         });
      }
}

TEST_CASE("local binary patterns: whole numbers decide as doubles do") {
   const diagonal_places places(400);
   for (const ground kind : grounds)
      for (const size_t width : widths) {
         const guarded_rows rows(kind, width + 2, 3, 7);
         check_same_everywhere([&](outcome &out) {
            std::vector<uint8_t> patterns(width);
            std::array<uint32_t, 10> histogram{};
            for (const size_t y : {0, 1, 2, 63, 399}) {
               add_texture_row(rows.inner(), places, y, patterns.data(), width, histogram);
               out.add(patterns.data(), width);
            }
            out.add(histogram);
         });
      }
}

TEST_CASE("SSIM of bytes and of floats") {
   for (const ground kind : grounds)
      for (const size_t width : widths) {
         if (width < 7)
            continue;
         const guarded_rows a(kind, width, 9, 8), b(kind, width, 9, 9);
         std::vector<float> halves(18 * width);
         for (size_t i = 0; i < halves.size(); ++i)
            halves[i] =
                static_cast<float>(i < 9 * width ? a[i / width][i % width] : b[i / width - 9][i % width]) / 3;
         check_same_everywhere([&](outcome &out) {
            std::vector<uint16_t> sums(2 * width);
            std::vector<int32_t> products(2 * width);
            std::vector<double> reals(4 * width), work(width);
            const ssim_byte_columns whole{sums.data(), sums.data() + width, products.data(),
                                          products.data() + width};
            const ssim_float_columns real{reals.data(), reals.data() + width, reals.data() + 2 * width,
                                          reals.data() + 3 * width};
            for (size_t y = 0; y < 9; ++y) {
               const auto bytes_at = [&](size_t row) { return row_pair<uint8_t>{a[row], b[row]}; };
               const auto floats_at = [&](size_t row) {
                  return row_pair<float>{halves.data() + row * width, halves.data() + (9 + row) * width};
               };
               move_columns(bytes_at(y), y < 7 ? row_pair<uint8_t>() : bytes_at(y - 7), whole, width);
               move_columns(floats_at(y), y < 7 ? row_pair<float>() : floats_at(y - 7), real, width);
               if (y < 6)
                  continue;
               out.add(ssim_row(whole, 6.5025, 58.5225, work.data(), width));
               out.add(ssim_row(real, 6.5025, 58.5225, work.data(), width));
            }
         });
      }
}

TEST_CASE("SSIM in sums is SSIM in means") {
   const guarded_rows a(ground::noise, 7, 7, 10), b(ground::rising, 7, 7, 11);
   double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
   for (size_t i = 0; i < 49; ++i) {
      mean_a += a[i / 7][i % 7] / 49.0;
      mean_b += b[i / 7][i % 7] / 49.0;
   }
   for (size_t i = 0; i < 49; ++i) {
      const double p = a[i / 7][i % 7] - mean_a, q = b[i / 7][i % 7] - mean_b;
      aa += p * p / 48;
      bb += q * q / 48;
      ab += p * q / 48;
   }
   const double expected = (2 * mean_a * mean_b + 6.5025) * (2 * ab + 58.5225) /
                           ((mean_a * mean_a + mean_b * mean_b + 6.5025) * (aa + bb + 58.5225));
   std::vector<uint8_t> planes[2];
   for (size_t y = 0; y < 7; ++y) {
      planes[0].insert(planes[0].end(), a[y], a[y] + 7);
      planes[1].insert(planes[1].end(), b[y], b[y] + 7);
   }
   test::fake_call call;
   pulse beat(call.c);
   CHECK(mean_ssim(byte_plane(planes[0].data(), {7, 7}), byte_plane(planes[1].data(), {7, 7}), 255, beat) ==
         doctest::Approx(expected).epsilon(1e-13));
}

TEST_CASE("halves, and nearly halves") {
   for (const ground kind : grounds)
      for (const size_t width : widths) {
         const guarded_rows rows(kind, 2 * width + 1, 2, 12), even(kind, 2 * width, 2, 12);
         std::mt19937 random(13);
         std::vector<float> weights(3 * width), samples(2 * width + 1);
         for (float &weight : weights)
            weight = static_cast<float>(random() % 100) / 99;
         std::copy_n(rows[0], samples.size(), samples.begin());
         const three_weights all{weights.data(), weights.data() + width, weights.data() + 2 * width};
         check_same_everywhere([&](outcome &out) {
            std::vector<float> halves(width);
            halve_row(even[0], even[1], halves.data(), width);
            out.add(halves.data(), width);
            halve_row(samples.data(), samples.data() + 1, halves.data(), width);
            out.add(halves.data(), width);
            halve_row_by_areas(rows[0], all, halves.data(), width);
            out.add(halves.data(), width);
            halve_row_by_areas(samples.data(), all, halves.data(), width);
            out.add(halves.data(), width);
         });
      }
}

} // namespace
} // namespace giflab::classic
