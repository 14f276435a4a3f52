#pragma once
// What the encoder does with the bytes: for now, nothing.

#include <giflab/plugin.h>
#include <stdio.h>

// Copies all that is left of one file to another.
static inline giflab_status copy_bytes(const giflab_call *call, FILE *from, FILE *to) {
   char buffer[1 << 16];
   for (size_t count; (count = fread(buffer, 1, sizeof buffer, from)) > 0;) {
      if (call->cancelled(call))
         return GIFLAB_CANCELLED;
      if (fwrite(buffer, 1, count, to) != count)
         return GIFLAB_IO;
   }
   return ferror(from) ? GIFLAB_IO : GIFLAB_OK;
}
