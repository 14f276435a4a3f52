// Any bytes as a GIF for the classic keys: refused in words, or painted to the end.

#include "gif_file.hpp"

#include <cstdlib>
#include <cstring>
#include <numeric>

namespace {

using namespace giflab::classic;

giflab_call quiet_call() {
   giflab_call call{};
   call.cancelled = [](const giflab_call *) noexcept { return false; };
   return call;
}

// Pixels of all images and of the pictures that they make: what painting them costs.
int64_t work_of(const gif_file &file) {
   int64_t work = static_cast<int64_t>(file.size.pixels() * (file.images.size() + 1));
   for (const gif_image &image : file.images)
      work += int64_t{image.width} * image.height;
   return work;
}

void paint(const gif_file &file) {
   std::vector<uint32_t> all(file.images.size());
   std::iota(all.begin(), all.end(), 0);
   const giflab_call call = quiet_call();
   pulse beat(call);
   uint32_t shown = 0;
   show_pictures(file, all, beat, [&](uint32_t ordinal, const colour_planes &planes) {
      if (ordinal != shown++ || planes.red.size() != file.size.pixels())
         std::abort();
   });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size) {
   try {
      const gif_file file = gif_file::parse({data, data + size});
      if (work_of(file) < 1 << 20)
         paint(file);
   } catch (const giflab::failure &refused) {
      if (std::strlen(refused.what()) == 0 ||
          (refused.status() != GIFLAB_IO && refused.status() != GIFLAB_UNSUPPORTED))
         std::abort();
   }
   return 0;
}
