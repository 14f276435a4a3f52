#pragma once
// A file of weights from elsewhere, of any form that is read here, and what is made of two of them.

#include "error.hpp"
#include "model_files/tensor.hpp"
#include "services/cancellation.hpp"
#include "services/mapped_file.hpp"

#include <giflab/plugin.h>

#include <string>
#include <vector>

namespace giflab::model_files {

struct weights_file {
   std::string path, sha256;
   services::mapped_file content;
   std::vector<tensor> tensors; // in `content`

   // A file of torch.save or safetensors. Refuses one whose name, as torchvision gives it, has other first
   // digits of the SHA-256 ("squeezenet1_1-b8a52dc0.pth") than its bytes. Errors are sentences with the path;
   // cancelled, where `cancelled` asks for it.
   static result<weights_file> open(const std::string &path, const services::cancellation &cancelled);
};

// The bytes of a regular file that is not empty.
result<services::mapped_file> whole_file(const std::string &path);

// One safetensors file with the `features.*` of a classifier and then the `lin0.*`, `lin1.*`, ... that were
// trained on top of them, under the names that they have: what a perceptual metric needs, as `source` declares
// it. The same bytes for the same files. The error tells which of the two has none, or too much.
result<std::vector<std::byte>> merge(const giflab_model_source &source, const weights_file &trunk,
                                     const weights_file &heads);

} // namespace giflab::model_files
