#pragma once
// GIF files, streamed: one frame of a file is decoded at a time.

#include "media/byte_source.hpp"
#include "media/reader.hpp"

namespace giflab::media {

// `path` is only what messages call the file. Errors as open() in reader.hpp.
result<std::unique_ptr<reader>> open_gif(const std::string &path, byte_source bytes,
                                         const reading_options &options, services::block_pool &pool);

// Does a GIF have an image and go on to its trailer? Reads all records, and decodes none.
bool is_whole_gif(byte_source bytes);

} // namespace giflab::media
