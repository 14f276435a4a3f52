#pragma once
// Output that is there whole or not at all.

#include "error.hpp"

#include <string>
#include <string_view>

namespace giflab::results {

// A file that appears under its name only once it is complete and on the disk; until then it is a temporary
// file beside it, which goes away with this object. What is not a regular file (a pipe, a device) and standard
// output get the text directly. Used by one thread.
class output_file {
 public:
   // "-" is standard output. Missing folders are made; a symbolic link stays one, and a file keeps its mode.
   static result<output_file> open(const std::string &path);

   output_file(output_file &&other) noexcept;
   output_file &operator=(output_file &&) = delete;
   ~output_file();

   // Collected, and passed on in large pieces.
   result<void> write(std::string_view text);

   // Passes on what was collected if somebody may be waiting for it: not to a file that has no name yet.
   // An error of the kind `cancelled`, without a text, means that the reading end of a pipe is gone.
   result<void> flush();

   // Completes the file. Nothing may be written afterwards.
   result<void> commit();

 private:
   output_file(std::string path) : path_(std::move(path)) {}

   result<void> open_temporary();
   void keep_mode();
   result<void> pass_on();
   tl::unexpected<error> refused(std::string_view what) const;

   std::string path_;      // as errors name it
   std::string target_;    // what `temporary_` becomes; empty if written directly
   std::string temporary_; // empty once it has its name
   std::string collected_;
   int descriptor_ = -1;
   bool owned_ = false; // whether the descriptor is closed here
};

// Is that the name of a temporary file of an output_file in that process?
bool is_temporary_of(const std::string &name, int process);

// Gives a file that is whole its name: on the disk first, then renamed over what was there. Both in one folder.
result<void> publish(const std::string &temporary, const std::string &target);

} // namespace giflab::results
