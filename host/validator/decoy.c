// A library in whose company a module must still find its own functions: it exports names that many libraries
// export, and tells who calls one.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

// The validator reads this line.
static _Noreturn void caught(const char *name, void *caller) {
   Dl_info from;
   const int known = dladdr(caller, &from);
   fprintf(stderr, "decoy: %s called from %s\n", name, known ? from.dli_fname : "?");
   abort();
}

#define DECOY(name)                                                                                            \
   __attribute__((visibility("default"))) void name(void) { caught(#name, __builtin_return_address(0)); }

// What plugins call their own functions.
DECOY(init)
DECOY(setup)
DECOY(create)
DECOY(destroy)
DECOY(measure)
DECOY(begin)
DECOY(finish)
DECOY(inspect)
DECOY(plan)
DECOY(apply)
DECOY(encode)
DECOY(decode)
DECOY(score)
DECOY(convolve)
DECOY(blur)
DECOY(resize)

// zlib
DECOY(compress)
DECOY(uncompress)
DECOY(deflate)
DECOY(deflateInit_)
DECOY(deflateEnd)
DECOY(inflate)
DECOY(inflateInit_)
DECOY(inflateEnd)
DECOY(adler32)
DECOY(crc32)

// OpenSSL
DECOY(SSL_library_init)
DECOY(SSL_new)
DECOY(EVP_Digest)
DECOY(EVP_DigestInit_ex)
DECOY(SHA256)
DECOY(MD5_Init)
DECOY(RAND_bytes)
