#include "validator/laid_out_clip.hpp"

#include "media/difference.hpp"
#include "validator/blame.hpp"
#include "validator/guard_page.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace giflab::validator {

namespace {

std::size_t rounded(std::size_t bytes, std::size_t to) { return (bytes + to - 1) / to * to; }

} // namespace

// One plane as the plugin meets it, and what it held when it was made.
struct laid_out_clip::plane_memory {
   plane_memory(const giflab_plane &source, std::size_t row_bytes, int32_t rows, const plane_layout &layout)
       : guarded_(layout.guarded != plane_layout::guard::plain) {
      const std::size_t least = rounded(row_bytes, 64);
      // A guarded row has pages of its own and one that faults behind; the first has one before it, too.
      const std::size_t mapped_row = rounded(least, guard_page);
      stride_ = guarded_ ? mapped_row + guard_page : least + layout.extra_stride;
      bytes_ = guarded_ ? guard_page + stride_ * static_cast<std::size_t>(rows)
                        : rounded(stride_ * static_cast<std::size_t>(rows), guard_page);
      void *mapped = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (mapped == MAP_FAILED)
         throw std::bad_alloc();
      base_ = static_cast<std::byte *>(mapped);
      const std::size_t shift = layout.guarded == plane_layout::guard::against_next
                                    ? mapped_row - least
                                    : 0; // keeps 64-byte alignment
      data_ = guarded_ ? base_ + guard_page + shift : base_;
      std::memset(base_, layout.padding, bytes_);
      for (int32_t y = 0; y < rows; ++y)
         std::memcpy(data_ + static_cast<std::size_t>(y) * stride_,
                     static_cast<const std::byte *>(source.data) + static_cast<std::size_t>(y) * source.stride,
                     row_bytes);
      if (guarded_)
         protect(rows);
      else
         made_.assign(base_, base_ + bytes_);
   }
   ~plane_memory() {
      if (guarded_)
         mark_memory(base_, bytes_, fault_place::none);
      munmap(base_, bytes_);
   }
   plane_memory(const plane_memory &) = delete;
   plane_memory &operator=(const plane_memory &) = delete;

   giflab_plane plane() const { return {data_, stride_}; }
   bool overwritten() const { return !guarded_ && std::memcmp(base_, made_.data(), bytes_) != 0; }

 private:
   void protect(int32_t rows) {
      mprotect(base_, bytes_, PROT_READ);
      mprotect(base_, guard_page, PROT_NONE);
      for (int32_t y = 1; y <= rows; ++y)
         mprotect(base_ + static_cast<std::size_t>(y) * stride_, guard_page, PROT_NONE);
      mark_memory(base_, bytes_, fault_place::guard);
   }

   bool guarded_;
   std::size_t stride_ = 0, bytes_ = 0;
   std::byte *base_ = nullptr, *data_ = nullptr;
   std::vector<std::byte> made_;
};

struct laid_out_clip::side_image {
   giflab_image image{};
   media::changes changed;
   giflab_view views[media::representation_count]{};
   const giflab_view *shown[media::representation_count]{};
};

laid_out_clip::laid_out_clip(const test_clip &clip, const giflab_plugin &viewer, plane_layout reference,
                             plane_layout distorted)
    : facts_{clip.width, clip.height, static_cast<int64_t>(clip.frames.size()), clip.duration_us(), 0, 0},
      inputs_(viewer.inputs), index8_alone_((viewer.flags & GIFLAB_FLAG_INDEX8_ALONE) != 0) {
   const bool with_reference = !(viewer.flags & GIFLAB_FLAG_NO_REFERENCE);
   services::block_pool pool(0);
   std::vector<const giflab_image *> before[2];
   const test_frame *last = nullptr;
   int64_t index = 0;
   for (const test_frame &frame : clip.frames) {
      giflab_image *made[2]{};
      for (const int side : {0, 1}) {
         if (side == 0 && !with_reference)
            continue;
         const auto &picture = side == 0 ? frame.reference : frame.distorted;
         media::changes changed{{0, 0, clip.width, clip.height}, {}};
         if (last)
            changed = media::changes_between(*(side == 0 ? last->reference : last->distorted), *picture);
         media::representations forms(picture, {}, media::conversion::pixels, pool);
         forms.make(viewer.inputs);
         const giflab_image *previous =
             viewer.lookback > 0 && !before[side].empty() ? before[side].back() : nullptr;
         made[side] =
             add(*picture, forms, previous, frame, std::move(changed), side == 0 ? reference : distorted);
         made[side]->index = index;
         before[side].push_back(made[side]);
         trim(before[side], viewer.lookback);
      }
      if (with_reference && distorted.index_pairs)
         show_index_pairs({frame.reference, frame.distorted}, *made[1]);
      pairs_.push_back({made[0], made[1]});
      for (const int side : {0, 1})
         showings_[side].push_back(
             {frame.start_us, frame.duration_us, (side == 0 ? frame.reference : frame.distorted)->content});
      last = &frame;
      ++index;
   }
}

