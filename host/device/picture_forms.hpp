#pragma once
// The forms of one picture on a device: what media::representations is in host memory.

#include "device/device.hpp"
#include "media/representations.hpp"

#include <memory>
#include <mutex>
#include <optional>

namespace giflab::device {

// Where the planes of the wanted forms of a picture lie within one block of memory.
struct form_layout {
   std::size_t stride_of_1, stride_of_3, stride_of_4; // by bytes a pixel
   std::size_t source;                                // of the indices or the RGBA8 pixels that go up
   std::array<std::array<std::size_t, 3>, media::representation_count> planes; // of the forms in `made`
   uint32_t made; // the mask of forms that have planes of their own
   std::size_t bytes;
};
form_layout lay_out_forms(int32_t width, int32_t height, bool indexed, uint32_t mask);

// Made at most once, whoever asks first; the picture goes up as palette indices where it has them. Where the
// picture before it on the same side is on the device with an equal palette, and less than half has changed,
// only what changed goes up.
class picture_forms {
 public:
   // `changed`: against the picture of `before`, which may be null.
   picture_forms(media::picture_pointer source, media::colour background, media::rectangle changed,
                 const std::shared_ptr<picture_forms> &before);
   ~picture_forms();
   picture_forms(const picture_forms &) = delete;
   picture_forms &operator=(const picture_forms &) = delete;

   // Queues what makes the forms in `mask`; every call names the same device, which outlives this, and the same
   // mask. Any thread. An error stays what it is.
   result<void> prepare(device &on, uint32_t mask);

   // Once prepared: views of memory of the device, and when their pixels are there.
   const media::view_list &views() const { return views_; }
   const moment &ready() const { return *ready_; }

 private:
   struct shared_tables;
   using tables_pointer = std::shared_ptr<shared_tables>;

   result<void> make(device &on, uint32_t mask);
   result<void> send_tables(const picture_forms *before);
   result<void> send_indices(const picture_forms *before);
   result<void> send_pixels();
   result<void> convert();
   wanted_planes planes() const;
   template <class T> T *at(std::size_t offset) const {
      return reinterpret_cast<T *>(static_cast<std::byte *>(block_) + offset);
   }
   void describe();
   void describe_one(uint32_t representation, std::initializer_list<giflab_plane> planes);

   media::picture_pointer source_;
   media::colour background_;
   media::rectangle changed_;
   std::weak_ptr<picture_forms> before_; // weak, so that a clip is no chain of pictures

   std::once_flag once_;
   result<void> outcome_;
   device *on_ = nullptr;
   uint32_t mask_ = 0;
   form_layout layout_{};
   void *block_ = nullptr;
   tables_pointer tables_; // of an indexed picture
   std::unique_ptr<moment> ready_;
   std::array<giflab_view, media::representation_count> made_views_{};
   media::view_list views_{};
};

} // namespace giflab::device
