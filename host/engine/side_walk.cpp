#include "engine/side_walk.hpp"

namespace giflab::engine {

void side_walk::go_to_device(bool wanted) {
   to_device_ = wanted;
   if (!wanted)
      on_device_ = nullptr;
}

batch_side side_walk::step(const media::picture_pointer &picture) {
   batch_side side{picture, nullptr, changed_in(*picture),
                   follows(*picture) ? picture->changed.squares_or_null() : nullptr};
   if (options_.level > 0) {
      if (picture != last_)
         forms_ = forms_for(picture);
      side.forms = forms_;
   }
   if (to_device_) {
      if (picture != last_ || !on_device_)
         on_device_ =
             std::make_shared<device::picture_forms>(picture, options_.background, side.changed, on_device_);
      side.on_device = on_device_;
   }
   last_ = picture;
   return side;
}

std::shared_ptr<shared_forms> side_walk::forms_for(const media::picture_pointer &picture) const {
   std::shared_ptr<shared_forms> forms = kept_ ? kept_->find(*picture) : nullptr;
   if (!forms)
      forms =
          std::make_shared<shared_forms>(picture, options_.background, media::conversion::palette, on_.pixels(),
                                         options_.level >= 2 && follows(*picture) ? forms_ : nullptr);
   if (kept_)
      kept_->keep(*picture, forms);
   return forms;
}

// Is it the next one in the file?
bool side_walk::follows(const media::picture &picture) const {
   return last_ && picture.index == last_->index + 1;
}

media::rectangle side_walk::changed_in(const media::picture &picture) const {
   if (last_.get() == &picture)
      return {};
   return follows(picture) ? picture.changed.area : media::rectangle{0, 0, picture.width, picture.height};
}

} // namespace giflab::engine
