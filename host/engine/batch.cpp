#include "engine/batch.hpp"

namespace giflab::engine {

image_list::image_list(const batch &shown, std::span<const std::size_t> positions, const giflab_plugin &viewer,
                       forms_source forms_of)
    : inputs_(viewer.inputs), index_pairs_((viewer.flags & GIFLAB_FLAG_INDEX8_ALONE) != 0),
      forms_of_(std::move(forms_of)) {
   const bool reference = !(viewer.flags & GIFLAB_FLAG_NO_REFERENCE);
   for (const std::size_t i : positions) {
      giflab_image *distorted = show(shown, i, &batch_pair::distorted, viewer.lookback);
      show_index_pairs(shown.pairs[i], *distorted);
      pairs_.push_back(
          {reference ? show(shown, i, &batch_pair::reference, viewer.lookback) : nullptr, distorted});
   }
}

void image_list::show_index_pairs(const batch_pair &pair, giflab_image &distorted) const {
   const giflab_view *indices = distorted.views[GIFLAB_INDEX8];
   if (!index_pairs_ || !pair.index_pairs || !indices || indices->memory != GIFLAB_MEMORY_HOST)
      return;
   distorted.index_pairs = pair.index_pairs->counted().data();
   distorted.index_pair_count = pair.index_pairs->counted().size();
}

giflab_image *image_list::show(const batch &shown, std::size_t position, batch_side batch_pair::*side,
                               uint32_t lookback) {
   const batch_pair &pair = shown.pairs[position];
   const batch_side &given = pair.*side;
   entry &made = entries_.emplace_back();
   const shown_forms forms = forms_of_(given);
   made.owner = forms.owner;
   for (uint32_t i = 0; i < media::representation_count; ++i)
      made.views[i] = inputs_ & GIFLAB_BIT(i) ? (*forms.views)[i] : nullptr;
   const media::picture &picture = *given.picture;
   const bool more = lookback > 0 && position > 0;
   const giflab_image *previous = more ? show(shown, position - 1, side, lookback - 1) : nullptr;
   made.image = media::image_of(picture, given.changed, given.changed_squares, previous, made.views.data());
   made.image.start_us = pair.start_us, made.image.duration_us = pair.duration_us;
   return &made.image;
}

} // namespace giflab::engine
