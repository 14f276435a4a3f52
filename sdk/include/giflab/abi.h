#pragma once
// giflab plugin ABI 1.0 - versions, status codes, export.
//
// Reading order: abi.h, frame.h, host.h, plugin.h. Every function says who may call it, and every pointer
// how long it lives. The numbered rules (A1 to C6) that comments and error texts cite are in sdk/ABI.md.
//
//   [main]    the host's control thread; never two at once in one module.
//   [worker]  any host thread; never two at once in one instance, unless it declares GIFLAB_REENTRANT.
//   [any]     any thread that is inside a host call or a host task, concurrently.
//
//   static    lives as long as the module (the host never unloads a module).
//   borrowed  valid until the call that received it returns.
//
// All strings are NUL-terminated UTF-8. No exception, longjmp or panic may cross this boundary. Nothing
// allocated on one side is freed on the other. A call leaves the process as it found it: floating-point
// mode, signal mask and handlers, locale, working directory, environment, umask, current CUDA context.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A plugin targets the OLDEST minor that has what it uses; newer members stay invisible until it asks.
// The same macro fills giflab_module.abi_minor, so using a member and requiring it are one decision.
#define GIFLAB_MAGIC 0x4C464947u // "GIFL"
#define GIFLAB_ABI_MAJOR 1
#define GIFLAB_ABI_MINOR 0 // of these headers
#ifdef GIFLAB_BUILDING_HOST
#   define GIFLAB_TARGET GIFLAB_ABI_MINOR
#elif !defined(GIFLAB_TARGET)
#   define GIFLAB_TARGET 0
#elif GIFLAB_TARGET > GIFLAB_ABI_MINOR
#   error "these headers are older than GIFLAB_TARGET"
#endif

#ifdef __cplusplus
#   define GIFLAB_C_BEGIN extern "C" {
#   define GIFLAB_C_END }
#   define GIFLAB_NOEXCEPT noexcept
#else
#   define GIFLAB_C_BEGIN
#   define GIFLAB_C_END
#   define GIFLAB_NOEXCEPT
#endif

// Plugin entry points are noexcept in C++, so a function that could throw does not even compile into a
// table. The host alone drops the promise, and keeps a catch-all behind it.
#if defined(__cplusplus) && !defined(GIFLAB_BUILDING_HOST)
#   define GIFLAB_ENTRY noexcept
#else
#   define GIFLAB_ENTRY
#endif

#define GIFLAB_EXPORT __attribute__((visibility("default")))
#define GIFLAB_COUNT(table) ((uint32_t)(sizeof(table) / sizeof *(table)))

// Fixed-width instead of enum types: an enum's size is the compiler's choice.
typedef int32_t giflab_status;
enum {
   GIFLAB_OK          = 0,
   GIFLAB_CANCELLED   = 1, // call->cancelled() was true; not an error, not logged
   GIFLAB_UNSUPPORTED = 2, // this input is outside what the plugin does; the host skips it
   GIFLAB_INVALID     = 3, // the caller broke the contract
   GIFLAB_NO_MEMORY   = 4, // host or device; the host may retry with less in flight
   GIFLAB_DEVICE      = 5, // the GPU failed; the host may retry once in host memory
   GIFLAB_IO          = 6, // file, model or subprocess
   GIFLAB_TIMEOUT     = 7,
   GIFLAB_INTERNAL    = 8, // a bug in the callee
};
