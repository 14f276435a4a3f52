/* Ends the process that loads it, before anybody can ask what it is. */
#include <stdlib.h>

__attribute__((constructor)) static void end(void) { abort(); }
