#include "media/representations.hpp"

#include "media/byte_tables.hpp"
#include "media/colour_math.hpp"
#include "media/difference.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace giflab::media {

namespace {

// One colour after the other, keeping the latest results: neighbours are often alike, and cube roots dear.
template <class Convert> class remembering {
 public:
   explicit remembering(Convert convert) : convert_(convert) {}

   colour_floats operator()(const colour_bytes &rgb) {
      const uint32_t key = uint32_t{rgb[0]} << 16 | uint32_t{rgb[1]} << 8 | rgb[2];
      entry &kept = entries_[(key * 2654435761u) >> 22];
      if (kept.key != key + 1)
         kept = {key + 1, convert_(rgb)};
      return kept.value;
   }

 private:
   struct entry {
      uint32_t key = 0; // plus 1; 0 is free
      colour_floats value{};
   };
   Convert convert_;
   std::array<entry, 1024> entries_{};
};

colour_bytes composited(const uint8_t *rgba, colour background) {
   const uint32_t alpha = rgba[3];
   return {over(rgba[0], alpha, background.red), over(rgba[1], alpha, background.green),
           over(rgba[2], alpha, background.blue)};
}

bool row_is_opaque(const uint8_t *rgba, int32_t width) {
   uint8_t all = 255;
   for (int32_t x = 0; x < width; ++x)
      all &= rgba[4 * x + 3];
   return all == 255;
}

void composite_row(const uint8_t *rgba, uint8_t *rgb, int32_t width, colour background) {
   if (row_is_opaque(rgba, width)) {
      // Four bytes at a time, of which the next pixel overwrites the last; not so behind the last pixel.
      for (int32_t x = 0; x + 1 < width; ++x)
         std::memcpy(rgb + 3 * x, rgba + 4 * x, 4);
      std::memcpy(rgb + 3 * (width - 1), rgba + 4 * (width - 1), 3);
      return;
   }
   for (int32_t x = 0; x < width; ++x) {
      const colour_bytes made = composited(rgba + 4 * x, background);
      std::memcpy(rgb + 3 * x, made.data(), made.size());
   }
}

// From RGB8, pixel by pixel, into one plane of values.
template <class Value, class Convert>
void each_pixel(const pixel_plane &rgb8, const pixel_plane &to, const rectangle &area, Convert convert) {
   for (int32_t y = area.y; y < area.y + area.height; ++y) {
      const auto *rgb = rgb8.row<uint8_t>(y);
      auto *values = to.row<Value>(y);
      for (int32_t x = area.x; x < area.x + area.width; ++x)
         values[x] = convert(colour_bytes{rgb[3 * x], rgb[3 * x + 1], rgb[3 * x + 2]});
   }
}

// From RGB8, pixel by pixel, into three planes.
template <class Convert>
void each_pixel(const pixel_plane &rgb8, const std::array<pixel_plane, 3> &to, const rectangle &area,
                Convert convert) {
   for (int32_t y = area.y; y < area.y + area.height; ++y) {
      const auto *rgb = rgb8.row<uint8_t>(y);
      float *first = to[0].row<float>(y), *second = to[1].row<float>(y), *third = to[2].row<float>(y);
      for (int32_t x = area.x; x < area.x + area.width; ++x) {
         const colour_floats made = convert(colour_bytes{rgb[3 * x], rgb[3 * x + 1], rgb[3 * x + 2]});
         first[x] = made[0];
         second[x] = made[1];
         third[x] = made[2];
      }
   }
}

// Calls body(indices, y) for each row of an area.
template <class Body> void each_row(const picture &source, const rectangle &area, Body &&body) {
   for (int32_t y = area.y; y < area.y + area.height; ++y)
      body(source.indexed()->indices.row<uint8_t>(y) + area.x, y);
}

void look_up_bytes(const picture &source, const uint8_t (&values)[256], const pixel_plane &to,
                   const std::vector<rectangle> &areas) {
   byte_table table{.bytes = {}, .met = source.indexed()->met()};
   std::copy(std::begin(values), std::end(values), table.bytes.begin());
   for (const rectangle &area : areas)
      each_row(source, area, [&](const uint8_t *from, int32_t y) {
         look_up(table, from, static_cast<std::size_t>(area.width), to.row<uint8_t>(y) + area.x);
      });
}

void look_up_floats(const picture &source, const float (&values)[256], const pixel_plane &to,
                    const std::vector<rectangle> &areas) {
   const auto words = std::bit_cast<std::array<uint32_t, 256>>(values);
   const word_table table(words.data(), source.indexed()->met());
   for (const rectangle &area : areas)
      each_row(source, area, [&](const uint8_t *from, int32_t y) {
         look_up(table, from, static_cast<std::size_t>(area.width), to.row<uint32_t>(y) + area.x);
      });
}

void look_up_floats(const picture &source, const float (&values)[3][256], const std::array<pixel_plane, 3> &to,
                    const std::vector<rectangle> &areas) {
   for (std::size_t plane = 0; plane < 3; ++plane)
      look_up_floats(source, values[plane], to[plane], areas);
}

void look_up_rgb(const picture &source, const uint32_t (&colours)[256], const pixel_plane &to,
                 const std::vector<rectangle> &areas) {
   const word_table table(colours, source.indexed()->met());
   for (const rectangle &area : areas)
      each_row(source, area, [&](const uint8_t *from, int32_t y) {
         look_up_three(table, from, static_cast<std::size_t>(area.width),
                       to.row<uint8_t>(y) + std::ptrdiff_t{3} * area.x);
      });
}

// Squares are told, and few enough that what did not change is worth a copy.
bool changed_little(const picture &shown) {
   const std::vector<uint8_t> &squares = shown.changed.squares;
   return !squares.empty() &&
          2 * static_cast<std::size_t>(std::count(squares.begin(), squares.end(), uint8_t{1})) < squares.size();
}

giflab_plane borrowed(const pixel_plane &plane) { return {plane.memory.data(), plane.stride}; }

} // namespace

