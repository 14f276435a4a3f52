#include "invert.h"

#include <stdio.h>
#include <string.h>

static int failures = 0;

static void check(const char *what, const uint8_t *found, const uint8_t *wanted, size_t count) {
   if (memcmp(found, wanted, count) == 0)
      return;
   printf("%s: wrong\n", what);
   ++failures;
}

int main(void) {
   const uint8_t pixels[] = {0, 100, 255, 255, 1, 2, 3, 0}, inverted[] = {255, 155, 0, 255, 254, 253, 252, 0};
   uint8_t       once[8] = {0}, twice[8] = {0};
   invert(pixels, once, 2);
   check("colours turn, alpha stays", once, inverted, sizeof once);
   invert(once, twice, 2);
   check("twice is as before", twice, pixels, sizeof twice);
   invert(pixels, twice, 1);
   check("only the pixels asked for", twice + 4, pixels + 4, 4);
   return failures != 0;
}
