#include "services/sandbox.hpp"

#include "services/folder_tree.hpp"
#include "services/log.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace giflab::services {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view folder_prefix = "giflab-run-";
constexpr const char *lock_name = "owner.lock";
constexpr int attempts = 100; // a sweep can only come in between while it looks at this very folder

void remove_or_tell(const fs::path &folder) {
   if (auto removed = remove_tree(folder); !removed)
      log(log_level::warning, removed.error().text);
}

tl::unexpected<error> not_made(const fs::path &parent, int reason) {
   return failed(problem::input,
                 fmt::format("{}: no temporary folder can be made there: {}; set GIFLAB_TEMP_DIR to a "
                             "folder that can be written to",
                             parent.string(), std::strerror(reason)));
}

// The lock file goes last: a removal that is cut short is finished by a sweep.
void remove_run_folder(const fs::path &folder) {
   std::error_code trouble; // what cannot be listed cannot be removed either, and remove_tree tells of it
   for (fs::directory_iterator entry(folder, trouble), end; !trouble && entry != end; entry.increment(trouble))
      if (entry->path().filename() != lock_name)
         remove_or_tell(entry->path());
   remove_or_tell(folder);
}

bool lock(const descriptor &file) { return flock(file.get(), LOCK_EX | LOCK_NB) == 0; }

// Whether `file` is still what its name stands for.
bool is_at(const descriptor &file, const fs::path &path) {
   struct stat held {
   }, named{};
   return fstat(file.get(), &held) == 0 && lstat(path.c_str(), &named) == 0 && held.st_dev == named.st_dev &&
          held.st_ino == named.st_ino;
}

bool is_own_folder(const fs::path &path) {
   struct stat about {};
   return lstat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode) && about.st_uid == geteuid();
}

// Removes the folder of a dead owner; false if the owner may live.
bool sweep_one(const fs::path &folder) {
   const descriptor file(open((folder / lock_name).c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
   // Without its lock file a folder is about to get one, or was half removed: of that only the shell is left,
   // as the lock file goes last.
   if (!file)
      return errno == ENOENT && rmdir(folder.c_str()) == 0;
   if (!lock(file) || !is_at(file, folder / lock_name))
      return false;
   remove_run_folder(folder);
   return true;
}

} // namespace

sandbox::sandbox(fs::path parent, uint64_t quota_bytes) : parent_(std::move(parent)), quota_(quota_bytes) {}

sandbox::~sandbox() {
   if (!path_.empty())
      remove_run_folder(path_);
}

int sandbox::sweep(const fs::path &parent) {
   int swept = 0;
   std::error_code trouble; // what cannot be listed has nothing that could be swept
   for (fs::directory_iterator entry(parent, trouble), end; !trouble && entry != end; entry.increment(trouble))
      if (entry->path().filename().string().starts_with(folder_prefix) && is_own_folder(entry->path()))
         swept += sweep_one(entry->path());
   return swept;
}

// False if another process swept the folder away before it was locked.
result<bool> sandbox::try_folder(const fs::path &parent) {
   std::string name = (parent / fmt::format("{}XXXXXX", folder_prefix)).string();
   if (!mkdtemp(name.data())) // with mode 0700
      return not_made(parent, errno);
   const fs::path file = fs::path(name) / lock_name;
   descriptor held(open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
   if (!held && errno != ENOENT)
      return not_made(parent, errno);
   if (!held || !lock(held) || !is_at(held, file))
      return false;
   path_ = name;
   lock_ = std::move(held);
   return true;
}

result<void> sandbox::make_folder() {
   std::lock_guard guard(mutex_);
   if (!path_.empty())
      return {};
   std::error_code trouble;
   const fs::path parent = parent_.empty() ? fs::temp_directory_path(trouble) : parent_;
   if (trouble)
      return failed(problem::input, fmt::format("the system's folder of temporary files is not there: {}; set "
                                                "GIFLAB_TEMP_DIR to a folder that can be written to",
                                                trouble.message()));
   sweep(parent);
   for (int i = 0; i < attempts; ++i) {
      const result<bool> made = try_folder(parent);
      if (!made)
         return tl::unexpected(made.error());
      if (*made)
         return {};
   }
   return not_made(parent, EAGAIN);
}

result<sandbox::call_folder> sandbox::open_call() {
   if (auto made = make_folder(); !made)
      return tl::unexpected(made.error());
   const fs::path folder = path() / fmt::format("call-{}", ++calls_);
   if (mkdir(folder.c_str(), S_IRWXU) != 0)
      return not_made(path(), errno);
   return call_folder(*this, folder);
}

result<std::shared_ptr<unnamed_file>> sandbox::open_unnamed() {
   if (auto made = make_folder(); !made)
      return tl::unexpected(made.error());
   const fs::path name = path() / fmt::format("unnamed-{}", ++calls_);
   descriptor file(open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
   struct statfs about {};
   if (!file || unlink(name.c_str()) != 0 || fstatfs(file.get(), &about) != 0)
      return not_made(path(), errno);
   if (about.f_type == TMPFS_MAGIC || about.f_type == RAMFS_MAGIC)
      return failed(
          problem::internal,
          fmt::format("{} lies in memory: set GIFLAB_TEMP_DIR to a folder on a disk", path().string()));
   return std::make_shared<unnamed_file>(std::move(file), unnamed_bytes_, quota_);
}

fs::path sandbox::path() const {
   std::lock_guard guard(mutex_);
   return path_;
}

sandbox::call_folder::~call_folder() {
   if (owner_)
      remove_or_tell(path_);
}

sandbox::call_folder::call_folder(call_folder &&other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), path_(std::move(other.path_)), files_(other.files_) {}

result<std::string> sandbox::call_folder::fresh(std::string_view suffix) {
   if (suffix.find('/') != std::string_view::npos || suffix.size() > 200)
      return failed(problem::plugin, fmt::format("'{}' cannot stand behind the name of a file", suffix));
   if (const uint64_t used = bytes_in_tree(owner_->path()) + *owner_->unnamed_bytes_; used >= owner_->quota_)
      return failed(problem::internal,
                    fmt::format("{} bytes of temporary files are there, and {} are the most there may be", used,
                                owner_->quota_));
   return (path_ / fmt::format("{}{}", ++files_, suffix)).string();
}

} // namespace giflab::services
