#include "giflab_programs/program.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <unistd.h>

namespace giflab::programs {

namespace {

// A tool tells its version at once, well within the second that a probe has. On a machine that is busy beyond
// all measure a late answer is still better than to call the tool missing.
constexpr int32_t probe_timeout_ms = 5000;

[[noreturn]] void file_failed(const std::string &what) {
   const int cause = errno;
   throw failure(cause == ENOMEM ? GIFLAB_NO_MEMORY : GIFLAB_IO, what + ": " + std::strerror(cause));
}

// For an error sentence; not too long.
std::string last_line(std::string text) {
   text.erase(text.find_last_not_of(" \n\r") + 1);
   const size_t start = text.rfind('\n');
   return text.substr(start == std::string::npos ? 0 : start + 1).substr(0, 300);
}

template <class Table> const Table &service(const giflab_call &call, const char *id) {
   const auto *table = static_cast<const Table *>(call.host->query(call.host, id));
   if (!table)
      throw failure(GIFLAB_UNSUPPORTED, std::string("this host does not offer ") + id);
   return *table;
}

std::string fresh_path(const giflab_call &call, const char *suffix) {
   const char *path = service<giflab_files>(call, GIFLAB_FILES).temporary(&call, suffix);
   if (!path)
      throw failure(GIFLAB_IO, "there is no room for a temporary file");
   return path;
}

void check_end(const tool &with, giflab_status status, const giflab_process &ended) {
   const std::string name = with.name, said = last_line(ended.output ? ended.output : "");
   if (status == GIFLAB_CANCELLED)
      throw failure(status, {});
   if (status == GIFLAB_TIMEOUT)
      throw failure(status, name + " took too long");
   if (status != GIFLAB_OK)
      throw failure(status, name + " did not start; to install it: " + with.remedy);
   if (ended.signal)
      throw failure(GIFLAB_IO, name + " was ended by signal " + std::to_string(ended.signal) + ": " + said);
   if (ended.exit_code)
      throw failure(GIFLAB_IO, name + " exited with " + std::to_string(ended.exit_code) + ": " + said);
}

struct close_file {
   void operator()(std::FILE *file) const { std::fclose(file); }
};
using file = std::unique_ptr<std::FILE, close_file>;

giflab_status start(const giflab_call &call, const tool &with, const std::vector<std::string> &arguments,
                    int32_t timeout_ms, giflab_process &process) {
   std::vector<const char *> argv = {with.name};
   for (const std::string &one : arguments)
      argv.push_back(one.c_str());
   argv.push_back(nullptr);
   process.size = sizeof process;
   process.timeout_ms = timeout_ms;
   process.argv = argv.data();
   const giflab_status status = service<giflab_processes>(call, GIFLAB_PROCESSES).run(&call, &process);
   process.argv = nullptr; // its texts go now
   return status;
}

} // namespace

std::string run(const giflab_call &call, const tool &with, const std::vector<std::string> &arguments,
                int32_t timeout_ms) {
   giflab_process process = {};
   const giflab_status status = start(call, with, arguments, timeout_ms, process);
   check_end(with, status, process);
   return process.output ? process.output : "";
}

bool is_there(const giflab_call &call, const tool &asked) {
   giflab_process process = {};
   const giflab_status status = start(call, asked, {asked.version_argument}, probe_timeout_ms, process);
   if (status == GIFLAB_CANCELLED)
      throw failure(status, {});
   return status == GIFLAB_OK && process.exit_code == 0 && process.signal == 0;
}

void requirement::check(const giflab_call &call) {
   if (met_.load(std::memory_order_relaxed))
      return;
   if (!is_there(call, needed_))
      throw failure(GIFLAB_UNSUPPORTED, std::string(needed_.name) +
                                            " is not here, or does not work; to install it: " + needed_.remedy);
   met_.store(true, std::memory_order_relaxed);
}

std::string version_of(const giflab_call &call, const tool &of) {
   const std::string said = run(call, of, {of.version_argument}, probe_timeout_ms);
   return said.substr(0, said.find('\n'));
}

void tell(const std::string &fingerprint, char *to, size_t capacity) {
   std::snprintf(to, capacity, "%s", fingerprint.c_str());
}

transcoding::transcoding(const giflab_call &call, const char *source) : call_(call) {
   const std::unique_ptr<char, decltype(&std::free)> whole(realpath(source, nullptr), std::free);
   if (!whole)
      file_failed("the source cannot be found");
   const std::string path = fresh_path(call, ".gif");
   folder_ = path.substr(0, path.rfind('/'));
   source_ = path.substr(folder_.size() + 1);
   if (symlink(whole.get(), path.c_str()) != 0)
      file_failed("the source gets no name in the temporary folder");
   result_ = fresh_path(call, ".gif").substr(folder_.size() + 1);
}

std::string transcoding::run(const tool &with, const std::vector<std::string> &arguments) const {
   return programs::run(call_, with, arguments);
}

namespace {

constexpr size_t piece = size_t{1} << 14;

file opened(const std::string &path) {
   file from(std::fopen(path.c_str(), "rbe"));
   if (!from)
      file_failed(path + " cannot be read");
   return from;
}

// Gives each piece of a file to `take`.
template <class Take> void read_pieces(const giflab_call &call, const std::string &path, Take &&take) {
   const file from = opened(path);
   std::vector<char> buffer(piece);
   while (const size_t count = std::fread(buffer.data(), 1, buffer.size(), from.get())) {
      stop_if_cancelled(call);
      take(buffer.data(), count);
   }
   if (std::ferror(from.get()))
      file_failed(path + " cannot be read");
}

// Lets `fill` write a file, which is there whole or not at all.
template <class Fill> void write_whole(const std::string &path, Fill &&fill) {
   file to(std::fopen(path.c_str(), "wbe"));
   if (!to)
      file_failed(path + " cannot be written");
   try {
      fill([&](const char *bytes, size_t count) {
         if (std::fwrite(bytes, 1, count, to.get()) != count)
            file_failed(path + " cannot be written");
      });
      if (std::fclose(to.release()) != 0)
         file_failed(path + " cannot be written");
   } catch (...) {
      std::remove(path.c_str()); // no half a file is left
      throw;
   }
}

std::string read_file(const giflab_call &call, const std::string &path) {
   std::string bytes;
   read_pieces(call, path, [&](const char *from, size_t count) { bytes.append(from, count); });
   return bytes;
}

} // namespace

gif_times transcoding::times_of_source() const { return times_of(read_file(call_, path_of(source_))); }

std::string transcoding::made() const { return read_file(call_, path_of(result_)); }

void transcoding::remake(const std::string &bytes) const {
   write_whole(path_of(result_), [&](const auto &write) {
      for (size_t at = 0; at < bytes.size(); at += piece) {
         stop_if_cancelled(call_);
         write(bytes.data() + at, std::min(piece, bytes.size() - at));
      }
   });
}

void transcoding::deliver(const char *target) const {
   write_whole(target, [&](const auto &write) { read_pieces(call_, path_of(result_), write); });
}

} // namespace giflab::programs
