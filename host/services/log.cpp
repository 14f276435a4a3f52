#include "services/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace giflab::services {

namespace {

spdlog::level::level_enum spdlog_level(log_level level) {
   switch (level) {
   case log_level::debug:
      return spdlog::level::debug;
   case log_level::info:
      return spdlog::level::info;
   case log_level::warning:
      return spdlog::level::warn;
   case log_level::error:
      return spdlog::level::err;
   case log_level::off:
      break;
   }
   return spdlog::level::off;
}

spdlog::logger &logger() {
   static const std::shared_ptr<spdlog::logger> instance = [] {
      auto made = spdlog::stderr_color_mt("giflab");
      made->set_pattern("%n: %^%l%$: %v");
      made->set_level(spdlog::level::warn);
      return made;
   }();
   return *instance;
}

} // namespace

void set_log_level(log_level level) { logger().set_level(spdlog_level(level)); }

void log(log_level level, std::string_view message) { logger().log(spdlog_level(level), message); }

} // namespace giflab::services
