#pragma once
// How much memory a comparison or a step of a pipeline takes, before it takes it.

#include "engine/machine.hpp"
#include "engine/selection.hpp"
#include "media/alignment.hpp"
#include "media/reader.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace giflab::engine {

// Bytes that one picture takes with the forms of a mask of representations.
std::size_t picture_bytes(int64_t pixels, uint32_t forms);

// The same of two pictures, with the pairs of their palette indices.
std::size_t pair_bytes(int64_t pixels, uint32_t forms);

// What both readers hold and decode with, one pair before the next.
std::size_t reading_bytes(const media::file_facts &reference, const media::file_facts &distorted,
                          media::alignment_mode mode);

// What the reader of a file that is not compared holds and decodes with.
std::size_t reading_bytes(const media::file_facts &file);

// What an instance of the metric and one call of it take, as the plugin declares it (rule B6), with its models.
// At level 0 the forms that it makes for itself are part of it.
std::size_t call_bytes(const planned_metric &metric, int64_t pixels, int level);

// Bytes that a filter or an encoder takes with the pictures that it looks at and one that it makes. Plugins
// declare one number a pixel for all sizes of pictures, which those that count colours reach with small ones
// alone: `most` is by that number, `least` is what large pictures take.
struct step_needs {
   std::size_t least, most;
};
step_needs needs_of(const modules::plugin &step, const giflab_clip &in, const giflab_clip &out);

// Nothing if `more` bytes can be taken beside what was held at first and no emergency comes of it; else what is
// missing, as in "needs a limit of 28 MiB of memory at least, of which 14 MiB were taken before it began;
// GIFLAB_MAX_MEMORY_MB allows 20 MiB". Under the limit that it names there is room.
std::optional<std::string> shortage(const std::optional<machine::memory_bound> &bound, std::size_t more);

// Works on tasks of others until so many bytes are promised, or all that there are; null if a stop was
// requested before. The machine outlives the promise.
services::admission::promise promised_memory(machine &on, std::size_t wanted);

// Rounded up.
std::size_t in_mebibytes(std::size_t bytes);

// What pictures may take where no limit is near, with those that would be decoded ahead of threads that all
// have work: 128 MiB, or 12 MiB a thread if that is more.
std::size_t bytes_ahead(std::size_t threads);

} // namespace giflab::engine
