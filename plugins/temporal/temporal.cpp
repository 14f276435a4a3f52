#include "plugins.hpp"

namespace {

constexpr const giflab_plugin *plugins[] = {
    &giflab::temporal::flicker_plugin, &giflab::temporal::freezing_plugin, &giflab::temporal::loop_seam_plugin,
    &giflab::temporal::pumping_plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
