// The part of Highway's library that code in its vectors calls: which instruction sets there are. The library
// itself times the processor's clock whenever it is loaded, 3 to 5 ms in every process, for benchmarks that
// nobody runs here.

#include <hwy/base.h>
#include <hwy/targets.h>

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace hwy {

namespace {

std::atomic<int64_t> left_out{0}, only{0}; // 0: all that there are

// What Highway compiles each set with must be there, not only what it is named for.
int64_t detected() {
   __builtin_cpu_init();
   int64_t found = HWY_SCALAR | HWY_EMU128;
   if (!__builtin_cpu_supports("ssse3"))
      return found;
   found |= HWY_SSSE3;
   if (!__builtin_cpu_supports("sse4.1") || !__builtin_cpu_supports("sse4.2") ||
       !__builtin_cpu_supports("pclmul") || !__builtin_cpu_supports("aes"))
      return found;
   found |= HWY_SSE4;
   if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("bmi2") ||
       !__builtin_cpu_supports("lzcnt") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("f16c"))
      return found;
   found |= HWY_AVX2;
   if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vl") ||
       !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512bw") ||
       !__builtin_cpu_supports("avx512cd"))
      return found;
   return found | HWY_AVX3;
}

} // namespace

HWY_DLLEXPORT int64_t SupportedTargets() {
   static const int64_t all = detected();
   const int64_t asked = only.load();
   const int64_t allowed = (asked != 0 ? asked : all) & ~left_out.load();
   return allowed != 0 ? allowed : int64_t{HWY_STATIC_TARGET};
}

HWY_DLLEXPORT void DisableTargets(int64_t targets) {
   left_out = targets;
   GetChosenTarget().DeInit();
}

HWY_DLLEXPORT void SetSupportedTargetsForTest(int64_t targets) {
   only = targets;
   GetChosenTarget().DeInit();
}

HWY_DLLEXPORT ChosenTarget &GetChosenTarget() {
   static ChosenTarget chosen;
   return chosen;
}

HWY_DLLEXPORT HWY_NORETURN void Abort(const char *file, int line, const char *format, ...) {
   std::va_list values;
   va_start(values, format);
   std::fprintf(stderr, "%s:%d: ", file, line);
   std::vfprintf(stderr, format, values);
   std::fputc('\n', stderr);
   va_end(values);
   std::abort();
}

} // namespace hwy
