#pragma once
// Running a command-line tool that makes one file from another. Everything here throws giflab::failure.

#include <atomic>
#include <giflab/plugin.hpp>
#include <string>
#include <vector>

namespace giflab::programs {

// A tool, and how a person gets it: "apt install gifsicle".
struct tool {
   const char *name;
   const char *remedy;
};

// Runs a tool in the call's private folder, where files of workshop go by their bare names. Gives what it said.
// It must exit with 0. `timeout_ms` 0: the run's own limit.
std::string run(const giflab_call &call, const tool &with, const std::vector<std::string> &arguments,
                int32_t timeout_ms = 0);

// Whether a tool can be started and ends well. `argument` is one that makes it say something and end.
bool is_there(const giflab_call &call, const tool &asked, const char *argument);

// A tool that an encoder cannot do without, for its create(). One a module; any thread.
class requirement {
 public:
   // `argument` is one that makes the tool say something and end.
   constexpr requirement(tool needed, const char *argument) : needed_(needed), argument_(argument) {}

   // Fails with GIFLAB_UNSUPPORTED, and says how to get the tool, if it cannot be started. Once it could, it is
   // not tried again: that costs as much as the work on a small clip.
   void check(const giflab_call &call);

 private:
   tool needed_;
   const char *argument_;
   std::atomic<bool> met_{false};
};

// The first line of what a tool says to `argument`, for a fingerprint.
std::string version_of(const giflab_call &call, const tool &of, const char *argument);

// Writes a fingerprint where the host wants it.
void tell(const std::string &fingerprint, char *to, size_t capacity);

// The files of one transcoding. Tools see bare names alone, "1.gif": nothing that a path holds (a leading dash,
// %d, quotes, line breaks) reaches a command line.
class workshop {
 public:
   // `source` gets a name here without being copied.
   workshop(const giflab_call &call, const char *source);

   const std::string &source() const { return source_; }
   // The bare name of a file that is not there yet.
   std::string fresh(const char *suffix) const;
   // Where a file of a bare name is.
   std::string path_of(const std::string &name) const { return folder_ + "/" + name; }

   // Copies a file to `target`, which appears whole or not at all.
   void deliver(const std::string &name, const char *target) const;

 private:
   const giflab_call &call_;
   std::string folder_, source_;
};

// A file as bytes, and back.
std::string read_file(const giflab_call &call, const std::string &path);
void write_file(const giflab_call &call, const std::string &path, const std::string &bytes);

// transcode and probe of an encoder from T's member functions of the same names; T::probe is static.
template <class T>
giflab_status transcode(void *instance, const giflab_call *call, const char *source,
                        const char *target) noexcept {
   return guarded(call, [&] { static_cast<T *>(instance)->transcode(*call, source, target); });
}
template <class T> giflab_status probe(const giflab_call *call, char *fingerprint, size_t capacity) noexcept {
   return guarded(call, [&] { tell(T::probe(*call), fingerprint, capacity); });
}

inline constexpr const char *needs[] = {GIFLAB_PROCESSES, GIFLAB_FILES, nullptr};

} // namespace giflab::programs
