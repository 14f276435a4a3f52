#pragma once
// A clip shown to a plugin call by call, so that a check chooses the thread of each.

#include "validator/evaluation.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace giflab::validator {

class stepped_clip {
 public:
   // Keeps what it needs of `clip`. Metrics of FILE scope and encoders get it as files in `folder`, which is
   // made. Throws std::runtime_error where they cannot be written.
   stepped_clip(const modules::plugin &guest, const test_clip &clip, const std::filesystem::path &folder);

   const giflab_clip &facts() const { return shown_.facts(); }

   // What happens between create and destroy, pairs and pictures one by one; an encoder is one step. Valid as
   // long as this and `instance`.
   struct step {
      bool on_main; // [main] alone may take it: never two at once
      std::function<void(evaluation &into)> run;
   };
   std::vector<step> steps(test_instance &instance);

 private:
   std::vector<step> metric_steps(test_instance &instance);
   std::vector<step> filter_steps(test_instance &instance);

   const modules::plugin &guest_;
   laid_out_clip shown_;
   std::string source_, reference_, target_;
   giflab_comparison comparison_{};
};

} // namespace giflab::validator
