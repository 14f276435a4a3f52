#pragma once
// One file through one pipeline.

#include "engine/step_run.hpp"
#include "media/reader.hpp"

#include <functional>
#include <string>
#include <vector>

namespace giflab::engine {

struct processing_options {
   int level = 2; // optimisation level, 0 to 3
   media::reading_options reading;
   media::colour background;
};

// What became of it.
struct processing_report {
   struct stage {
      std::vector<std::string> names; // of its steps, with their parameters
      std::string fingerprint;        // of the encoder's tool; may be empty
      int64_t pictures = -1;          // that were encoded; -1: not counted, from file to file
      int64_t bytes = 0;              // of the file that it made
      double seconds = 0;
   };
   std::vector<stage> stages;
   int64_t source_bytes = 0, target_bytes = 0;
   std::vector<std::string> warnings; // of the files that were read
};

// Called now and then from the thread that called process(): the share of the present stage that is done, 0 to
// 1, and its pictures so far.
using processing_listener = std::function<void(double fraction, int64_t pictures)>;

// Makes `target` of `source`. It appears whole or not at all, and what was there stays until then; "-" is
// standard output. Intermediate files lie in the machine's private folder. Pictures are streamed: memory does
// not grow with the length of a clip, except for what an encoder keeps.
result<processing_report> process(const std::string &source, const std::string &target,
                                  const std::vector<pipeline_stage> &stages, const processing_options &options,
                                  machine &on, const processing_listener &progress);

} // namespace giflab::engine
