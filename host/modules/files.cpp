#include "modules/files.hpp"

#include "modules/call.hpp"

#include <exception>

namespace giflab::modules {

namespace {

const char *temporary(const giflab_call *call, const char *suffix) noexcept {
   try {
      call_context &context = context_of(call);
      auto path = context.temporary(suffix ? suffix : "");
      if (path)
         return context.lend(std::move(*path));
      context.refuse(GIFLAB_IO, path.error().text);
   } catch (const std::exception &) { // no memory: NULL says so
   }
   return nullptr;
}

} // namespace

const giflab_files &files_table() {
   static const giflab_files table = {temporary};
   return table;
}

} // namespace giflab::modules
