#pragma once
// The plugins of this module.

#include <giflab/plugin.h>

namespace giflab::lpips {

extern const giflab_plugin distance_plugin, alex_plugin, vgg_plugin, layers_plugin;
extern const giflab_plugin temporal_plugin;

inline constexpr const char *needs[] = {GIFLAB_MODELS, nullptr};

} // namespace giflab::lpips
