#include "validator/check.hpp"

namespace giflab::validator {

std::span<const check> resource_checks() { return {}; }

} // namespace giflab::validator
