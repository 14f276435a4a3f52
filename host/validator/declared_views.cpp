// D10: a view that is not declared in .inputs is NULL, and whoever touches it has forgotten to declare it.

#include "modules/reference_page.hpp"
#include "validator/descriptor_checks.hpp"
#include "validator/plain_call.hpp"

#include <fmt/format.h>

namespace giflab::validator {

namespace {

std::string declared_by(const giflab_plugin &table) {
   std::string names;
   for (uint32_t i = 0; i <= GIFLAB_LAB_F32; ++i)
      if (table.inputs & GIFLAB_BIT(i))
         names += (names.empty() ? "" : ", ") + std::string(modules::representation_name(i));
   return names.empty() ? "nothing" : names;
}

} // namespace

finding touches_declared_views(const subject &given) {
   const isolated_outcome ended = plain_call(given);
   if (touched_null(ended))
      return failed_check(fmt::format("it touched a null pointer (at address {:#x}) in {}: views that .inputs "
                                      "does not declare are NULL, and it "
                                      "declares {}",
                                      ended.address, ended.doing.empty() ? "a call" : ended.doing,
                                      declared_by(given.plugin->table)));
   if (!ended.finished || threw(ended))
      return skipped("the plain call ended otherwise: see F08 and F09");
   if (!ended.text.empty())
      return skipped("the plain call was refused: " + ended.text);
   return passed();
}

} // namespace giflab::validator
