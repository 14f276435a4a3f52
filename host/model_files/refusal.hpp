#pragma once
// How the readers of this room stop at bytes that they do not take; it never leaves the room.

#include <stdexcept>

namespace giflab::model_files {

// What is wrong with the bytes, to stand behind the file's name and a colon.
struct refusal : std::runtime_error {
   using std::runtime_error::runtime_error;
};

} // namespace giflab::model_files
