#pragma once
// Libraries of giflab's own that lie in lib/giflab beside the program. Each is linked against libraries that
// few commands need, so that only these pay for loading them.

namespace giflab::services {

// What lib/giflab/LIBRARY.so exports as `symbol`, never null. The library is loaded when it is first asked for,
// and stays until the process ends. Any thread. Throws std::runtime_error with a sentence if there is none.
void *companion_symbol(const char *library, const char *symbol);

template <class Function> Function *companion_function(const char *library, const char *symbol) {
   return reinterpret_cast<Function *>(companion_symbol(library, symbol));
}

} // namespace giflab::services
