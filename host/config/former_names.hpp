#pragma once
// Environment variables of GifLab 0.2.0 that giflab does not have, and what there is in their place.

#include <span>
#include <string_view>

namespace giflab::config {

struct former_name {
   std::string_view name;    // "GIFLAB_USE_MODEL_CACHE"
   std::string_view instead; // what to do, to stand behind "unknown environment variable ...; "
};

// All but those of the form GIFLAB_CONFIG_<SECTION>_<KEY>.
std::span<const former_name> former_names();

// What to do instead of setting this variable; empty if GifLab 0.2.0 had none of that name.
std::string_view in_place_of(std::string_view name);

} // namespace giflab::config
