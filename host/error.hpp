#pragma once
// What can go wrong, as a value: one sentence that says what, where and what to do.

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace giflab {

enum class problem {
   usage,     // a command, option, flag or config file that cannot be meant
   input,     // a file that cannot be read, decoded or compared
   plugin,    // a module or plugin that cannot be used, or failed
   cancelled, // the person asked to stop
   internal,  // a bug of ours, or a machine out of memory
};

struct error {
   problem kind;
   std::string text;
};

template <class T> using result = tl::expected<T, error>;

inline tl::unexpected<error> failed(problem kind, std::string text) {
   return tl::unexpected<error>(error{kind, std::move(text)});
}

} // namespace giflab
