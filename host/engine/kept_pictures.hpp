#pragma once
// The pictures of two files that are walked several times: decoded once, as long as they fit into memory.

#include "media/reader.hpp"

#include <array>
#include <memory>
#include <string>

namespace giflab::engine {

// Used by one thread at a time, as are the readers that it gives.
class kept_pictures {
 public:
   // Keeps pictures of at most `most_bytes` together, or none at all. The pool outlives it.
   kept_pictures(media::reading_options options, services::block_pool &pool, std::size_t most_bytes);
   ~kept_pictures();

   // For comparison_options::open, which opens two files in turn. The first reader of each decodes; later ones
   // give the same pictures again, or decode again where these were too many.
   result<std::unique_ptr<media::reader>> open(const std::string &path);

 private:
   struct account;
   struct record;
   class keeping_reader;
   class giving_reader;

   media::reading_options options_;
   services::block_pool &pool_;
   std::shared_ptr<account> account_;
   std::array<std::shared_ptr<record>, 2> sides_;
   std::size_t next_ = 0;
};

} // namespace giflab::engine
