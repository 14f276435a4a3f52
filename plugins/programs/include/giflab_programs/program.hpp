#pragma once
// Running a command-line tool that makes one file from another. Everything here throws giflab::failure.

#include "giflab_programs/gif_times.hpp"

#include <atomic>
#include <giflab/plugin.hpp>
#include <string>
#include <vector>

namespace giflab::programs {

struct tool {
   const char *name;
   const char *remedy;           // how a person gets it: "apt install gifsicle"
   const char *version_argument; // makes it tell its version, or anything, and end
};

// Runs a tool in the call's private folder, where files of workshop go by their bare names. Gives what it said.
// It must exit with 0. `timeout_ms` 0: the run's own limit.
std::string run(const giflab_call &call, const tool &with, const std::vector<std::string> &arguments,
                int32_t timeout_ms = 0);

// Whether a tool can be started and ends well. `argument` is one that makes it say something and end.
bool is_there(const giflab_call &call, const tool &asked);

// A tool that an encoder cannot do without, for its create(). One a module; any thread.
class requirement {
 public:
   constexpr explicit requirement(tool needed) : needed_(needed) {}

   // Fails with GIFLAB_UNSUPPORTED, and says how to get the tool, if it cannot be started. Once it could, it is
   // not tried again: that costs as much as the work on a small clip.
   void check(const giflab_call &call);

 private:
   tool needed_;
   std::atomic<bool> met_{false};
};

// The first line of what a tool says of its version, for a fingerprint.
std::string version_of(const giflab_call &call, const tool &of);

// Writes a fingerprint where the host wants it.
void tell(const std::string &fingerprint, char *to, size_t capacity);

// One file to be made of another. Tools see bare names alone, "1.gif": nothing that a path holds (a leading
// dash, %d, quotes, line breaks) reaches a command line.
class transcoding {
 public:
   // `source` gets a name here without being copied.
   transcoding(const giflab_call &call, const char *source);

   // Bare names; the second is of a file that is not there yet.
   const std::string &source() const { return source_; }
   const std::string &result() const { return result_; }

   gif_times times_of_source() const;
   std::string run(const tool &with, const std::vector<std::string> &arguments) const;

   // The result as bytes, and other bytes in its place.
   std::string made() const;
   void remake(const std::string &bytes) const;

   // Copies the result to `target`, which appears whole or not at all.
   void deliver(const char *target) const;

 private:
   std::string path_of(const std::string &name) const { return folder_ + "/" + name; }

   const giflab_call &call_;
   std::string folder_, source_, result_;
};

} // namespace giflab::programs
