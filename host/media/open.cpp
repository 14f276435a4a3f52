#include "media/file_bytes.hpp"
#include "media/gif_reader.hpp"
#include "media/still.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace giflab::media {

result<std::unique_ptr<reader>> open(const std::string &path, const reading_options &options,
                                     services::block_pool &pool) try {
   std::error_code unknown; // whatever is wrong with the path, reading it says it better
   if (std::filesystem::is_directory(path, unknown))
      return open_sequence(path, options, pool);
   auto bytes = file_bytes(path, options.limits.max_bytes);
   if (!bytes)
      return tl::unexpected(bytes.error());
   if (format_of(*bytes) == file_format::gif)
      return open_gif(path, std::move(*bytes), options, pool);
   return open_still(path, *bytes, options, pool);
} catch (const std::bad_alloc &) {
   return failed(problem::internal, fmt::format("{}: no memory to read it; free some", path));
}

} // namespace giflab::media
