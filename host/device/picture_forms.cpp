#include "device/picture_forms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace giflab::device {

namespace {

std::size_t aligned(std::size_t bytes) {
   return (bytes + plane_alignment - 1) / plane_alignment * plane_alignment;
}

error no_memory(const device &on, std::size_t bytes) {
   return {problem::internal, fmt::format("{} has no {:.0f} MB of memory left for a picture", on.name(),
                                          static_cast<double>(bytes) / 1e6)};
}

} // namespace

form_layout lay_out_forms(int32_t width, int32_t height, bool indexed, uint32_t mask) {
   const std::size_t row = std::size_t{4} * fours_of(width); // pixels that conversions may touch
   form_layout laid{aligned(row), aligned(3 * row), aligned(4 * row), 0, {}, 0, 0};
   const auto plane = [&](std::size_t pixel_bytes) {
      const std::size_t stride =
          pixel_bytes == 1 ? laid.stride_of_1 : (pixel_bytes == 3 ? laid.stride_of_3 : laid.stride_of_4);
      const std::size_t offset = laid.bytes;
      laid.bytes += stride * static_cast<std::size_t>(height);
      return offset;
   };
   laid.source = plane(indexed ? 1 : 4);
   for (uint32_t form = 0; form < media::representation_count; ++form) {
      const bool is_source = form == GIFLAB_INDEX8 || (form == GIFLAB_RGBA8 && !indexed);
      if (!(mask & GIFLAB_BIT(form)) || is_source)
         continue;
      laid.made |= GIFLAB_BIT(form);
      for (std::size_t i = 0; i < media::plane_count(form); ++i)
         laid.planes[form][i] = plane(media::bytes_per_pixel(form));
   }
   return laid;
}

// Tables on the device, for as long as some picture with this palette is there.
struct picture_forms::shared_tables {
   device &on;
   media::palette_tables *memory;
   std::array<uint32_t, 256> palette;
   media::colour background;

   shared_tables(device &of, media::palette_tables *taken, const uint32_t *colours, media::colour under)
       : on(of), memory(taken), background(under) {
      std::copy_n(colours, palette.size(), palette.begin());
   }
   shared_tables(const shared_tables &) = delete;
   shared_tables &operator=(const shared_tables &) = delete;
   ~shared_tables() { on.release(memory); }

   bool serve(const media::picture &other, media::colour under) const {
      return std::memcmp(palette.data(), other.indexed()->palette.row<uint32_t>(0), sizeof palette) == 0 &&
             background == under;
   }
};

picture_forms::picture_forms(media::picture_pointer source, media::colour background, media::rectangle changed,
                             const std::shared_ptr<picture_forms> &before)
    : source_(std::move(source)), background_(background), changed_(changed), before_(before) {}

picture_forms::~picture_forms() {
   if (block_)
      on_->release(block_);
}

result<void> picture_forms::prepare(device &on, uint32_t mask) {
   std::call_once(once_, [&] { outcome_ = make(on, mask); });
   return outcome_;
}

result<void> picture_forms::make(device &on, uint32_t mask) {
   const std::shared_ptr<picture_forms> before = before_.lock();
   // Whether the one before is of use is seen from what it has; an error of its own is told where it is shown.
   const bool known = before && before->prepare(on, mask).has_value();
   on_ = &on;
   mask_ = mask;
   layout_ = lay_out_forms(source_->width, source_->height, source_->indexed() != nullptr, mask);
   block_ = on.allocate(layout_.bytes);
   if (!block_)
      return tl::unexpected(no_memory(on, layout_.bytes));
   auto sent = source_->indexed() ? send_tables(known ? before.get() : nullptr).and_then([&] {
      return send_indices(known ? before.get() : nullptr);
   })
                                  : send_pixels();
   return sent.and_then([&] { return convert(); }).and_then([&]() -> result<void> {
      auto reached = on.mark();
      if (!reached)
         return tl::unexpected(reached.error());
      ready_ = std::move(*reached);
      describe();
      return {};
   });
}

result<void> picture_forms::send_tables(const picture_forms *before) {
   if (before && before->tables_ && before->tables_->serve(*source_, background_)) {
      tables_ = before->tables_;
      return {};
   }
   auto here = std::make_unique<media::palette_tables>();
   media::fill_tables(*source_, background_, mask_, *here);
   auto *there = static_cast<media::palette_tables *>(on_->allocate(sizeof *here));
   if (!there)
      return tl::unexpected(no_memory(*on_, sizeof *here));
   tables_ =
       std::make_shared<shared_tables>(*on_, there, source_->indexed()->palette.row<uint32_t>(0), background_);
   return on_->upload({there, sizeof *here, here.get(), sizeof *here, sizeof *here, 1, true});
}

