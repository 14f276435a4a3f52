#include "validator/check.hpp"

namespace giflab::validator {

std::span<const check> descriptor_checks() { return {}; }

} // namespace giflab::validator
