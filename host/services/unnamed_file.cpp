#include "services/unnamed_file.hpp"

#include "services/mapped_file.hpp"

#include <fmt/format.h>

#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace giflab::services {

namespace {

uint64_t whole_pages(uint64_t bytes) {
   static const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
   return (bytes + page - 1) / page * page;
}

} // namespace

unnamed_file::unnamed_file(descriptor file, std::shared_ptr<std::atomic<uint64_t>> spent, uint64_t quota)
    : file_(std::move(file)), spent_(std::move(spent)), quota_(quota) {}

unnamed_file::~unnamed_file() { *spent_ -= size_; }

// Whoever else writes to this disk wants room, too.
result<void> unnamed_file::take_room(uint64_t bytes) {
   struct statvfs about {};
   if (fstatvfs(file_.get(), &about) != 0)
      return failed(problem::internal,
                    fmt::format("the disk cannot be asked for room: {}", std::strerror(errno)));
   const uint64_t left = uint64_t{about.f_bavail} * about.f_frsize;
   if (left < size_ + 2 * bytes)
      return failed(problem::internal, fmt::format("{} bytes are free on the disk of temporary files", left));
   if (spent_->fetch_add(bytes) + bytes > quota_) {
      *spent_ -= bytes;
      return failed(problem::internal,
                    fmt::format("{} bytes are the most that temporary files may take", quota_));
   }
   return {};
}

result<uint64_t> unnamed_file::put(std::span<const std::byte> bytes) {
   const uint64_t place = size_, room = whole_pages(bytes.size());
   if (auto taken = take_room(room); !taken)
      return tl::unexpected(taken.error());
   size_ += room;
   for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t written =
          pwrite(file_.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(place + done));
      if (written < 0 && errno == EINTR)
         continue;
      if (written <= 0)
         return failed(problem::internal, fmt::format("a temporary file cannot be written: {}",
                                                      std::strerror(written < 0 ? errno : ENOSPC)));
      done += static_cast<std::size_t>(written);
   }
   return place;
}

block unnamed_file::map(uint64_t place, std::size_t size) const {
   return block(mapped_file::of(file_.get(), size, place));
}

} // namespace giflab::services
