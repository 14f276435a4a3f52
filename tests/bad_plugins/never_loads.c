/* Keeps the process that loads it from going on. */
#include <unistd.h>

__attribute__((constructor)) static void hang(void) {
   for (;;)
      pause();
}
