#pragma once
// giflab.cuda/1: the context and the stream of a call whose pictures are on a device.

#include <giflab/plugin.h>

namespace giflab::modules {

const giflab_cuda &cuda_table();

} // namespace giflab::modules
