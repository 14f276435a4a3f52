#include "modules/model_registry.hpp"

#include "modules/model_pin.hpp"
#include "services/descriptor.hpp"
#include "services/log.hpp"
#include "services/mapped_file.hpp"
#include "services/sha256.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>
#include <string_view>

namespace giflab::modules {

namespace fs = std::filesystem;

namespace {

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

tl::unexpected<error> unusable(const giflab_model_source &source, const std::string &path,
                               const std::string &what) {
   return failed(problem::input,
                 fmt::format("model {}: {} {}; {}", source.id, path, what, how_to_install(source)));
}

tl::unexpected<error> stopped() { return failed(problem::cancelled, {}); }

// Whether a file's name is the id with exactly one extension behind it, and not what lies beside models: a pin,
// or the part of one that was fetched.
bool extends(std::string_view name, std::string_view id) {
   return name.size() > id.size() + 1 && name.starts_with(id) && name[id.size()] == '.' &&
          name.find('.', id.size() + 1) == std::string_view::npos && !name.ends_with(".sha256") &&
          !name.ends_with(".part");
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
                    fmt::format("model {} is not installed: there is no folder of models, as neither "
                                "GIFLAB_MODEL_PATH nor HOME is set; {}",
                                source.id, how_to_install(source)));
   std::vector<std::string> tried;
   tried.reserve(folders.size());
   for (const std::string &folder : folders)
      tried.push_back((fs::path(folder) / source.id).string());
   return failed(problem::input,
                 fmt::format("model {} is not installed: there is no {}, with or without an extension; {}",
                             source.id, fmt::join(tried, " or "), how_to_install(source)));
}

} // namespace

std::vector<std::string> model_search_path(const std::vector<std::string> &given) {
   std::vector<std::string> folders = given;
   const char *data = std::getenv("XDG_DATA_HOME"), *home = std::getenv("HOME");
   if (data &&
       fs::path(data).is_absolute()) // a relative one is to be ignored, says the XDG base directory standard
      folders.push_back((fs::path(data) / "giflab/models").string());
   else if (home && *home)
      folders.push_back((fs::path(home) / ".local/share/giflab/models").string());
   return folders;
}

