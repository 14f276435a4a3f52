#pragma once
// safetensors: https://github.com/huggingface/safetensors, "Format".

#include "error.hpp"
#include "model_files/tensor.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace giflab::model_files {

// The tensors in the order of their data. They lie in `file`. Any bytes may be given; the error says what is
// wrong with them, to stand behind the file's name and a colon. Any thread.
result<std::vector<tensor>> read_safetensors(std::span<const std::byte> file);

// The same bytes for the same tensors and texts: the texts in their order, if any, in the header; then the
// tensors in theirs, one behind the other from a multiple of 64 bytes on. The error: names that are no
// UTF-8, "__metadata__" or too many.
using texts = std::vector<std::pair<std::string, std::string>>;
result<std::vector<std::byte>> write_safetensors(std::span<const tensor> tensors, const texts &metadata);

} // namespace giflab::model_files