laid_out_clip::~laid_out_clip() = default;

// A chain of images may be no longer than the plugin's lookback: each pair gets copies of its own, because the
// image that ends one chain has a previous one in another.
void laid_out_clip::trim(std::vector<const giflab_image *> &chain, uint32_t lookback) {
   if (chain.size() <= lookback)
      return;
   const giflab_image *previous = nullptr;
   for (std::size_t i = chain.size() - lookback; i < chain.size(); ++i) {
      side_image &copy = images_.emplace_back();
      copy.image = *chain[i];
      copy.image.previous = previous;
      previous = &copy.image;
      chain[i] = previous;
   }
   chain.erase(chain.begin(), chain.end() - static_cast<std::ptrdiff_t>(lookback));
}

giflab_image *laid_out_clip::add(const media::picture &shown, const media::representations &forms,
                                 const giflab_image *previous, const test_frame &frame, media::changes changed,
                                 const plane_layout &layout) {
   side_image &made = images_.emplace_back();
   for (uint32_t i = 0; i < media::representation_count; ++i) {
      const giflab_view *form = inputs_ & GIFLAB_BIT(i) ? forms.views()[i] : nullptr;
      const bool left_out = index8_alone_ && i != GIFLAB_INDEX8 && forms.views()[GIFLAB_INDEX8];
      if (!form || left_out)
         continue;
      made.views[i] = *form;
      for (uint32_t p = 0; p < form->plane_count; ++p) {
         const bool palette = i == GIFLAB_INDEX8 && p > 0;
         const std::size_t row_bytes =
             palette ? 1024 : static_cast<std::size_t>(shown.width) * form->bytes_per_pixel;
         made.views[i].planes[p] =
             memory_.emplace_back(form->planes[p], row_bytes, palette ? 1 : shown.height, layout).plane();
      }
      made.shown[i] = &made.views[i];
   }
   made.changed = std::move(changed);
   made.image = media::image_of(shown, made.changed.area, made.changed.squares_or_null(), previous, made.shown);
   made.image.index = 0;
   made.image.start_us = frame.start_us, made.image.duration_us = frame.duration_us;
   return &made.image;
}

void laid_out_clip::show_index_pairs(const media::two_pictures &of, giflab_image &distorted) {
   if (!index8_alone_ || !of.reference->indexed() || !of.distorted->indexed())
      return;
   services::block_pool pool(0);
   index_pairs_.push_back(media::count_index_pairs(of, pool));
   distorted.index_pairs = index_pairs_.back().data();
   distorted.index_pair_count = index_pairs_.back().size();
}

giflab_comparison laid_out_clip::comparison(const char *reference_path, const char *distorted_path,
                                            uint64_t reference_bytes, uint64_t distorted_bytes) {
   files_[0] = {reference_path, reference_bytes, &facts_, showings_[0].data(), showings_[0].size()};
   files_[1] = {distorted_path, distorted_bytes, &facts_, showings_[1].data(), showings_[1].size()};
   return {&files_[0], &files_[1], 0, 0, 0, 0};
}

std::string laid_out_clip::overwritten() const {
   const auto written = std::find_if(memory_.begin(), memory_.end(),
                                     [](const plane_memory &plane) { return plane.overwritten(); });
   return written == memory_.end() ? std::string()
                                   : "it wrote into a picture or the bytes behind its rows: both are read only";
}

} // namespace giflab::validator
