#include "media/byte_source.hpp"
#include "media/gif_reader.hpp"
#include "media/still.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>

namespace giflab::media {

result<std::unique_ptr<reader>> open(const std::string &path, const reading_options &options,
                                     services::block_pool &pool) try {
   if (path.empty())
      return failed(problem::input, "the name of a file is empty; name a picture file or a folder of stills");
   std::error_code unknown; // whatever is wrong with the path, reading it says it better
   if (std::filesystem::is_directory(path, unknown))
      return open_sequence(path, options, pool);
   auto bytes = byte_source::opened(path, options.limits.max_bytes);
   if (!bytes)
      return tl::unexpected(bytes.error());
   std::array<uint8_t, 16> beginning{}; // enough to tell the formats apart
   const std::size_t got = bytes->read(beginning);
   if (format_of({beginning.data(), got}) == file_format::gif)
      return open_gif(path, std::move(*bytes), options, pool);
   return open_still(path, bytes->all(), options, pool);
} catch (const std::bad_alloc &) {
   return failed(problem::internal, fmt::format("{}: no memory to read it; free some", path));
}

} // namespace giflab::media
