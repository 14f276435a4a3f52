#include "modules/model_registry.hpp"

#include "modules/model_pin.hpp"
#include "services/descriptor.hpp"
#include "services/log.hpp"
#include "services/sha256.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <filesystem>
#include <string_view>

namespace giflab::modules {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20; // between two looks at the wish to stop
constexpr std::chrono::milliseconds cancellation_interval{10};

bool requested(const services::cancellation *cancelled) { return cancelled && cancelled->requested(); }

// ---- The registries of this process

struct living {
   std::mutex mutex;
   std::vector<model_registry *> registries;
};
living &all() {
   static living *registries = new living; // outlives whatever a plugin gives back at exit
   return *registries;
}

// ---- Finding files

// What to do about a model that cannot be used.
std::string advice(const giflab_model_source &source) {
   if (!*source.sha256)
      return fmt::format("install it with: giflab models import {}", source.id);
   return source.origin && *source.origin ? fmt::format("get it from {}", source.origin)
                                          : std::string("ask the plugin's vendor for it");
}

tl::unexpected<error> unusable(const giflab_model_source &source, const std::string &path,
                               const std::string &what) {
   return failed(problem::input, fmt::format("model {}: {} {}; {}, and replace the file", source.id, path, what,
                                             advice(source)));
}

tl::unexpected<error> stopped() { return failed(problem::cancelled, {}); }

// Whether a file's name is the id with exactly one extension behind it, and not what lies beside models: a pin.
bool extends(std::string_view name, std::string_view id) {
   return name.size() > id.size() + 1 && name.starts_with(id) && name[id.size()] == '.' &&
          name.find('.', id.size() + 1) == std::string_view::npos && !name.ends_with(".sha256");
}

// The files that may be the model, the likeliest first.
std::vector<std::string> candidates(const std::vector<std::string> &folders, const std::string &id) {
   std::vector<std::string> paths;
   for (const std::string &folder : folders) {
      std::vector<std::string> extended;
      std::error_code trouble; // a folder that cannot be listed is one where nothing was found
      if (fs::exists(fs::path(folder) / id, trouble))
         paths.push_back((fs::path(folder) / id).string());
      for (fs::directory_iterator entry(folder, trouble), end; !trouble && entry != end;
           entry.increment(trouble))
         if (extends(entry->path().filename().string(), id))
            extended.push_back(entry->path().string());
      std::sort(extended.begin(), extended.end());
      paths.insert(paths.end(), extended.begin(), extended.end());
   }
   return paths;
}

// The hash that a file of the model must have: the declared one, or the one that it was pinned to.
result<std::string> expected_hash(const giflab_model_source &source, const std::string &path) {
   if (*source.sha256)
      return std::string(source.sha256);
   auto pinned = read_pin(path);
   if (!pinned)
      return unusable(
          source, path,
          fmt::format("was not pinned when it was imported: {} {}", pin_path(path), pinned.error().text));
   return pinned;
}

tl::unexpected<error> not_found(const std::vector<std::string> &folders, const giflab_model_source &source) {
   if (folders.empty())
      return failed(problem::input,
                    fmt::format("model {} is not here: GIFLAB_MODEL_PATH names no folder; {}, and set it to "
                                "the folder where the file is",
                                source.id, advice(source)));
   std::vector<std::string> tried;
   tried.reserve(folders.size());
   for (const std::string &folder : folders)
      tried.push_back((fs::path(folder) / source.id).string());
   return failed(problem::input,
                 fmt::format("model {} is not here: there is no {}, with or without an extension; {}, and put "
                             "it there",
                             source.id, fmt::join(tried, " or "), advice(source)));
}

} // namespace

// A file in memory.
struct model_registry::mapped_file {
   std::string path;
   void *data = nullptr;
   std::size_t size = 0;

   mapped_file(std::string where, void *bytes, std::size_t count)
       : path(std::move(where)), data(bytes), size(count) {}
   mapped_file(const mapped_file &) = delete;
   mapped_file &operator=(const mapped_file &) = delete;
   ~mapped_file() { munmap(data, size); }
};

struct model_registry::loaded_model {
   giflab_model table{};
   std::unique_ptr<mapped_file> file; // null while a thread loads it
   std::size_t holders = 0;
};

struct model_registry::shared_object {
   void *object = nullptr; // null while a thread makes it
   dropper drop = nullptr;
   std::size_t holders = 0;
};

model_registry::model_registry(std::vector<std::string> folders) : folders_(std::move(folders)) {
   std::lock_guard lock(all().mutex);
   all().registries.push_back(this);
}

