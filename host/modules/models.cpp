#include "modules/models.hpp"

#include "modules/call.hpp"
#include "modules/model_registry.hpp"
#include "modules/plugin.hpp"
#include "services/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <string_view>

namespace giflab::modules {

namespace {

const giflab_model_source *declared(const plugin *caller, std::string_view id) {
   if (!caller)
      return nullptr;
   const auto found = std::find_if(caller->models.begin(), caller->models.end(),
                                   [&](const giflab_model_source &one) { return id == one.id; });
   return found == caller->models.end() ? nullptr : &*found;
}

giflab_status status_of(const error &problem_found) {
   switch (problem_found.kind) {
   case problem::cancelled:
      return GIFLAB_CANCELLED;
   case problem::plugin:
      return GIFLAB_INVALID;
   default:
      return GIFLAB_IO;
   }
}

giflab_status acquire(const giflab_call *call, const char *id, uint32_t memory,
                      const giflab_model **model) noexcept {
   try {
      call_context &context = context_of(call);
      const borrowed_services &lent = context.services();
      if (!lent.models)
         return context.refuse(GIFLAB_UNSUPPORTED, "this call has no models");
      if (memory != GIFLAB_MEMORY_HOST)
         return context.refuse(GIFLAB_UNSUPPORTED, "this giflab holds models in host memory only");
      const giflab_model_source *source = declared(lent.caller, id ? id : "");
      if (!source || !model)
         return context.refuse(
             GIFLAB_INVALID,
             fmt::format("the model '{}' is not among those that the plugin declares", id ? id : ""));
      auto found = lent.models->acquire(*source, lent.cancelled);
      if (!found)
         return context.refuse(status_of(found.error()), found.error().text);
      *model = *found;
      return GIFLAB_OK;
   } catch (const std::exception &) {
      return GIFLAB_NO_MEMORY; // the only thing that can go wrong here is an allocation
   }
}

// There is no call that could fail with it: the log has to do.
void complain(const char *what) {
   services::log(services::log_level::error,
                 fmt::format("a plugin gave back {} that it does not hold (rule B2)", what));
}

void release(const giflab_host *, const giflab_model *model) noexcept {
   if (!model_registry::release_anywhere(model))
      complain("a model");
}

giflab_status get(const giflab_call *call, const char *key,
                  giflab_status (*make)(const giflab_call *call, void *user, void **object),
                  void (*drop)(void *object), void *user, void **object) noexcept {
   try {
      call_context &context = context_of(call);
      const borrowed_services &lent = context.services();
      if (!lent.models)
         return context.refuse(GIFLAB_UNSUPPORTED, "this call has no shared objects");
      const std::string name = key ? key : "";
      if (!make || !object || !lent.caller || !name.starts_with(lent.caller->id() + "/"))
         return context.refuse(
             GIFLAB_INVALID,
             fmt::format("the key '{}' of a shared object does not begin with the plugin's id and '/'", name));
      return lent.models->get(
          name, [&](void **made) { return make(call, user, made); }, drop, lent.cancelled, object);
   } catch (const std::exception &) {
      return GIFLAB_NO_MEMORY;
   }
}

void put(const giflab_host *, void *object) noexcept {
   if (!model_registry::put_anywhere(object))
      complain("a shared object");
}

} // namespace

const giflab_models &models_table() {
   static const giflab_models table = {acquire, release, get, put};
   return table;
}

} // namespace giflab::modules
