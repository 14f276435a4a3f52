#pragma once
// What earlier validations came to, by the content of the file, so that a host may ask before it trusts a
// module (rule B6). Kept in $XDG_CACHE_HOME/giflab/checks, else ~/.cache/giflab/checks.

#include "error.hpp"
#include "validator/validate.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace giflab::validator {

// That folder, whether it is there or not; empty where the environment names none.
std::filesystem::path checks_folder();

enum class known_verdict { unchecked, passed, failed };

// What the checks of this giflab came to over a file of this content. A file that cannot be read, and one that
// was checked by another version, is unchecked. Reads the whole file.
known_verdict lookup(const std::string &path);

// Remembers a validation by all checks; nobody but the user can read or write it. The error says why it will be
// forgotten.
result<void> remember(const validation &told);

// ---- Quarantine: plugins that crashed so often that they are not run any more, by the content of their
// module, in the same folder. A module that was built anew starts clean.

// Why a plugin of the module at `path` is kept there; nothing if it is not. Reads the whole file if a plugin of
// that id is in quarantine at all.
std::optional<std::string> quarantined(const std::string &path, const std::string &plugin);

// Several processes may do this at a time; the error says why it will be forgotten.
result<void> quarantine(const std::string &path, const std::string &plugin, const std::string &reason);

// Lets it out, in modules of any content; false if it was in none. The error says what could not be changed.
result<bool> forgive(const std::string &plugin);

// 64 lowercase hex digits.
result<std::string> sha256_of_file(const std::string &path);

} // namespace giflab::validator
