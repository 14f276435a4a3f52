// By libcurl; where giflab was built without it, a sentence says so.

#include "model_files/install.hpp"

#include "model_files/http.hpp"
#include "services/companion.hpp"
#include "services/descriptor.hpp"
#include "services/sha256.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <stdexcept>

namespace giflab::model_files {

#ifndef GIFLAB_CURL

result<std::string> download(const giflab_model_source &source, const std::string &,
                             const services::cancellation &, const download_progress &) {
   return failed(problem::usage,
                 fmt::format("this giflab was built without libcurl: fetch {} yourself, and then: "
                             "giflab models import {} FILE",
                             source.origin, source.id));
}

#else

namespace {

namespace fs = std::filesystem;

constexpr int most_attempts = 5; // without a byte gained

// What is here of a model, and the connection that brings more.
struct transfer {
   const giflab_model_source *source;
   const services::cancellation *cancelled;
   const download_progress *progress;
   services::descriptor file;
   uint64_t here = 0;
   int write_error = 0;
   bool too_long = false;
};

// As http_request wants it.
std::size_t keep(char *bytes, std::size_t, std::size_t count, void *user) noexcept {
   auto &now = *static_cast<transfer *>(user);
   if (count > now.source->size - now.here) {
      now.too_long = true;
      return 0;
   }
   for (std::size_t done = 0; done < count;) {
      const ssize_t written = pwrite(now.file.get(), bytes + done, count - done, static_cast<off_t>(now.here));
      if (written < 0 && errno == EINTR)
         continue;
      if (written < 0) {
         now.write_error = errno;
         return 0;
      }
      done += static_cast<std::size_t>(written);
      now.here += static_cast<uint64_t>(written);
   }
   return count;
}

bool watch(void *user) noexcept {
   const auto &now = *static_cast<const transfer *>(user);
   try {
      (*now.progress)(now.here, now.source->size);
   } catch (...) { // progress is for show: a terminal that is gone stops nothing
   }
   return now.cancelled->requested();
}

// A connection of the library beside the program. Throws std::runtime_error where that cannot be loaded.
class connection {
 public:
   explicit operator bool() const { return open_ != nullptr; }

   http_answer get(transfer &now) {
      return get_(open_.get(), {now.source->origin, now.here, &now, keep, watch});
   }

 private:
   template <class Function> static Function *of(const char *symbol) {
      return services::companion_function<Function>("http", symbol);
   }

   http_get_function *get_ = of<http_get_function>(http_get_symbol);
   std::unique_ptr<void, http_close_function *> open_{of<http_open_function>(http_open_symbol)(),
                                                      of<http_close_function>(http_close_symbol)};
};

tl::unexpected<error> not_fetched(const transfer &now, const std::string &why) {
   return failed(problem::input,
                 fmt::format("{} cannot be fetched from {}: {}", now.source->id, now.source->origin, why));
}

// Until all of it is here, or nothing more comes.
result<void> fetch(transfer &now) try {
   connection open;
   if (!open)
      return not_fetched(now, "libcurl does not start");
   for (int left = most_attempts; now.here < now.source->size; --left) {
      const uint64_t before = now.here;
      const http_answer came = open.get(now);
      if (now.cancelled->requested())
         return failed(problem::cancelled, {});
      if (now.too_long)
         return not_fetched(now,
                            fmt::format("it is longer than the {} bytes that are declared", now.source->size));
      if (now.write_error != 0)
         return not_fetched(now, std::strerror(now.write_error));
      if (came.outcome == http_outcome::whole && now.here == now.source->size)
         return {};
      if (came.outcome == http_outcome::whole)
         return not_fetched(now,
                            fmt::format("it has {} bytes, and {} are declared", now.here, now.source->size));
      if (before > 0 && came.outcome == http_outcome::no_resume) {
         now.here = 0;
      } else if (came.outcome != http_outcome::dropped || left == 1) {
         return not_fetched(now, came.words);
      } else if (now.here > before) {
         left = most_attempts;
      }
   }
   return {};
} catch (const std::runtime_error &thrown) { // of the library's loading
   return not_fetched(now, thrown.what());
}

result<transfer> begin(const giflab_model_source &source, const std::string &part,
                       const services::cancellation &cancelled, const download_progress &progress) {
   transfer now{&source, &cancelled, &progress,
                services::descriptor(::open(part.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644))};
   struct stat about {};
   if (!now.file || fstat(now.file.get(), &about) != 0)
      return failed(problem::input, fmt::format("{} cannot be written: {}", part, std::strerror(errno)));
   now.here = static_cast<uint64_t>(about.st_size);
   if (now.here > source.size)
      now.here = 0;
   return now;
}

// All bytes are here: are they right?
result<void> complete(transfer &now) {
   const int file = now.file.get();
   const auto hash = ftruncate(file, static_cast<off_t>(now.here)) == 0 && fsync(file) == 0
                         ? services::sha256_of_file(file, now.cancelled)
                         : failed(problem::input, std::strerror(errno));
   if (!hash)
      return hash.error().kind == problem::cancelled ? tl::unexpected(hash.error())
                                                     : not_fetched(now, hash.error().text);
   if (*hash != now.source->sha256)
      return not_fetched(
          now, fmt::format("what is there has the SHA-256 {}, and {} is declared", *hash, now.source->sha256));
   return {};
}

} // namespace

result<std::string> download(const giflab_model_source &source, const std::string &folder,
                             const services::cancellation &cancelled, const download_progress &progress) {
   const std::string url = source.origin, address = url.substr(0, url.find_first_of("?#"));
   const std::string path =
       (fs::path(folder) / (source.id + extension_for(source.id, address.substr(address.rfind('/') + 1))))
           .string();
   const std::string part = path + ".part";
   std::error_code trouble;
   fs::create_directories(folder, trouble);
   auto now = begin(source, part, cancelled, progress);
   if (!now)
      return tl::unexpected(now.error());
   if (auto fetched = fetch(*now); !fetched) {
      if (now->here == 0 || now->too_long)
         fs::remove(part, trouble);
      return tl::unexpected(fetched.error());
   }
   if (auto checked = complete(*now); !checked) {
      if (checked.error().kind != problem::cancelled)
         fs::remove(part, trouble); // to go on with it would never make it right
      return tl::unexpected(checked.error());
   }
   fs::rename(part, path, trouble);
   if (trouble)
      return failed(problem::input, fmt::format("{} cannot be written: {}", path, trouble.message()));
   return path;
}

#endif

} // namespace giflab::model_files
