#include "validator/fault_checks.hpp"

#include <array>

namespace giflab::validator {

namespace {

const std::array all = {
    check{"F01", "no memory gives GIFLAB_NO_MEMORY, and nothing is lost", "B3", stage::behave, extent::plugin,
          check_no_memory},
    check{"F02", "optional services may be missing", "A5", stage::behave, extent::plugin,
          check_missing_services},
    check{"F03", "cancelling works at every poll", "", stage::behave, extent::plugin, check_cancelling},
    check{"F04", "models may be missing or damaged", "B3", stage::behave, extent::plugin, check_models},
    check{"F05", "files may have any path, or no room", "B3", stage::behave, extent::plugin, check_paths},
    check{"F06", "programs may be missing, fail, or flood", "B3", stage::behave, extent::plugin,
          check_processes},
    check{"F07", "the device may fail", "C5", stage::behave, extent::plugin, check_device},
    check{"F08", "nothing is thrown, raised or exited", "B4", stage::call, extent::plugin, check_survival},
    check{"F09", "every call ends", "", stage::call, extent::plugin, check_ending},
    check{"F10", "failures have a text, and successes none", "B3", stage::behave, extent::plugin, check_texts},
};

} // namespace

std::span<const check> fault_checks() { return all; }

} // namespace giflab::validator
