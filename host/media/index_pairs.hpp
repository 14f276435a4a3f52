#pragma once
// Which palette indices two pictures have at the same places, and in how many. What a metric makes of single
// pixels it can make of these.

#include "media/picture.hpp"

namespace giflab::media {

// Two pictures of one size.
struct two_pictures {
   picture_pointer reference, distorted;
};

// All pairs of indices that some pixel has: by the reference's index, then by the distorted picture's.
using index_pairs = std::vector<giflab_index_pair>;

// Can they be counted, and does it cost less than the pictures' own size makes one expect?
bool index_pairs_pay(const two_pictures &of);

// Of pictures of which the above is true. Throws std::bad_alloc. [any thread]
index_pairs count_index_pairs(const two_pictures &of, services::block_pool &pool);

// Where `now` differs from `before`, square by square as in giflab_image.
struct earlier_index_pairs {
   two_pictures pictures;
   const index_pairs &counted;
   std::vector<uint8_t> changed_squares; // since then, on either side
};

// The same: what changed is taken out of the earlier ones as it was, and put in as it is, where that is less
// work. [any thread]
index_pairs count_index_pairs(const two_pictures &of, const earlier_index_pairs &before,
                              services::block_pool &pool);

} // namespace giflab::media
