#include "device/probe.hpp"

#include "device/device.hpp"

#include <boost/dll/shared_library.hpp>
#include <fmt/format.h>

namespace giflab::device {

namespace {

constexpr const char *driver_library = "libcuda.so.1";

// Names of the driver's own functions and the meaning of 0 (CUDA_SUCCESS) are part of its stable ABI.
template <class... Arguments>
int call(boost::dll::shared_library &driver, const char *name, Arguments... arguments) {
   return driver.get<int(Arguments...)>(name)(arguments...);
}

void list_devices(boost::dll::shared_library &driver, probe_result &found) {
   int version = 0, count = 0;
   if (call(driver, "cuDriverGetVersion", &version) == 0)
      found.driver = fmt::format("{}.{}", version / 1000, version % 1000 / 10);
   if (const int status = call(driver, "cuInit", 0u); status != 0) {
      found.absence = fmt::format("the CUDA driver is there but does not start (error {})", status);
      return;
   }
   call(driver, "cuDeviceGetCount", &count);
   for (int i = 0; i < count; ++i) {
      char name[128] = "unnamed";
      call(driver, "cuDeviceGetName", &name[0], static_cast<int>(sizeof name), i);
      found.devices.emplace_back(name);
   }
   if (found.devices.empty())
      found.absence = "the CUDA driver knows no device";
}

} // namespace

probe_result probe() {
   probe_result found;
   try {
      boost::dll::shared_library driver(driver_library, boost::dll::load_mode::search_system_folders);
      list_devices(driver, found);
   } catch (const std::exception &) { // the loader's word for "not installed"
      found.absence = fmt::format("no CUDA driver ({} is not installed)", driver_library);
   }
   return found;
}

std::string absence_of(int32_t ordinal) {
   if (!built_with_cuda())
      return "this giflab was built without CUDA";
   const probe_result found = probe();
   if (!found.absence.empty())
      return found.absence;
   const auto count = static_cast<int32_t>(found.devices.size());
   return ordinal < count ? ""
                          : fmt::format("there are {} CUDA devices here, cuda:0 to cuda:{}", count, count - 1);
}

} // namespace giflab::device
