#include "invert.hpp"

#include <array>
#include <iostream>

namespace {

int failures = 0;

void check(const char *what, bool right) {
   if (right)
      return;
   std::cout << what << ": wrong\n";
   ++failures;
}

} // namespace

int main() {
   using pixels      = std::array<uint8_t, 8>;
   const pixels some = {0, 100, 255, 255, 1, 2, 3, 0}, inverted = {255, 155, 0, 255, 254, 253, 252, 0};
   pixels       once = {}, twice = {};
   invert(some, once);
   check("colours turn, alpha stays", once == inverted);
   invert(once, twice);
   check("twice is as before", twice == some);
   return failures != 0;
}
