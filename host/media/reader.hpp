#pragma once
// Files to pictures: one interface for GIFs, stills and sequences of stills.

#include "error.hpp"
#include "media/limits.hpp"
#include "media/picture.hpp"

#include <memory>
#include <string>
#include <vector>

namespace giflab::media {

// A GIF's own words about one frame; other formats leave all but `bytes` at rest.
struct frame_facts {
   rectangle area;       // as stored: may reach over the canvas
   int32_t delay_ms = 0; // as stored, before any browser rule
   int32_t disposal = 0; // 0 unspecified, 1 keep, 2 background, 3 previous
   int32_t transparent_index = -1;
   int32_t local_colours = 0; // entries of the local palette, 0 if none
   bool interlaced = false;
   int64_t bytes = 0; // of the file that this frame takes
};

// What is known of a file. Facts about frames grow while a file is read; everything else is known once it
// is open.
struct file_facts {
   std::string path;
   std::string format; // "GIF89a", "PNG", "PNG sequence", ...
   int64_t bytes = 0;
   int32_t width = 0, height = 0;
   int32_t loop_count = 1; // times the clip plays, 0 = for ever
   int32_t global_colours = 0;

   std::vector<frame_facts> frames;
   std::vector<giflab_showing> showings;
   bool transparency = false;         // some pixel so far was not opaque
   std::vector<std::string> warnings; // what was damaged and what was done about it
};

struct reading_options {
   media::limits limits{};
   // A GIF delay under 20 ms plays as 100 ms, as browsers do; false takes delays as they are stored.
   bool browser_delays = true;
   // How long each picture of a folder is on show.
   int64_t sequence_delay_us = 100'000;
};

// Gives the pictures of one file in display order. Used by one thread at a time.
class reader {
 public:
   virtual ~reader() = default;

   // The next picture; null after the last. Damage found on the way ends the file after its last whole
   // picture with a warning in facts(); a file without one whole picture is an error.
   virtual result<picture_pointer> next() = 0;

   // Starts again at the first picture.
   virtual result<void> rewind() = 0;

   virtual const file_facts &facts() const = 0;
};

// Opens a GIF, PNG, JPEG or WebP file (by its content, not its name) or a folder that holds a sequence of
// stills. The pool must outlive the reader. Errors name the file, the byte where there is one, the reason
// and what to do.
result<std::unique_ptr<reader>> open(const std::string &path, const reading_options &options,
                                     services::block_pool &pool);

} // namespace giflab::media
