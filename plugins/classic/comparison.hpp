#pragma once
// All keys of two files or of two lists of pictures.

#include "clip.hpp"
#include "gif_file.hpp"
#include "keys.hpp"

namespace giflab::classic {

// From the pictures alone: keys that need files stay NaN, and frame counts are those of the lists. Both clips
// have one size and all their planes.
key_values compare_clips(const giflab_call &call, const clip &a, const clip &b);

// From two files.
key_values compare_files(const giflab_call &call, const gif_file &a, const gif_file &b);

} // namespace giflab::classic
