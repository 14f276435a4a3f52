#pragma once
// What decoding libraries write to standard error, kept from the screen and turned into reasons.

#include <string>

namespace giflab::media {

// While one exists, whatever code on this thread writes to stderr or std::cerr is collected here; other
// threads are not affected. libpng and libjpeg, as OpenCV sets them up, have no other way to speak.
class complaints {
 public:
   complaints();
   ~complaints();
   complaints(const complaints &) = delete;
   complaints &operator=(const complaints &) = delete;

   // In one line; empty if nobody complained.
   std::string text() const;

 private:
   std::string text_;
   std::string *outer_;
};

} // namespace giflab::media
