#pragma once
// Where a source comes from, by the folders that it lies in.

#include <string>
#include <string_view>

namespace giflab::results {

struct source_origin {
   std::string platform = "unknown"; // "tenor", "animately", "tgif_dataset"
   std::string query;      // of tenor: the folder in it is what was searched for, "_" and "-" as blanks
   std::string collection; // of tenor: the folder in that; "user_uploads", "research_dataset"
};

// By the folder nearest to the file that is called tenor, animately, tgif_dataset, tgif or unknown, in any
// case, as GifLab 0.2.0 laid its sources out: data/raw/tenor/funny_cats/a.gif. Paths are not followed, only
// read.
source_origin origin_of(std::string_view path);

} // namespace giflab::results
