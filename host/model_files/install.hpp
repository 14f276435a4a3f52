#pragma once
// Putting models where the registry finds them, and fetching them.

#include "error.hpp"
#include "services/cancellation.hpp"

#include <giflab/plugin.h>

#include <cstddef>
#include <functional>
#include <span>
#include <string>

namespace giflab::model_files {

// Writes the model's bytes to FOLDER/ID and `extension` ("" or ".safetensors"), whole or not at all, and its
// pin beside it where no hash is declared. Refuses bytes of another size or hash than declared. Gives the path.
result<std::string> install(const giflab_model_source &source, std::span<const std::byte> bytes,
                            const std::string &folder, const std::string &extension);

// How much of it is here. Any thread that downloads.
using download_progress = std::function<void(uint64_t bytes, uint64_t of)>;

// Fetches a model of a declared hash from its origin to FOLDER, as install names it, and gives the path. What
// was fetched stays in a file with ".part" behind its name and is gone on with, in this call if the connection
// drops, or in the next; what turns out to be another file is removed. Redirections are followed, to http and
// https only. Cancelled where `cancelled` asks for it.
result<std::string> download(const giflab_model_source &source, const std::string &folder,
                             const services::cancellation &cancelled, const download_progress &progress);

// The extension for a model that comes from a file or URL with this name: its own, if the result is still found
// as the model.
std::string extension_for(const std::string &id, const std::string &name);

} // namespace giflab::model_files
