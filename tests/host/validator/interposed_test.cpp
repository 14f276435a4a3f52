// A module's own requests for memory: counted, failed, and left in peace afterwards.

#include "validated.hpp"
#include "validator/interposed.hpp"

#include <doctest/doctest.h>
#include <giflab/plugin.h>

#include <dlfcn.h>
#include <memory>

using namespace giflab::validator;
using namespace validator_tests;

namespace {

// A module whose create makes one object with operator new, and whose destroy deletes it.
const giflab_module *loaded() {
   void *handle = dlopen(FAULTY_PLUGINS "/F01_swallows_bad_alloc.so", RTLD_NOW | RTLD_LOCAL);
   REQUIRE_MESSAGE(handle, dlerror());
   return static_cast<const giflab_module *>(dlsym(handle, "giflab_module_entry"));
}

giflab_status create(const giflab_module &module, void **instance) {
   giflab_call call{};
   call.fail = [](const giflab_call *, giflab_status status, const char *) noexcept { return status; };
   const giflab_setup setup{};
   return module.plugins[0]->create(&call, &setup, instance);
}

} // namespace

TEST_CASE("the requests of one module are counted, and fail on demand") {
   if (!interposed::unavailable().empty()) {
      MESSAGE("skipped: ", interposed::unavailable());
      return;
   }
   const giflab_module &module = *loaded();
   void *instance = nullptr;
   {
      interposed heap(&module);
      const auto of_this_program = std::make_unique<int>(1); // is not the module's
      CHECK(heap.requests() == 0);

      CHECK(create(module, &instance) == GIFLAB_OK);
      CHECK(heap.requests() == 1);
      CHECK(heap.live().blocks == 1);
      CHECK(heap.live().bytes >= 1);
      CHECK(heap.live().peak == heap.live().bytes);
      module.plugins[0]->destroy(instance);
      CHECK(heap.live().blocks == 0);
      CHECK(heap.live().bytes == 0);
      CHECK(heap.live().peak > 0);
      heap.forget_peak();
      CHECK(heap.live().peak == 0);

      heap.fail_at(1);
      CHECK(create(module, &instance) == GIFLAB_NO_MEMORY);
      CHECK(heap.failed_request().starts_with("operator new of "));
      CHECK(create(module, &instance) == GIFLAB_OK); // this request alone
      module.plugins[0]->destroy(instance);

      heap.fail_at(2, true);
      CHECK(create(module, &instance) == GIFLAB_OK);
      module.plugins[0]->destroy(instance);
      CHECK(create(module, &instance) == GIFLAB_NO_MEMORY);
      CHECK(create(module, &instance) == GIFLAB_NO_MEMORY);
      heap.fail_never();
      CHECK(create(module, &instance) == GIFLAB_OK);
      module.plugins[0]->destroy(instance);
      heap.fail_at(1);
   }
   // What was to fail next is the module's own again.
   CHECK(create(module, &instance) == GIFLAB_OK);
   module.plugins[0]->destroy(instance);
}

TEST_CASE("an address in no module is refused") {
   if (!interposed::unavailable().empty())
      return;
   const auto nowhere = std::make_unique<int>(1);
   CHECK_THROWS_AS(interposed(nowhere.get()), std::runtime_error);
}
