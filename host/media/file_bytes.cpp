#include "media/file_bytes.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace giflab::media {

namespace {

class descriptor {
 public:
   explicit descriptor(int number) : number_(number) {}
   ~descriptor() {
      if (number_ >= 0)
         ::close(number_);
   }
   descriptor(const descriptor &) = delete;
   descriptor &operator=(const descriptor &) = delete;

   int number() const { return number_; }

 private:
   int number_;
};

tl::unexpected<error> not_opened(const std::string &path, int reason) {
   switch (reason) {
   case ENOENT:
   case ENOTDIR:
      return failed(problem::input, fmt::format("{}: there is no such file; check the path", path));
   case EACCES:
   case EPERM:
      return failed(problem::input, fmt::format("{}: may not be read; check its permissions", path));
   default:
      return failed(problem::input, fmt::format("{}: cannot be opened: {}; check the path and the disk", path,
                                                std::strerror(reason)));
   }
}

result<int64_t> checked_size(const std::string &path, int number, int64_t max_bytes) {
   struct stat about {};
   if (::fstat(number, &about) != 0)
      return not_opened(path, errno);
   if (!S_ISREG(about.st_mode))
      return failed(problem::input, fmt::format("{}: is not a regular file; name a picture file", path));
   if (about.st_size == 0)
      return failed(problem::input, fmt::format("{}: is empty (0 bytes); get the file again", path));
   if (about.st_size > max_bytes)
      return failed(problem::input,
                    fmt::format("{}: has {} bytes, over the limit of {}; raise it with --max-file-bytes if you "
                                "trust the file",
                                path, about.st_size, max_bytes));
   return about.st_size;
}

} // namespace

result<std::vector<uint8_t>> file_bytes(const std::string &path, int64_t max_bytes) {
   // O_NONBLOCK: a named pipe without a writer would block the open for ever.
   const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
   if (file.number() < 0)
      return not_opened(path, errno);
   const auto size = checked_size(path, file.number(), max_bytes);
   if (!size)
      return tl::unexpected(size.error());

   std::vector<uint8_t> bytes(static_cast<std::size_t>(*size));
   std::size_t filled = 0;
   while (filled < bytes.size()) {
      const ssize_t got = ::read(file.number(), bytes.data() + filled, bytes.size() - filled);
      if (got < 0 && errno == EINTR)
         continue;
      if (got < 0)
         return failed(problem::input, fmt::format("{}: cannot be read at byte {}: {}; check the disk", path,
                                                   filled, std::strerror(errno)));
      if (got == 0)
         break; // somebody shortened it: what is left is judged as any other file
      filled += static_cast<std::size_t>(got);
   }
   bytes.resize(filled);
   if (bytes.empty())
      return failed(problem::input, fmt::format("{}: is empty (0 bytes); get the file again", path));
   return bytes;
}

} // namespace giflab::media
