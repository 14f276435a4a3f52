#include "modules/cache.hpp"

#include "modules/call.hpp"

#include <exception>

namespace giflab::modules {

namespace {

// The key as this plugin means it, with these parameters and what its probe found. Empty: nothing can be kept.
std::string full_key(const borrowed_services &lent, const char *key) {
   return key && lent.blobs && lent.blob_space ? *lent.blob_space + key : std::string();
}

const void *get(const giflab_call *call, const char *key, size_t *size) noexcept {
   try {
      call_context &context = context_of(call);
      const std::string whole = full_key(context.services(), key);
      auto found = whole.empty() ? nullptr : context.services().blobs->find(whole);
      if (size)
         *size = found ? found->size() : 0;
      return found ? context.hold(std::move(found)) : nullptr;
   } catch (const std::exception &) { // no memory: as good as not found
      return nullptr;
   }
}

void put(const giflab_call *call, const char *key, const void *data, size_t size) noexcept {
   try {
      const borrowed_services &lent = context_of(call).services();
      if (const std::string whole = full_key(lent, key); !whole.empty() && (data || size == 0))
         lent.blobs->keep(whole, std::string(static_cast<const char *>(data), size));
   } catch (const std::exception &) { // no memory: forgotten at once, as it may be
   }
}

} // namespace

const giflab_cache &cache_table() {
   static const giflab_cache table = {get, put};
   return table;
}

} // namespace giflab::modules
