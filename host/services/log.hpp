#pragma once
// What the host and plugins have to say besides results: lines on standard error.

#include <string_view>

namespace giflab::services {

enum class log_level { debug, info, warning, error, off };

// Messages below `level` are dropped. The default is `warning`.
void set_log_level(log_level level);

// Thread-safe; one line a message.
void log(log_level level, std::string_view message);

} // namespace giflab::services
