#pragma once
// What the encoder does with the bytes: for now, nothing.

#include <giflab/plugin.hpp>
#include <istream>
#include <ostream>

// Copies all that is left of one stream to another. Throws giflab::failure.
inline void copy_bytes(const giflab_call &call, std::istream &from, std::ostream &to) {
   char buffer[1 << 16];
   do {
      giflab::stop_if_cancelled(call);
      from.read(buffer, sizeof buffer);
      to.write(buffer, from.gcount());
   } while (from && to);
   if (from.bad() || !from.eof() || !to.flush())
      throw giflab::failure(GIFLAB_IO, "the source cannot be copied whole");
}