giflab_image image_of(const picture &shown, const rectangle &changed, const uint8_t *squares,
                      const giflab_image *previous, const giflab_view *const *views) {
   return {.width = shown.width,
           .height = shown.height,
           .index = shown.index,
           .start_us = shown.start_us,
           .duration_us = shown.duration_us,
           .content = shown.content,
           .changed_x = changed.x,
           .changed_y = changed.y,
           .changed_width = changed.width,
           .changed_height = changed.height,
           .previous = previous,
           .views = views,
           .changed_squares = squares,
           .index_pairs = nullptr,
           .index_pair_count = 0};
}

std::size_t bytes_per_pixel(uint32_t representation) {
   switch (representation) {
   case GIFLAB_RGB8:
      return 3;
   case GIFLAB_INDEX8:
   case GIFLAB_LUMA8:
      return 1;
   default:
      return 4;
   }
}

std::size_t plane_count(uint32_t representation) {
   switch (representation) {
   case GIFLAB_RGBA8:
   case GIFLAB_RGB8:
   case GIFLAB_LUMA8:
   case GIFLAB_LUMA_F32:
      return 1;
   default:
      return 3;
   }
}

representations::representations(picture_pointer source, colour background, conversion way,
                                 services::block_pool &pool)
    : source_(std::move(source)), background_(background), way_(way), pool_(&pool) {}

void representations::make(uint32_t mask, const representations *before) {
   const bool goes_on = before && changed_little(*source_);
   for (uint32_t each = 0; each < representation_count; ++each)
      if ((mask & GIFLAB_BIT(each)) != 0 && !views_[each])
         make_one(each, goes_on ? before->forms_[each].get() : nullptr);
}

