#include "copy_bytes.h"

#include <string.h>

static int failures = 0;

static void check(const char *what, bool right) {
   if (right)
      return;
   printf("%s: wrong\n", what);
   ++failures;
}

static bool never(const giflab_call *call) { return (void)call, false; }
static bool always(const giflab_call *call) { return (void)call, true; }

int main(void) {
   enum { size = 200000 }; // more than one buffer
   static unsigned char bytes[size], copied[size + 1];
   for (int i = 0; i < size; ++i)
      bytes[i] = (unsigned char)(i * 31 >> 3);
   FILE *from = tmpfile(), *to = tmpfile();
   if (!from || !to || fwrite(bytes, 1, size, from) != size)
      return 2;

   const giflab_call call = {.cancelled = never}, stopped = {.cancelled = always};
   rewind(from);
   check("it copies", copy_bytes(&call, from, to) == GIFLAB_OK);
   rewind(to);
   check("as many bytes", fread(copied, 1, sizeof copied, to) == size);
   check("the same bytes", memcmp(bytes, copied, size) == 0);
   rewind(from);
   check("it stops on request", copy_bytes(&stopped, from, to) == GIFLAB_CANCELLED);
   fclose(from);
   fclose(to);
   return failures != 0;
}
