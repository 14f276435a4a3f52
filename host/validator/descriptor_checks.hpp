#pragma once
// The checks of descriptors that need more than their fields. Each is the run of one check; see there.

#include "validator/check.hpp"

#include <functional>
#include <string>

namespace giflab::validator {

finding stays_constant(const subject &given);                  // D08
finding is_described_faithfully(const modules::plugin &guest); // D09, of a plugin whose texts are UTF-8
finding touches_declared_views(const subject &given);          // D10

// Calls `visit(what, text)` for every text that is there: "label", "help of parameter sigma", ...
void visit_texts(const modules::plugin &guest,
                 const std::function<void(const std::string &what, const char *text)> &visit);

} // namespace giflab::validator
