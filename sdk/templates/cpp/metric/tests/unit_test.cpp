#include "absolute_difference.hpp"

#include <iostream>

namespace {

int failures = 0;

void check(const char *what, uint64_t found, uint64_t wanted) {
   if (found == wanted)
      return;
   std::cout << what << ": " << found << ", not " << wanted << '\n';
   ++failures;
}

} // namespace

int main() {
   const uint8_t a[] = {0, 10, 255, 7}, b[] = {255, 12, 0, 7};
   check("both directions count", absolute_difference(a, b), 255 + 2 + 255);
   check("order does not matter", absolute_difference(b, a), absolute_difference(a, b));
   check("equal rows", absolute_difference(a, a), 0);
   check("no samples", absolute_difference({}, {}), 0);
   return failures != 0;
}
