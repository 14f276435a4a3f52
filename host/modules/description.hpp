#pragma once
// What a program reads about plugins: JSON made from their descriptors alone. Names are spelt as in config
// files and headers without GIFLAB_; numbers that JSON lacks are null (NaN: there is none), "Infinity" and
// "-Infinity".

#include "modules/catalogue.hpp"

#include <string>

namespace giflab::modules {

// One plugin: an object with a member for every field of its tables. Bytes that are no UTF-8 are replaced.
std::string description(const plugin &described);

// All of them: {"plugins": [...]}, and with `with_rejected` "folders" that were looked in and what was turned
// away there ("rejected").
std::string descriptions(const catalogue &found, bool with_rejected);

} // namespace giflab::modules
