#include "media/still_codecs.hpp"

#include "services/companion.hpp"

namespace giflab::media {

decoded_still decode_with_codecs(std::span<const uint8_t> bytes, const still_header &header) {
   using decode_function = decoded_still(std::span<const uint8_t>, const still_header &);
   static auto *const decode =
       services::companion_function<decode_function>("still_codecs", "giflab_decode_still");
   return decode(bytes, header);
}

} // namespace giflab::media
