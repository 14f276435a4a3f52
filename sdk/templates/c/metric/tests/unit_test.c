#include "absolute_difference.h"

#include <stdio.h>

static int failures = 0;

static void check(const char *what, uint64_t found, uint64_t wanted) {
   if (found == wanted)
      return;
   printf("%s: %llu, not %llu\n", what, (unsigned long long)found, (unsigned long long)wanted);
   ++failures;
}

int main(void) {
   const uint8_t a[] = {0, 10, 255, 7}, b[] = {255, 12, 0, 7};
   check("both directions count", absolute_difference(a, b, 4), 255 + 2 + 255);
   check("order does not matter", absolute_difference(b, a, 4), absolute_difference(a, b, 4));
   check("equal rows", absolute_difference(a, a, 4), 0);
   check("only the samples asked for", absolute_difference(a, b, 1), 255);
   check("no samples", absolute_difference(a, b, 0), 0);
   return failures != 0;
}