std::vector<std::string> model_candidates(const std::vector<std::string> &folders, const std::string &id) {
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

bool can_be_pulled(const giflab_model_source &source) {
   const std::string_view origin = source.origin ? source.origin : "";
   return *source.sha256 && (origin.starts_with("https://") || origin.starts_with("http://")) &&
          std::all_of(origin.begin(), origin.end(), [](unsigned char letter) { return letter > 0x20; });
}

std::string how_to_install(const giflab_model_source &source) {
   if (can_be_pulled(source))
      return fmt::format("install it with: giflab models pull {} (from {})", source.id, source.origin);
   if (source.origin && *source.origin)
      return fmt::format("install it with: giflab models import {} (which takes {})", source.id, source.origin);
   return fmt::format("ask the plugin's vendor for it, and install it with: giflab models import {} FILE",
                      source.id);
}

struct model_registry::verified_file {
   std::string path;
   services::mapped_file content;
   file_identity identity;
};

struct model_registry::loaded_model {
   model_key key;
   giflab_model table{};
   verified_file file; // empty while a thread loads it
   std::size_t holders = 0;
   bool current = true; // to be found by whoever asks; not so what changed since, or is not shared
   std::chrono::steady_clock::time_point idle_since{};

   bool idle() const { return file.content && holders == 0; }
};

struct model_registry::shared_object {
   void *object = nullptr; // null while a thread makes it
   dropper drop = nullptr;
   std::size_t holders = 0;
};

model_registry::model_registry(std::vector<std::string> folders, model_caching caching)
    : folders_(std::move(folders)), caching_(std::move(caching)) {
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
   if (counts_.loads > 0)
      services::log(services::log_level::debug,
                    fmt::format("models: {} loads, {} hits, {} files verified, {} bytes at most", counts_.loads,
                                counts_.hits, counts_.verifications, counts_.bytes_most));
}

// ---- Loading

model_registry::file_identity model_registry::identity_of(const struct stat &about) {
   // The time of the last change of anything comes along, as no program can set it back.
   return {about.st_dev,          about.st_ino,         about.st_size,        about.st_mtim.tv_sec,
           about.st_mtim.tv_nsec, about.st_ctim.tv_sec, about.st_ctim.tv_nsec};
}

result<std::string> model_registry::hash_of(const std::string &path, int descriptor,
                                            const file_identity &identity,
                                            const services::cancellation *cancelled) {
   {
      std::lock_guard lock(mutex_);
      if (const auto known = hashes_.find(path); known != hashes_.end() && known->second.first == identity)
         return known->second.second;
   }
   auto digest = services::sha256_of_file(descriptor, cancelled);
   if (digest) {
      std::lock_guard lock(mutex_);
      hashes_[path] = {identity, *digest};
      ++counts_.verifications;
   } else if (digest.error().kind == problem::input) {
      return failed(problem::input, fmt::format("{} {}", path, digest.error().text));
   }
   return digest;
}

result<model_registry::verified_file> model_registry::load_file(const std::string &path,
                                                                const giflab_model_source &source,
                                                                const services::cancellation *cancelled) {
   const services::descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
   struct stat about {};
   if (!file || fstat(file.get(), &about) != 0)
      return failed(problem::input,
                    fmt::format("model {}: {} cannot be opened: {}; check the file and its permissions",
                                source.id, path, std::strerror(errno)));
   if (!S_ISREG(about.st_mode))
      return unusable(source, path, "is not a regular file");
   const auto size = static_cast<uint64_t>(about.st_size);
   if (source.size != 0 && size != source.size)
      return unusable(source, path,
                      fmt::format("has {} bytes instead of {}: it is {}", size, source.size,
                                  size < source.size ? "cut short or another" : "another file"));
   if (size == 0)
      return unusable(source, path, "is empty");
   const auto expected = expected_hash(source, path);
   if (!expected)
      return tl::unexpected(expected.error());
   const file_identity before = identity_of(about);
   const auto hash = hash_of(path, file.get(), before, cancelled);
   if (!hash)
      return tl::unexpected(hash.error());
   if (*hash != *expected)
      return unusable(
          source, path,
          fmt::format("has the SHA-256 {} instead of {}: it is damaged or another version", *hash, *expected));
   auto content = services::mapped_file::of(file.get(), size);
   if (!content && errno == ENOMEM && drop_idle() > 0)
      content = services::mapped_file::of(file.get(), size);
   if (!content)
      return failed(problem::input, fmt::format("model {}: {} cannot be mapped into memory: {}", source.id,
                                                path, std::strerror(errno)));
   if (fstat(file.get(), &about) != 0 || identity_of(about) != before)
      return unusable(source, path, "changed while it was read");
   return verified_file{path, std::move(content), before};
}

// The first of the candidates that is what was declared; else what is wrong with the first.
result<model_registry::verified_file> model_registry::load(const giflab_model_source &source,
                                                           const services::cancellation *cancelled) {
   const std::string id = source.id;
   if (id.find('/') != std::string::npos || id.starts_with('.'))
      return failed(problem::plugin, fmt::format("the model id '{}' cannot be the name of a file", id));
   result<verified_file> first = not_found(folders_, source);
   bool tried = false;
   for (const std::string &path : model_candidates(folders_, id)) {
      auto loaded = load_file(path, source, cancelled);
      if (loaded || loaded.error().kind == problem::cancelled)
         return loaded;
      if (!tried)
         first = std::move(loaded);
      tried = true;
   }
   return first;
}

// As load, and out of memory only where nothing idle is left to give up.
result<model_registry::verified_file> model_registry::load_sparingly(const giflab_model_source &source,
                                                                     const services::cancellation *cancelled) {
   try {
      try {
         return load(source, cancelled);
      } catch (const std::bad_alloc &) {
         if (drop_idle() == 0)
            throw;
         return load(source, cancelled);
      }
   } catch (const std::exception &escaped) { // others wait for this thread to come to an end of it
      return failed(problem::internal, fmt::format("model {} cannot be loaded: {}", source.id, escaped.what()));
   }
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

// The loaded model whose file is still as it was; null if there is none, and nobody is loading it.
result<model_registry::loaded_model *> model_registry::find_current(std::unique_lock<std::mutex> &lock,
                                                                    const model_key &key,
                                                                    const services::cancellation *cancelled) {
   for (;;) {
      const auto found = std::find_if(models_.begin(), models_.end(),
                                      [&](const auto &one) { return one->current && one->key == key; });
      if (found == models_.end())
         return nullptr;
      if (requested(cancelled))
         return stopped();
      loaded_model &one = **found;
      struct stat about {};
      if (!one.file.content) {
         if (!wait(lock, cancelled))
            return stopped();
      } else if (stat(one.file.path.c_str(), &about) == 0 && identity_of(about) == one.file.identity) {
         return &one;
      } else {
         one.current = false;
         may_expire_ = true;
      }
   }
}

result<const giflab_model *> model_registry::acquire(const giflab_model_source &source,
                                                     const services::cancellation *cancelled) {
   drop_expired();
   const model_key key{source.id, source.sha256};
   std::unique_lock lock(mutex_);
   if (caching_.shared) {
      auto found = find_current(lock, key, cancelled);
      if (!found)
         return tl::unexpected(found.error());
      if (*found) {
         ++(*found)->holders;
         ++counts_.hits;
         return &(*found)->table;
      }
   }
   loaded_model *const made = models_.emplace_back(std::make_unique<loaded_model>()).get();
   made->key = key;
   made->current = caching_.shared;
   lock.unlock();
   auto file = load_sparingly(source, cancelled);
   lock.lock();
   changed_.notify_all();
   if (!file) {
      std::erase_if(models_, [&](const auto &one) { return one.get() == made; });
      return tl::unexpected(file.error());
   }
   made->file = std::move(*file);
   const auto bytes = made->file.content.bytes();
   made->table = {bytes.data(), bytes.size(), made->file.path.c_str()};
   made->holders = 1;
   ++counts_.loads;
   counts_.bytes_now += bytes.size();
   counts_.bytes_most = std::max(counts_.bytes_most, counts_.bytes_now);
   return &made->table;
}

bool model_registry::release(const giflab_model *model) {
   {
      std::lock_guard lock(mutex_);
      const auto found = std::find_if(models_.begin(), models_.end(), [&](const auto &one) {
         return &one->table == model && one->holders > 0;
      });
      if (found == models_.end())
         return false;
      if (--(*found)->holders > 0)
         return true;
      (*found)->idle_since = caching_.now();
      may_expire_ = true;
   }
   drop_expired();
   return true;
}

// ---- Dropping

// Under the lock; to be unmapped by the caller behind it.
model_registry::models model_registry::taken_out(const std::function<bool(const loaded_model &)> &which) {
   models out;
   for (auto &one : models_)
      if (one->idle() && which(*one)) {
         counts_.bytes_now -= one->table.size;
         out.push_back(std::move(one));
      }
   std::erase(models_, nullptr);
   may_expire_ = std::any_of(models_.begin(), models_.end(), [](const auto &one) { return one->idle(); });
   return out;
}

bool model_registry::expired(const loaded_model &one) const {
   return !one.current || caching_.now() - one.idle_since >= caching_.idle;
}

namespace {

template <class Models> std::size_t bytes_in(const Models &models) {
   std::size_t bytes = 0;
   for (const auto &one : models)
      bytes += one->table.size;
   return bytes;
}

} // namespace

std::size_t model_registry::drop_idle() {
   models out;
   {
      std::lock_guard lock(mutex_);
      out = taken_out([](const loaded_model &) { return true; });
   }
   return bytes_in(out);
}

std::size_t model_registry::drop_expired() {
   if (!may_expire_)
      return 0;
   models out;
   {
      std::lock_guard lock(mutex_);
      out = taken_out([this](const loaded_model &one) { return expired(one); });
   }
   return bytes_in(out);
}

// ---- Objects

giflab_status model_registry::get(const std::string &key, const maker &make, dropper drop,
                                  const services::cancellation *cancelled, void **object) {
   std::unique_lock lock(mutex_);
   if (caching_.shared)
      for (auto found = objects_.find(key); found != objects_.end(); found = objects_.find(key)) {
         if (found->second.object) {
            ++found->second.holders;
            *object = found->second.object;
            return GIFLAB_OK;
         }
         if (!wait(lock, cancelled))
            return GIFLAB_CANCELLED;
      }
   const auto entry = objects_.emplace(key, shared_object{});
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
      objects_.erase(entry);
      return status;
   }
   entry->second = {made, drop, 1};
   *object = made;
   return GIFLAB_OK;
}

bool model_registry::put(void *object) {
   std::unique_lock lock(mutex_);
   const auto found = std::find_if(objects_.begin(), objects_.end(),
                                   [&](const auto &one) { return object && one.second.object == object; });
   if (found == objects_.end())
      return false;
   if (--found->second.holders > 0)
      return true;
   const dropper drop = found->second.drop;
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
   for (const auto &model : models_)
      held += model->holders;
   return held;
}

std::size_t model_registry::objects_held() const {
   std::lock_guard lock(mutex_);
   std::size_t held = 0;
   for (const auto &[key, object] : objects_)
      held += object.holders;
   return held;
}

model_registry::counts model_registry::counted() const {
   std::lock_guard lock(mutex_);
   counts now = counts_;
   now.models = static_cast<std::size_t>(std::count_if(
       models_.begin(), models_.end(), [](const auto &one) { return static_cast<bool>(one->file.content); }));
   return now;
}

} // namespace giflab::modules
