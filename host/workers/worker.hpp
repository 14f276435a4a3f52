#pragma once
// A worker: a process of this program that loads modules and calls plugins for another, its supervisor.

#include "engine/machine.hpp"
#include "error.hpp"
#include "workers/requests.hpp"

#include <functional>
#include <memory>
#include <string_view>

namespace giflab::workers {

// The command line of a worker: `giflab worker-process PARENT [keep-core]`. People have no use for it.
inline constexpr std::string_view worker_command = "worker-process";
inline constexpr std::string_view keep_core_word = "keep-core";

// The descriptors that its supervisor leaves to it.
inline constexpr int worker_socket = 3, worker_page = 4;

// What work is done on, as a supervisor describes it.
using machine_maker = std::function<result<std::unique_ptr<engine::machine>>(const set_up_request &)>;

// The life of a worker: does what it is asked until its supervisor is gone or content. Gives the exit code; an
// error where this is no worker of a living supervisor. [main]
result<int> work(int argc, const char *const *argv, const machine_maker &make);

} // namespace giflab::workers
