#include "plugins.hpp"

namespace {

constexpr const giflab_plugin *plugins[] = {&giflab::lpips::distance_plugin, &giflab::lpips::alex_plugin,
                                            &giflab::lpips::vgg_plugin, &giflab::lpips::layers_plugin,
                                            &giflab::lpips::temporal_plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
