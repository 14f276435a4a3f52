#pragma once
// Files of torch.save that hold a network's weights (a "state_dict"): the zip archive of PyTorch 1.6 and later,
// and the stream of before. No code is run, whatever the file asks for.

#include "error.hpp"
#include "model_files/tensor.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace giflab::model_files {

bool looks_like_pytorch(std::span<const std::byte> file);

// The tensors in the order of the file. They lie in `file`. Any bytes may be given; the error says what is
// wrong with them, to stand behind the file's name and a colon. Any thread.
result<std::vector<tensor>> read_pytorch(std::span<const std::byte> file);

} // namespace giflab::model_files
