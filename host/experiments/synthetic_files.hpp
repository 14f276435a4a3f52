#pragma once
// Synthetic clips as files.

#include "engine/machine.hpp"
#include "engine/pipeline.hpp"
#include "synthetic/clips.hpp"

#include <cstdint>
#include <string>

namespace giflab::experiments {

// The encoder of pictures that writes GIFs, whichever that is. [main]
result<engine::pipeline_step> gif_encoder(const modules::catalogue &found, engine::machine &on);

// Draws a clip and has it encoded; gives the size of the file in bytes. `target` appears whole or not at all.
result<int64_t> write_clip(const synthetic::clip &of, const std::string &target,
                           const engine::pipeline_step &encoder, engine::machine &on);

} // namespace giflab::experiments
