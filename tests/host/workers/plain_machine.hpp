#pragma once
// What workers of tests compare on.

#include "engine/machine.hpp"
#include "workers/worker.hpp"

#include <memory>

namespace worker_tests {

// With one thread and nothing to lend.
inline giflab::result<std::unique_ptr<giflab::engine::machine>>
plain_machine(const giflab::workers::set_up_request &) {
   static const giflab::services::cancellation never;
   return std::make_unique<giflab::engine::machine>(1, never);
}

} // namespace worker_tests
