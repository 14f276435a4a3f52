#pragma once
// Tesseract's library, where it is installed: loaded when it is first asked for, since it is no part of giflab.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace giflab::ocr {

struct word {
   std::string text;
   double confidence;                // 0 to 100
   int32_t left, top, right, bottom; // pixels of the picture that was looked at
};

// "tesseract 5.3.0"; throws giflab::failure with a sentence on what to install where it or its English is not.
std::string recogniser_version();

// Reads English. One call at a time.
class recogniser {
 public:
   recogniser() = default;
   ~recogniser();
   recogniser(const recogniser &) = delete;
   recogniser &operator=(const recogniser &) = delete;

   // The words of a picture of luma bytes, rows without padding. Tesseract works on a thread of its own for as
   // long as the call lasts, since it looks up from its work only between words: so `cancelled` is asked every
   // few milliseconds. Throws giflab::failure(GIFLAB_CANCELLED) once it said so and Tesseract stopped.
   std::vector<word> read(const uint8_t *luma, int32_t width, int32_t height,
                          const std::function<bool()> &cancelled);

 private:
   struct library;
   static const library &loaded();
   std::vector<word> read_unasked(const uint8_t *luma, int32_t width, int32_t height, std::atomic<bool> &stop);
   friend std::string recogniser_version();

   void set_up();

   void *handle_ = nullptr; // made by the first call
};

} // namespace giflab::ocr
