#pragma once
// A reader whose pictures are timed as they are decoded.

#include "media/reader.hpp"
#include "services/profile.hpp"

namespace giflab::engine {

// The reader itself where nobody asks for times.
std::unique_ptr<media::reader> timed(std::unique_ptr<media::reader> of, services::profile *into);

} // namespace giflab::engine
