#pragma once
// giflab.files/1: paths in a call's private folder.

#include <giflab/plugin.h>

namespace giflab::modules {

const giflab_files &files_table();

} // namespace giflab::modules
