#include "media/complaints.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <streambuf>

namespace giflab::media {

namespace {

constexpr std::size_t longest_text = 300;

thread_local std::string *listener = nullptr;

void listen(const char *text, std::size_t length) {
   listener->append(text, std::min(length, longest_text - std::min(longest_text, listener->size())));
}

ssize_t write_stderr(void *, const char *text, std::size_t length) {
   if (!listener)
      return ::write(STDERR_FILENO, text, length);
   listen(text, length);
   return static_cast<ssize_t>(length);
}

class listening_buffer final : public std::streambuf {
 public:
   explicit listening_buffer(std::streambuf *original) : original_(original) {}

 private:
   std::streamsize xsputn(const char *text, std::streamsize length) override {
      if (!listener)
         return original_->sputn(text, length);
      listen(text, static_cast<std::size_t>(length));
      return length;
   }
   int_type overflow(int_type character) override {
      const char text = traits_type::to_char_type(character);
      return xsputn(&text, 1) == 1 ? traits_type::not_eof(character) : traits_type::eof();
   }
   int sync() override { return listener ? 0 : original_->pubsync(); }

   std::streambuf *original_;
};

// In glibc stderr is a variable that a program may set. Set once and never back, so that no thread can see
// it change; the descriptor below stays what it was.
void divert() {
   if (FILE *diverted = ::fopencookie(nullptr, "w", {nullptr, &write_stderr, nullptr, nullptr})) {
      std::setvbuf(diverted, nullptr, _IONBF, 0);
      stderr = diverted;
   }
   static listening_buffer *const buffer = new listening_buffer(std::cerr.rdbuf()); // outlives every static
   std::cerr.rdbuf(buffer);
}

} // namespace

complaints::complaints() : outer_(listener) {
   static std::once_flag diverted;
   std::call_once(diverted, divert);
   listener = &text_;
}

complaints::~complaints() { listener = outer_; }

std::string complaints::text() const {
   const auto last = text_.find_last_not_of(" \n");
   std::string line = last == std::string::npos ? "" : text_.substr(0, last + 1);
   std::replace(line.begin(), line.end(), '\n', ' ');
   return line;
}

} // namespace giflab::media
