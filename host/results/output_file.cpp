#include "results/output_file.hpp"

#include "config/printable.hpp"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace giflab::results {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece = std::size_t{1} << 16;
constexpr int most_attempts = 100; // at a name for the temporary file that is not taken

std::string temporary_prefix(int process) { return fmt::format(".giflab-{}-", process); }

std::string temporary_name() {
   static std::atomic<unsigned> count = 0;
   return fmt::format("{}{}.tmp", temporary_prefix(getpid()), ++count);
}

void sync_folder(const fs::path &folder) {
   // The rename itself must survive a power cut; where that cannot be had, the file is good all the same.
   const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
   if (descriptor < 0)
      return;
   fsync(descriptor);
   close(descriptor);
}

} // namespace

bool is_temporary_of(const std::string &name, int process) {
   return name.starts_with(temporary_prefix(process)) && name.ends_with(".tmp");
}

tl::unexpected<error> output_file::refused(std::string_view what) const {
   const int reason = errno;
   if (reason == EPIPE) // who closed the pipe knows
      return failed(problem::cancelled, {});
   const std::string place = path_ == "-" ? "standard output" : config::in_quotes(path_);
   return failed(problem::input,
                 fmt::format("cannot {} {}: {}", what, place, std::generic_category().message(reason)));
}

result<output_file> output_file::open(const std::string &path) {
   output_file file(path);
   if (path == "-") {
      std::fflush(stdout);
      file.descriptor_ = STDOUT_FILENO;
      return file;
   }
   std::error_code wrong;
   const fs::file_type type = fs::status(path, wrong).type();
   if (type == fs::file_type::directory) {
      errno = EISDIR;
      return file.refused("write");
   }
   if (type != fs::file_type::regular && type != fs::file_type::not_found) {
      file.descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
      file.owned_ = true;
      if (file.descriptor_ < 0)
         return file.refused("write");
      return file;
   }
   if (result<void> done = file.open_temporary(); !done)
      return tl::unexpected(done.error());
   return file;
}

result<void> output_file::open_temporary() {
   std::error_code wrong;
   const fs::path target = fs::is_symlink(path_, wrong) ? fs::weakly_canonical(path_, wrong) : fs::path(path_);
   const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
   if (!target.has_filename()) {
      errno = EISDIR;
      return refused("write");
   }
   fs::create_directories(folder, wrong);
   if (wrong) {
      errno = wrong.value();
      return refused("write");
   }
   for (int attempt = 0; attempt < most_attempts; ++attempt) {
      const std::string name = (folder / temporary_name()).string();
      descriptor_ = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (descriptor_ >= 0) {
         owned_ = true;
         temporary_ = name;
         target_ = target.string();
         keep_mode();
         return {};
      }
      if (errno != EEXIST)
         break;
   }
   return refused("write");
}

// What is written again is no more open to others than it was. Where that is refused, the file is as any new
// one.
void output_file::keep_mode() {
   struct stat before {};
   if (stat(target_.c_str(), &before) == 0)
      (void)fchmod(descriptor_, before.st_mode & 0777);
}

output_file::output_file(output_file &&other) noexcept
    : path_(std::move(other.path_)), target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})), collected_(std::move(other.collected_)),
      descriptor_(std::exchange(other.descriptor_, -1)), owned_(std::exchange(other.owned_, false)) {}

output_file::~output_file() {
   if (owned_ && descriptor_ >= 0)
      close(descriptor_);
   if (!temporary_.empty())
      unlink(temporary_.c_str());
}

result<void> output_file::write(std::string_view text) {
   collected_ += text;
   return collected_.size() < piece ? result<void>() : pass_on();
}

result<void> output_file::flush() { return target_.empty() ? pass_on() : result<void>(); }

result<void> output_file::pass_on() {
   std::string_view rest = collected_;
   while (!rest.empty()) {
      const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
      if (written < 0 && errno == EINTR)
         continue;
      if (written < 0)
         return refused("write");
      rest.remove_prefix(static_cast<std::size_t>(written));
   }
   collected_.clear();
   return {};
}

result<void> output_file::commit() {
   if (result<void> done = pass_on(); !done)
      return done;
   if (!owned_)
      return {};
   if (!temporary_.empty() && fsync(descriptor_) != 0)
      return refused("write");
   if (close(std::exchange(descriptor_, -1)) != 0)
      return refused("write");
   if (temporary_.empty())
      return {};
   if (std::rename(temporary_.c_str(), target_.c_str()) != 0)
      return refused("write");
   sync_folder(fs::path(temporary_).parent_path());
   temporary_.clear();
   return {};
}

result<void> publish(const std::string &temporary, const std::string &target) {
   const int descriptor = ::open(temporary.c_str(), O_RDONLY | O_CLOEXEC);
   const bool synced = descriptor >= 0 && fsync(descriptor) == 0;
   int reason = errno;
   if (descriptor >= 0)
      close(descriptor);
   if (synced && std::rename(temporary.c_str(), target.c_str()) == 0) {
      sync_folder(fs::path(target).parent_path());
      return {};
   }
   if (synced)
      reason = errno;
   return failed(problem::input, fmt::format("cannot write {}: {}", config::in_quotes(target),
                                             std::generic_category().message(reason)));
}

} // namespace giflab::results
