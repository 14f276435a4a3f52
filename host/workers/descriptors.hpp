#pragma once
// A catalogue as data: the tables of plugins without their functions.

#include "modules/catalogue.hpp"
#include "workers/wire.hpp"

namespace giflab::workers {

void put_catalogue(writer &into, const modules::catalogue &found);

// Of all that is sent of one plugin: equal where another process describes it alike.
uint64_t digest_of(const modules::plugin &described);

// What another process found. Its plugins can be described, chosen and planned with here, and not be called:
// the functions that are there only say that there is one, and give GIFLAB_INTERNAL. Throws `malformed`.
modules::catalogue get_catalogue(reader &from);

} // namespace giflab::workers
