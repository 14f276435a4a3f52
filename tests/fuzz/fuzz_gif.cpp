// Any bytes as a GIF: decoded to the end, twice, under small limits.

#include "media/gif_reader.hpp"

#include <cstdlib>
#include <vector>

namespace {

using namespace giflab;

std::vector<uint64_t> contents(media::reader &from) {
   std::vector<uint64_t> seen;
   for (;;) {
      const auto next = from.next();
      if (!next || !*next)
         return seen;
      seen.push_back((*next)->content);
   }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size) {
   services::block_pool pool(std::size_t{1} << 22);
   media::reading_options options;
   options.limits = {.max_pixels = 1 << 16, .max_frames = 64, .max_bytes = 1 << 20};
   const auto opened = media::open_gif("fuzzed.gif", media::byte_source({data, data + size}), options, pool);
   if (!opened)
      return 0;
   const auto first = contents(**opened);
   if (!(*opened)->rewind() || contents(**opened) != first)
      std::abort(); // the same file must be the same pictures each time
   return 0;
}