result<void> picture_forms::send_indices(const picture_forms *before) {
   const media::pixel_plane &from = source_->indexed()->indices;
   auto *to = at<uint8_t>(layout_.source);
   const auto width = static_cast<std::size_t>(source_->width),
              height = static_cast<std::size_t>(source_->height);
   const std::size_t stride = layout_.stride_of_1;
   const auto area = static_cast<std::size_t>(std::max(changed_.width, 0)) *
                     static_cast<std::size_t>(std::max(changed_.height, 0));
   const bool patched = before && before->tables_ == tables_ && before->source_->width == source_->width &&
                        before->source_->height == source_->height && 2 * area < width * height;
   if (!patched)
      return on_->upload({to, stride, from.row<uint8_t>(0), from.stride, width, height, true});
   auto copied = on_->copy(to, before->at<uint8_t>(before->layout_.source), stride * height);
   if (!copied || area == 0)
      return copied;
   return on_->upload({to + static_cast<std::size_t>(changed_.y) * stride + changed_.x, stride,
                       from.row<uint8_t>(changed_.y) + changed_.x, from.stride,
                       static_cast<std::size_t>(changed_.width), static_cast<std::size_t>(changed_.height),
                       false});
}

result<void> picture_forms::send_pixels() {
   return on_->upload({at<uint32_t>(layout_.source), layout_.stride_of_4, source_->rgba().row<uint32_t>(0),
                       source_->rgba().stride, static_cast<std::size_t>(source_->width) * 4,
                       static_cast<std::size_t>(source_->height), true});
}

result<void> picture_forms::convert() {
   if (layout_.made == 0)
      return {};
   if (source_->indexed())
      return on_->expand(at<uint8_t>(layout_.source), tables_->memory, planes());
   return on_->convert(at<uint32_t>(layout_.source), {background_.red, background_.green, background_.blue},
                       planes());
}

wanted_planes picture_forms::planes() const {
   wanted_planes wanted{};
   wanted.stride_of_1 = layout_.stride_of_1;
   wanted.stride_of_3 = layout_.stride_of_3;
   wanted.stride_of_4 = layout_.stride_of_4;
   wanted.width = source_->width;
   wanted.height = source_->height;
   const auto plane = [&]<class T>(uint32_t form, std::size_t i, T *&to) {
      to = layout_.made & GIFLAB_BIT(form) ? at<T>(layout_.planes[form][i]) : nullptr;
   };
   plane(GIFLAB_RGBA8, 0, wanted.rgba8);
   plane(GIFLAB_RGB8, 0, wanted.rgb8);
   plane(GIFLAB_LUMA8, 0, wanted.luma8);
   plane(GIFLAB_LUMA_F32, 0, wanted.luma);
   for (std::size_t i = 0; i < 3; ++i) {
      plane(GIFLAB_RGB_F32, i, wanted.rgb_f32[i]);
      plane(GIFLAB_LINEAR_F32, i, wanted.linear[i]);
      plane(GIFLAB_XYB_F32, i, wanted.xyb[i]);
      plane(GIFLAB_LAB_F32, i, wanted.lab[i]);
   }
   return wanted;
}

void picture_forms::describe_one(uint32_t representation, std::initializer_list<giflab_plane> planes) {
   giflab_view &view = made_views_[representation];
   view.representation = representation;
   view.memory = GIFLAB_MEMORY_CUDA;
   view.plane_count = static_cast<uint32_t>(planes.size());
   view.bytes_per_pixel = static_cast<uint32_t>(media::bytes_per_pixel(representation));
   std::copy(planes.begin(), planes.end(), view.planes);
   views_[representation] = &view;
}

void picture_forms::describe() {
   const giflab_plane source{at<void>(layout_.source),
                             source_->indexed() ? layout_.stride_of_1 : layout_.stride_of_4};
   if (source_->indexed() && mask_ & GIFLAB_BIT(GIFLAB_INDEX8))
      describe_one(GIFLAB_INDEX8, {source,
                                   {tables_->memory->rgba, sizeof tables_->memory->rgba},
                                   {tables_->memory->rgb, sizeof tables_->memory->rgb}});
   if (!source_->indexed() && mask_ & GIFLAB_BIT(GIFLAB_RGBA8))
      describe_one(GIFLAB_RGBA8, {source});
   for (uint32_t form = 0; form < media::representation_count; ++form) {
      if (!(layout_.made & GIFLAB_BIT(form)))
         continue;
      const std::size_t bytes = media::bytes_per_pixel(form);
      const std::size_t stride =
          bytes == 1 ? layout_.stride_of_1 : (bytes == 3 ? layout_.stride_of_3 : layout_.stride_of_4);
      const auto plane = [&](std::size_t i) { return giflab_plane{at<void>(layout_.planes[form][i]), stride}; };
      if (media::plane_count(form) == 1)
         describe_one(form, {plane(0)});
      else
         describe_one(form, {plane(0), plane(1), plane(2)});
   }
}

} // namespace giflab::device
