#pragma once
// giflab.cache/1: what a plugin keeps from one call for another.

#include <giflab/plugin.h>

namespace giflab::modules {

const giflab_cache &cache_table();

} // namespace giflab::modules
