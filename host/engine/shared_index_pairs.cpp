#include "engine/shared_index_pairs.hpp"

#include "engine/batch.hpp"

namespace giflab::engine {

namespace {

// Is it known square by square what changed? Where a picture is held, nothing did.
bool tells_squares(const batch_side &side) { return side.changed_squares || side.changed.empty(); }

std::vector<uint8_t> changed_on_either(const batch_side &a, const batch_side &b) {
   constexpr int32_t side = GIFLAB_CHANGED_SIDE;
   const auto across = static_cast<std::size_t>((a.picture->width + side - 1) / side);
   const auto down = static_cast<std::size_t>((a.picture->height + side - 1) / side);
   std::vector<uint8_t> squares(across * down);
   for (const batch_side *each : {&a, &b})
      if (each->changed_squares)
         for (std::size_t i = 0; i < squares.size(); ++i)
            squares[i] |= each->changed_squares[i];
   return squares;
}

} // namespace

void shared_index_pairs::make() {
   if (counted_)
      return;
   if (const std::shared_ptr<shared_index_pairs> before = before_.lock()) {
      std::lock_guard lock_before(before->mutex_); // always the later pair's first
      if (before->counted_) {
         counted_ = media::count_index_pairs(pictures_,
                                             {before->pictures_, *before->counted_, changed_squares_}, pool_);
         return;
      }
   }
   counted_ = media::count_index_pairs(pictures_, pool_);
}

std::shared_ptr<shared_index_pairs> index_pairs_walk::step(const batch_side &reference,
                                                           const batch_side &distorted) {
   const media::two_pictures pictures = {reference.picture, distorted.picture};
   if (level_ == 0 || !media::index_pairs_pay(pictures))
      return last_ = nullptr;
   if (level_ < 2 || !last_ || !tells_squares(reference) || !tells_squares(distorted))
      return last_ = std::make_shared<shared_index_pairs>(pictures, pool_, nullptr, std::vector<uint8_t>());
   if (last_->pictures().reference == pictures.reference && last_->pictures().distorted == pictures.distorted)
      return last_;
   return last_ = std::make_shared<shared_index_pairs>(pictures, pool_, last_,
                                                       changed_on_either(reference, distorted));
}

} // namespace giflab::engine
