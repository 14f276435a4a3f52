// Any bytes as the header of a PNG, JPEG or WebP file.

#include "media/still_header.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size) {
   const auto header = giflab::media::read_still_header({data, size});
   if (header && (header->width < 1 || header->height < 1))
      std::abort();
   (void)giflab::media::reaches_jpeg_end({data, size});
   return 0;
}
