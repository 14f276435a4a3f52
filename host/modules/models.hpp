#pragma once
// giflab.models/1: a plugin's declared weights, and what it builds from them.

#include <giflab/plugin.h>

namespace giflab::modules {

const giflab_models &models_table();

} // namespace giflab::modules
