#pragma once
// What all encoders around a program have in common, so that each says only what sets it apart.

#include "giflab_programs/program.hpp"

namespace giflab::programs {

// Parameters that several have.
constexpr giflab_param keep_parameter(const char *help) {
   return real_parameter("keep", help, nullptr, 0.01, 1, 1);
}
constexpr giflab_param colours_parameter(const char *help, int fewest = 2) {
   return integer_parameter("colours", help, nullptr, fewest, 256, 256);
}
constexpr giflab_param lossy_parameter(int most) {
   return integer_parameter("lossy",
                            "How far it may depart from the picture for a smaller file; 0 is lossless.",
                            nullptr, 0, most, 0);
}

// What sets an encoder apart.
struct encoder_facts {
   const char *id, *label, *url, *help;
   uint32_t determinism = GIFLAB_EXACT;
   uint32_t bytes_per_pixel = 16; // source and result once each, where times are read and set
};

// The ABI's functions for T, which has `void make(const transcoding &) const` and
// `static std::string probe(const giflab_call &)`.
template <class T>
giflab_status transcode(void *instance, const giflab_call *call, const char *source,
                        const char *target) noexcept {
   return guarded(call, [&] {
      const transcoding work(*call, source);
      static_cast<const T *>(instance)->make(work);
      work.deliver(target);
   });
}
template <class T> giflab_status probe(const giflab_call *call, char *fingerprint, size_t capacity) noexcept {
   return guarded(call, [&] { tell(T::probe(*call), fingerprint, capacity); });
}

template <class T>
inline constexpr giflab_encoder gif_encoder = {.extension = "gif", .transcode = transcode<T>};
inline constexpr const char *needs[] = {GIFLAB_PROCESSES, GIFLAB_FILES, nullptr};

// An encoder from GIF to GIF.
template <class T, size_t N>
constexpr giflab_plugin encoder_around(const encoder_facts &facts, const giflab_param (&params)[N]) {
   return {
       .size = sizeof(giflab_plugin),
       .id = facts.id,
       .label = facts.label,
       .version = "1",
       .vendor = "giflab",
       .license = "MIT",
       .url = facts.url,
       .help = facts.help,
       GIFLAB_PARAMS(params),
       .needs = needs,
       .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
       .scope = GIFLAB_SCOPE_FILE,
       .threads = GIFLAB_REENTRANT,
       .determinism = facts.determinism,
       .cost = GIFLAB_COST_MORE,
       .bytes_per_pixel = facts.bytes_per_pixel,
       .least_width = 1,
       .least_height = 1,
       .encoder = &gif_encoder<T>,
       .probe = probe<T>,
       .create = create<T>,
       .destroy = destroy<T>,
   };
}

} // namespace giflab::programs
