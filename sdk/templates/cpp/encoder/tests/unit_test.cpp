#include "copy_bytes.hpp"

#include <iostream>
#include <sstream>

namespace {

int failures = 0;

void check(const char *what, bool right) {
   if (right)
      return;
   std::cout << what << ": wrong\n";
   ++failures;
}

giflab_call call_that_is_cancelled(bool cancelled) {
   giflab_call call = {};
   call.cancelled   = cancelled ? +[](const giflab_call *) noexcept { return true; }
                                : +[](const giflab_call *) noexcept { return false; };
   return call;
}

giflab_status status_of_copying(const giflab_call &call, std::istream &from, std::ostream &to) {
   try {
      copy_bytes(call, from, to);
      return GIFLAB_OK;
   } catch (const giflab::failure &error) {
      return error.status();
   }
}

} // namespace

int main() {
   std::string bytes; // more than one buffer
   for (int i = 0; i < 200000; ++i)
      bytes.push_back(static_cast<char>(i * 31 >> 3));

   std::istringstream from(bytes);
   std::ostringstream to;
   check("it copies", status_of_copying(call_that_is_cancelled(false), from, to) == GIFLAB_OK);
   check("the same bytes", to.str() == bytes);

   std::istringstream empty;
   check("an empty file", status_of_copying(call_that_is_cancelled(false), empty, to) == GIFLAB_OK);
   std::istringstream again(bytes);
   check("it stops on request", status_of_copying(call_that_is_cancelled(true), again, to) == GIFLAB_CANCELLED);
   to.setstate(std::ios::badbit);
   check("a full disk", status_of_copying(call_that_is_cancelled(false), again, to) == GIFLAB_IO);
   return failures != 0;
}
