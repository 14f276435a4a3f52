#include "validator/over_plugins.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace giflab::validator {

namespace {

bool is_worse(verdict one, verdict other) {
   constexpr std::array order = {verdict::skip, verdict::pass, verdict::warn, verdict::fail};
   return std::find(order.begin(), order.end(), one) > std::find(order.begin(), order.end(), other);
}

} // namespace

finding over_plugins(uint32_t count, const std::function<finding(uint32_t)> &run) {
   finding worst;
   for (uint32_t number = 0; number < count; ++number) {
      finding found = run(number);
      if (count > 1 && !found.sentence.empty())
         found.sentence = fmt::format("plugin {}: {}", number + 1, found.sentence);
      if (number == 0 || is_worse(found.verdict, worst.verdict))
         worst = std::move(found);
   }
   return worst;
}

} // namespace giflab::validator
