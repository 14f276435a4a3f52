#include "engine/batch.hpp"

namespace giflab::engine {

namespace {

// Calls of several metrics begin together: they share the work before they wait for one another.
void show_index_pairs(std::span<shared_index_pairs *const> found, std::span<giflab_image *const> distorted) {
   for (const auto count : {&shared_index_pairs::count_unless_busy, &shared_index_pairs::count})
      for (shared_index_pairs *one : found)
         if (one)
            (one->*count)();
   for (std::size_t i = 0; i < found.size(); ++i)
      if (found[i]) {
         distorted[i]->index_pairs = found[i]->counted().data();
         distorted[i]->index_pair_count = found[i]->counted().size();
      }
}

} // namespace

image_list::image_list(const batch &shown, std::span<const std::size_t> positions, const giflab_plugin &viewer,
                       forms_source forms_of)
    : inputs_(viewer.inputs), forms_of_(std::move(forms_of)) {
   const bool reference = !(viewer.flags & GIFLAB_FLAG_NO_REFERENCE);
   std::vector<giflab_image *> distorted;
   for (const std::size_t i : positions) {
      distorted.push_back(show(shown, i, &batch_pair::distorted, viewer.lookback));
      pairs_.push_back(
          {reference ? show(shown, i, &batch_pair::reference, viewer.lookback) : nullptr, distorted.back()});
   }
   if (!reference || !(viewer.flags & GIFLAB_FLAG_INDEX8_ALONE))
      return;
   std::vector<shared_index_pairs *> found;
   for (std::size_t i = 0; i < positions.size(); ++i) {
      const giflab_view *indices = distorted[i]->views[GIFLAB_INDEX8];
      const bool here = indices && indices->memory == GIFLAB_MEMORY_HOST;
      found.push_back(here ? shown.pairs[positions[i]].index_pairs.get() : nullptr);
   }
   show_index_pairs(found, distorted);
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
