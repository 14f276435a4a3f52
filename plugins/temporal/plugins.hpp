#pragma once
// The plugins of this module. Each measures what was added to the original's own course in time.

#include <giflab/plugin.h>

namespace giflab::temporal {

extern const giflab_plugin flicker_plugin;
extern const giflab_plugin freezing_plugin;
extern const giflab_plugin loop_seam_plugin;
extern const giflab_plugin pumping_plugin;

} // namespace giflab::temporal