model_registry::~model_registry() {
   {
      std::lock_guard lock(all().mutex);
      std::erase(all().registries, this);
   }
   if (const std::size_t left = models_held() + objects_held(); left > 0)
      services::log(services::log_level::warning,
                    fmt::format("plugins kept {} models and shared objects that they should have given back "
                                "(rule B2)",
                                left));
}

// ---- Loading

result<std::string> model_registry::hash_of(const std::string &path, int descriptor,
                                            const file_identity &identity,
                                            const services::cancellation *cancelled) {
   {
      std::lock_guard lock(mutex_);
      if (const auto known = hashes_.find(identity); known != hashes_.end())
         return known->second;
   }
   services::sha256 hash;
   std::vector<std::byte> piece(piece_bytes);
   // Read, not mapped: a file that shrinks meanwhile is a short read here, and would be SIGBUS there.
   for (off_t offset = 0;;) {
      if (requested(cancelled))
         return stopped();
      const ssize_t count = pread(descriptor, piece.data(), piece.size(), offset);
      if (count < 0 && errno == EINTR)
         continue;
      if (count < 0)
         return failed(problem::input, fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
      if (count == 0)
         break;
      hash.add(std::span(piece).first(static_cast<std::size_t>(count)));
      offset += count;
   }
   auto digest = hash.digest();
   if (digest) {
      std::lock_guard lock(mutex_);
      hashes_[identity] = *digest;
      ++files_verified_;
   }
   return digest;
}

result<std::unique_ptr<model_registry::mapped_file>>
model_registry::load_file(const std::string &path, const giflab_model_source &source,
                          const services::cancellation *cancelled) {
   const services::descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
   struct stat about {};
   if (!file || fstat(file.get(), &about) != 0)
      return failed(problem::input,
                    fmt::format("model {}: {} cannot be opened: {}; check the file and its permissions",
                                source.id, path, std::strerror(errno)));
   if (!S_ISREG(about.st_mode))
      return unusable(source, path, "is not a regular file");
   if (source.size != 0 && static_cast<uint64_t>(about.st_size) != source.size)
      return unusable(source, path,
                      fmt::format("has {} bytes instead of {}: it is {}", about.st_size, source.size,
                                  static_cast<uint64_t>(about.st_size) < source.size ? "cut short or another"
                                                                                     : "another file"));
   if (about.st_size == 0)
      return unusable(source, path, "is empty");
   const auto expected = expected_hash(source, path);
   if (!expected)
      return tl::unexpected(expected.error());
   const auto identity = [&] {
      return file_identity{about.st_dev, about.st_ino, about.st_size, about.st_mtim.tv_sec,
                           about.st_mtim.tv_nsec};
   };
   const file_identity before = identity();
   const auto hash = hash_of(path, file.get(), before, cancelled);
   if (!hash)
      return tl::unexpected(hash.error());
   if (fstat(file.get(), &about) != 0 || identity() != before)
      return unusable(source, path, "changed while it was read");
   if (*hash != *expected)
      return unusable(
          source, path,
          fmt::format("has the SHA-256 {} instead of {}: it is damaged or another version", *hash, *expected));
   const auto size = static_cast<std::size_t>(about.st_size);
   void *data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
   if (data == MAP_FAILED)
      return failed(problem::input, fmt::format("model {}: {} cannot be mapped into memory: {}", source.id,
                                                path, std::strerror(errno)));
   return std::make_unique<mapped_file>(path, data, size);
}

// The first of the candidates that is what was declared; else what is wrong with the first.
result<std::unique_ptr<model_registry::mapped_file>>
model_registry::load(const giflab_model_source &source, const services::cancellation *cancelled) {
   const std::string id = source.id;
   if (id.find('/') != std::string::npos || id.starts_with('.'))
      return failed(problem::plugin, fmt::format("the model id '{}' cannot be the name of a file", id));
   result<std::unique_ptr<mapped_file>> first = not_found(folders_, source);
   bool tried = false;
   for (const std::string &path : candidates(folders_, id)) {
      auto loaded = load_file(path, source, cancelled);
      if (loaded || loaded.error().kind == problem::cancelled)
         return loaded;
      if (!tried)
         first = std::move(loaded);
      tried = true;
   }
   return first;
}

// Waits until something changes or a while has passed; false at the wish to stop.
bool model_registry::wait(std::unique_lock<std::mutex> &lock, const services::cancellation *cancelled) {
   if (requested(cancelled))
      return false;
   if (cancelled)
      changed_.wait_for(lock, cancellation_interval); // the wish rings no bell
   else
      changed_.wait(lock);
   return true;
}

result<const giflab_model *> model_registry::acquire(const giflab_model_source &source,
                                                     const services::cancellation *cancelled) {
   const model_key key{source.id, source.sha256};
   std::unique_lock lock(mutex_);
   for (auto found = models_.find(key); found != models_.end(); found = models_.find(key)) {
      if (requested(cancelled))
         return stopped();
      if (found->second->file) {
         ++found->second->holders;
         return &found->second->table;
      }
      if (!wait(lock, cancelled))
         return stopped();
   }
   models_[key] = std::make_unique<loaded_model>();
   lock.unlock();
   result<std::unique_ptr<mapped_file>> file = nullptr;
   try {
      file = load(source, cancelled);
   } catch (const std::exception &escaped) { // others wait for this thread to come to an end of it
      file = failed(problem::internal, fmt::format("model {} cannot be loaded: {}", source.id, escaped.what()));
   }
   lock.lock();
   changed_.notify_all();
   if (!file) {
      models_.erase(key);
      return tl::unexpected(file.error());
   }
   loaded_model &made = *models_[key];
   made.file = std::move(*file);
   made.table = {made.file->data, made.file->size, made.file->path.c_str()};
   made.holders = 1;
   return &made.table;
}

bool model_registry::release(const giflab_model *model) {
   std::unique_ptr<loaded_model> last; // unmapped outside the lock
   std::lock_guard lock(mutex_);
   const auto found = std::find_if(models_.begin(), models_.end(), [&](const auto &one) {
      return &one.second->table == model && one.second->holders > 0;
   });
   if (found == models_.end())
      return false;
   if (--found->second->holders == 0) {
      last = std::move(found->second);
      models_.erase(found);
   }
   return true;
}

// ---- Objects

giflab_status model_registry::get(const std::string &key, const maker &make, dropper drop,
                                  const services::cancellation *cancelled, void **object) {
   std::unique_lock lock(mutex_);
   for (auto found = objects_.find(key); found != objects_.end(); found = objects_.find(key)) {
      if (found->second->object) {
         ++found->second->holders;
         *object = found->second->object;
         return GIFLAB_OK;
      }
      if (!wait(lock, cancelled))
         return GIFLAB_CANCELLED;
   }
   objects_[key] = std::make_unique<shared_object>();
   lock.unlock();
   void *made = nullptr;
   giflab_status status = GIFLAB_INTERNAL;
   try {
      status = make(&made);
   } catch (...) { // rule B4: stays behind the boundary, and counts as the callee's bug
      status = GIFLAB_INTERNAL;
   }
   if (status == GIFLAB_OK && !made)
      status = GIFLAB_INTERNAL; // nothing could be shared, nor put back
   lock.lock();
   changed_.notify_all();
   if (status != GIFLAB_OK) {
      objects_.erase(key);
      return status;
   }
   *objects_[key] = {made, drop, 1};
   *object = made;
   return GIFLAB_OK;
}

bool model_registry::put(void *object) {
   std::unique_lock lock(mutex_);
   const auto found = std::find_if(objects_.begin(), objects_.end(),
                                   [&](const auto &one) { return object && one.second->object == object; });
   if (found == objects_.end())
      return false;
   if (--found->second->holders > 0)
      return true;
   const dropper drop = found->second->drop;
   objects_.erase(found);
   lock.unlock();
   try {
      if (drop)
         drop(object);
   } catch (...) { // rule B4; there is no call that could be told
      services::log(services::log_level::error,
                    "a plugin's drop of a shared object threw across the plugin boundary (rule B4)");
   }
   return true;
}

bool model_registry::release_anywhere(const giflab_model *model) {
   std::lock_guard lock(all().mutex);
   return std::any_of(all().registries.begin(), all().registries.end(),
                      [&](model_registry *one) { return one->release(model); });
}

bool model_registry::put_anywhere(void *object) {
   std::unique_lock lock(all().mutex);
   const std::vector<model_registry *> registries = all().registries;
   lock.unlock(); // `drop` may itself give something back
   return std::any_of(registries.begin(), registries.end(),
                      [&](model_registry *one) { return one->put(object); });
}

std::size_t model_registry::models_held() const {
   std::lock_guard lock(mutex_);
   std::size_t held = 0;
   for (const auto &[key, model] : models_)
      held += model->holders;
   return held;
}

std::size_t model_registry::objects_held() const {
   std::lock_guard lock(mutex_);
   std::size_t held = 0;
   for (const auto &[key, object] : objects_)
      held += object->holders;
   return held;
}

std::size_t model_registry::files_verified() const {
   std::lock_guard lock(mutex_);
   return files_verified_;
}

} // namespace giflab::modules
