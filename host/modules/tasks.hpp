#pragma once
// giflab.tasks/1: the run's threads, lent to a plugin for the length of a call.

#include <giflab/plugin.h>

namespace giflab::modules {

const giflab_tasks &tasks_table();

} // namespace giflab::modules