void representations::make_one(uint32_t representation, const form *before) {
   if (representation == GIFLAB_INDEX8 && !source_->indexed())
      return;
   auto made = std::make_unique<form>();
   made->view.representation = representation;
   made->view.memory = GIFLAB_MEMORY_HOST;
   made->view.bytes_per_pixel = static_cast<uint32_t>(bytes_per_pixel(representation));
   made->view.plane_count = static_cast<uint32_t>(plane_count(representation));
   if (representation == GIFLAB_RGBA8) {
      made->view.planes[0] = borrowed(source_->rgba());
   } else if (representation == GIFLAB_INDEX8) {
      made->view.planes[0] = borrowed(source_->indexed()->indices);
      made->view.planes[1] = borrowed(source_->indexed()->palette);
      made->planes[2] = make_plane(*pool_, sizeof palette_tables::rgb, 1);
      made->view.planes[2] = borrowed(made->planes[2]);
      fill_shown(*source_, background_, made->planes[2].row<uint32_t>(0));
   } else {
      for (std::size_t i = 0; i < made->view.plane_count; ++i) {
         made->planes[i] = make_plane(
             *pool_, static_cast<std::size_t>(source_->width) * made->view.bytes_per_pixel, source_->height);
         made->view.planes[i] = borrowed(made->planes[i]);
      }
      if (before) {
         const std::size_t planes = made->view.plane_count;
         for (std::size_t i = 0; i < planes; ++i)
            std::memcpy(made->planes[i].row<uint8_t>(0), before->planes[i].row<uint8_t>(0),
                        made->planes[i].stride * static_cast<std::size_t>(source_->height));
         convert(representation, made->planes,
                 areas_of(source_->changed.squares, source_->width, source_->height));
      } else {
         convert(representation, made->planes, {{0, 0, source_->width, source_->height}});
      }
   }
   views_[representation] = &made->view;
   forms_[representation] = std::move(made);
}

void representations::convert(uint32_t representation, const std::array<pixel_plane, 3> &to,
                              const std::vector<rectangle> &areas) {
   if (way_ == conversion::palette && source_->indexed())
      return convert_palette(representation, to, areas);
   if (representation != GIFLAB_RGB8) {
      make(GIFLAB_BIT(GIFLAB_RGB8));
      for (const rectangle &area : areas)
         convert_pixels(representation, to, area);
      return;
   }
   for (const rectangle &area : areas)
      for (int32_t y = area.y; y < area.y + area.height; ++y)
         composite_row(source_->rgba().row<uint8_t>(y) + std::ptrdiff_t{4} * area.x,
                       to[0].row<uint8_t>(y) + std::ptrdiff_t{3} * area.x, area.width, background_);
}

void representations::convert_pixels(uint32_t representation, const std::array<pixel_plane, 3> &to,
                                     const rectangle &area) const {
   const pixel_plane &rgb8 = forms_[GIFLAB_RGB8]->planes[0];
   switch (representation) {
   case GIFLAB_LUMA8:
      return each_pixel<uint8_t>(rgb8, to[0], area, [](const colour_bytes &rgb) { return luma8(rgb); });
   case GIFLAB_LUMA_F32:
      return each_pixel<float>(rgb8, to[0], area, [](const colour_bytes &rgb) { return luma(rgb); });
   case GIFLAB_RGB_F32:
      return each_pixel(rgb8, to, area, by_channel{scaled_values()});
   case GIFLAB_LINEAR_F32:
      return each_pixel(rgb8, to, area, by_channel{linear_values()});
   case GIFLAB_XYB_F32:
      return each_pixel(rgb8, to, area, remembering(xyb));
   default:
      return each_pixel(rgb8, to, area, remembering(lab));
   }
}

void representations::convert_palette(uint32_t representation, const std::array<pixel_plane, 3> &to,
                                      const std::vector<rectangle> &areas) const {
   palette_tables tables;
   fill_tables(*source_, background_, GIFLAB_BIT(representation), tables);
   switch (representation) {
   case GIFLAB_RGB8:
      return look_up_rgb(*source_, tables.rgb, to[0], areas);
   case GIFLAB_LUMA8:
      return look_up_bytes(*source_, tables.luma8, to[0], areas);
   case GIFLAB_LUMA_F32:
      return look_up_floats(*source_, tables.luma, to[0], areas);
   case GIFLAB_RGB_F32:
      return look_up_floats(*source_, tables.rgb_f32, to, areas);
   case GIFLAB_LINEAR_F32:
      return look_up_floats(*source_, tables.linear, to, areas);
   case GIFLAB_XYB_F32:
      return look_up_floats(*source_, tables.xyb, to, areas);
   default:
      return look_up_floats(*source_, tables.lab, to, areas);
   }
}

} // namespace giflab::media
