#pragma once
// The two files of a comparison, opened and brought to one size.

#include "engine/compare.hpp"
#include "engine/kept_originals.hpp"
#include "media/reader.hpp"

#include <memory>
#include <string>

namespace giflab::engine {

struct file_size {
   int32_t width = 0, height = 0;
};

struct open_files {
   std::unique_ptr<media::reader> reference, distorted;
   std::shared_ptr<kept_forms> reference_forms; // null if none are kept
   file_size reference_size, distorted_size;    // of the files themselves, before any resizing
};

// Both readers give pictures of one size, or it is an error. `forms`: those that pictures will be brought to,
// by which it is told how much of the reference can be kept.
result<open_files> open_both(const std::string &reference, const std::string &distorted, uint32_t forms,
                             const comparison_options &options, machine &on);

} // namespace giflab::engine
