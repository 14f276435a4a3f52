#include "media/byte_source.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace giflab::media {

namespace {

// Most GIFs fit, and are read once though they are gone through twice.
constexpr std::size_t window_bytes = std::size_t{1} << 20;

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

byte_source::byte_source(std::vector<uint8_t> bytes) : window_(std::move(bytes)), size_(window_.size()) {}

byte_source::byte_source(int descriptor, std::size_t size) : descriptor_(descriptor), size_(size) {}

byte_source::byte_source(byte_source &&other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), window_(std::move(other.window_)),
      window_start_(other.window_start_), size_(other.size_), position_(other.position_), last_(other.last_),
      trouble_(std::move(other.trouble_)) {}

byte_source::~byte_source() {
   if (descriptor_ >= 0)
      ::close(descriptor_);
}

result<byte_source> byte_source::opened(const std::string &path, int64_t max_bytes) {
   // O_NONBLOCK: a named pipe without a writer would block the open for ever.
   const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
   if (descriptor < 0)
      return not_opened(path, errno);
   byte_source made(descriptor, 0); // closes it, whatever happens
   const auto size = checked_size(path, descriptor, max_bytes);
   if (!size)
      return tl::unexpected(size.error());
   made.size_ = static_cast<std::size_t>(*size);
   return made;
}

// Moves the window to where reading is. False at the end of the bytes.
bool byte_source::refill() {
   if (descriptor_ < 0 || position_ >= size_)
      return false;
   window_.resize(std::min(window_bytes, size_));
   ssize_t got = 0;
   do
      got = ::pread(descriptor_, window_.data(), window_.size(), static_cast<off_t>(position_));
   while (got < 0 && errno == EINTR);
   if (got < 0)
      trouble_ = std::strerror(errno);
   if (got <= 0) // 0: somebody shortened it; what there is is judged as any other file
      size_ = position_;
   window_.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
   window_start_ = position_;
   return got > 0;
}

std::size_t byte_source::read(std::span<uint8_t> to) {
   std::size_t copied = 0;
   while (copied < to.size()) {
      const std::size_t inside = position_ - window_start_;
      if (inside >= window_.size() && !refill())
         break;
      const std::size_t from = position_ - window_start_;
      const std::size_t count = std::min({to.size() - copied, window_.size() - from, size_ - position_});
      if (count == 0)
         break;
      std::memcpy(to.data() + copied, window_.data() + from, count);
      copied += count;
      position_ += count;
      last_ = to[copied - 1];
   }
   return copied;
}

void byte_source::rewind() {
   position_ = 0;
   if (window_start_ == 0)
      return;
   window_.clear();
   window_start_ = 0;
}

std::vector<uint8_t> byte_source::all() {
   rewind();
   std::vector<uint8_t> bytes(size_);
   bytes.resize(read(bytes));
   return bytes;
}

} // namespace giflab::media
