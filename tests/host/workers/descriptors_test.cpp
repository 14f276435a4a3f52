// A catalogue that went over the wire says what the real one says.

#include "workers/descriptors.hpp"

#include "modules/description.hpp"
#include "modules/reference_page.hpp"

#include <doctest/doctest.h>

using namespace giflab;

TEST_CASE("descriptions survive the journey") {
   const auto found = modules::catalogue::discover({BUILTIN_PLUGINS, BEHAVIOUR_PLUGINS, BUILTIN_PLUGINS}, 3);
   REQUIRE(found);
   workers::writer into;
   workers::put_catalogue(into, *found);
   const std::string bytes = into.take();
   workers::reader from(bytes);
   const modules::catalogue arrived = workers::get_catalogue(from);
   CHECK(from.rest().empty());
   REQUIRE(arrived.plugins().size() == found->plugins().size());
   CHECK(modules::descriptions(arrived, true) == modules::descriptions(*found, true));
   CHECK(modules::markdown_table(arrived) == modules::markdown_table(*found));
   for (std::size_t i = 0; i < arrived.plugins().size(); ++i) {
      const modules::plugin &was = *found->plugins()[i], &is = *arrived.plugins()[i];
      CHECK(modules::reference_page(is) == modules::reference_page(was));
      CHECK((is.table.probe != nullptr) == (was.table.probe != nullptr));
      CHECK((is.table.encoder && is.table.encoder->transcode) ==
            (was.table.encoder && was.table.encoder->transcode));
      CHECK((is.table.metric == nullptr) == (was.table.metric == nullptr));
      CHECK((is.table.create == nullptr));
      CHECK(workers::digest_of(is) == workers::digest_of(was));
   }
}
