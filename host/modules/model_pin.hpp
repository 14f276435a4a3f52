#pragma once
// The hash of a model that nobody could know beforehand, kept beside the model since it was imported: what
// `sha256sum` writes and `sha256sum --check` reads. All functions: any thread.

#include "error.hpp"

#include <string>
#include <string_view>

namespace giflab::modules {

// Where the pin of the model in this file is.
std::string pin_path(const std::string &model_path);

// What the pin of a file with this name (no folders) and hash (64 lowercase hex digits) says.
std::string pin_text(std::string_view sha256, std::string_view file_name);

// The hash that a model's file is pinned to. The error says what is wrong with the pin, to stand behind its
// path: it is not there, cannot be read, is no pin, or is that of another file.
result<std::string> read_pin(const std::string &model_path);

bool is_sha256(std::string_view text); // 64 lowercase hex digits

} // namespace giflab::modules
