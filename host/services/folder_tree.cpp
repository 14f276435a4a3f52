#include "services/folder_tree.hpp"

#include "services/descriptor.hpp"

#include <fmt/format.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace giflab::services {

namespace {

constexpr uint64_t block_bytes = 512; // of st_blocks, on every file system

descriptor open_folder(int parent, const char *name) {
   return descriptor(openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// The names in an open folder.
std::vector<std::string> names_in(const descriptor &folder) {
   std::vector<std::string> names;
   const std::unique_ptr<DIR, int (*)(DIR *)> listing(
       fdopendir(openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)), closedir);
   while (const dirent *entry = listing ? readdir(listing.get()) : nullptr)
      if (const std::string name = entry->d_name; name != "." && name != "..")
         names.push_back(name);
   return names;
}

// 0, or the errno of the first thing that could not be removed.
int remove_at(int parent, const char *name) {
   if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
      return 0;
   if (errno != EISDIR && errno != EPERM) // Linux says EISDIR, POSIX EPERM
      return errno;
   descriptor folder = open_folder(parent, name);
   if (!folder && errno == EACCES && fchmodat(parent, name, S_IRWXU, 0) == 0)
      folder = open_folder(parent, name);
   if (!folder)
      return errno == ENOENT ? 0 : errno;
   int trouble = fchmod(folder.get(), S_IRWXU) == 0 ? 0 : errno;
   for (const std::string &inner : names_in(folder))
      if (const int reason = remove_at(folder.get(), inner.c_str()); trouble == 0)
         trouble = reason;
   if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
      return 0;
   return trouble != 0 ? trouble : errno;
}

uint64_t bytes_at(int parent, const char *name) {
   struct stat about {};
   if (fstatat(parent, name, &about, AT_SYMLINK_NOFOLLOW) != 0)
      return 0; // it has just gone, or nobody may look: nothing that can be counted
   uint64_t bytes = static_cast<uint64_t>(about.st_blocks) * block_bytes;
   if (!S_ISDIR(about.st_mode))
      return bytes;
   const descriptor folder = open_folder(parent, name);
   if (!folder)
      return bytes;
   for (const std::string &inner : names_in(folder))
      bytes += bytes_at(folder.get(), inner.c_str());
   return bytes;
}

} // namespace

result<void> remove_tree(const std::filesystem::path &folder) {
   if (const int reason = remove_at(AT_FDCWD, folder.c_str()); reason != 0)
      return failed(problem::internal,
                    fmt::format("{}: cannot be removed: {}; remove it when nothing uses it any more",
                                folder.string(), std::strerror(reason)));
   return {};
}

uint64_t bytes_in_tree(const std::filesystem::path &folder) { return bytes_at(AT_FDCWD, folder.c_str()); }

} // namespace giflab::services
