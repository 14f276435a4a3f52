#pragma once
// What earlier validations came to, by the content of the file, so that a host may ask before it trusts a
// module (rule B6). Kept in $XDG_CACHE_HOME/giflab/checks, else ~/.cache/giflab/checks.

#include "error.hpp"
#include "validator/validate.hpp"

#include <string>

namespace giflab::validator {

enum class known_verdict { unchecked, passed, failed };

// What the checks of this giflab came to over a file of this content. A file that cannot be read, and one that
// was checked by another version, is unchecked. Reads the whole file.
known_verdict lookup(const std::string &path);

// Remembers a validation by all checks; nobody but the user can read or write it. The error says why it will be
// forgotten.
result<void> remember(const validation &told);

// 64 lowercase hex digits.
result<std::string> sha256_of_file(const std::string &path);

} // namespace giflab::validator
