#pragma once
// Weights and what plugins build from them: found, verified, loaded once, shared by all who ask. The part of
// giflab.models/1 that needs no call.

#include "error.hpp"
#include "services/cancellation.hpp"

#include <giflab/plugin.h>

#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

namespace giflab::modules {

// Where models are looked for: `given` (the --models options and GIFLAB_MODEL_PATH), then
// $XDG_DATA_HOME/giflab/models or, where that is not set, ~/.local/share/giflab/models. The first of them is
// where models are installed.
std::vector<std::string> model_search_path(const std::vector<std::string> &given);

// The files that may be the model with this id, the likeliest first: of each folder the file with the id as its
// name, then those with one extension behind it.
std::vector<std::string> model_candidates(const std::vector<std::string> &folders, const std::string &id);

// Whether the host can fetch it: its origin is a URL of the web and its hash is declared.
bool can_be_pulled(const giflab_model_source &source);

// What a person does about a model that is not here, to stand behind a sentence and "; ".
std::string how_to_install(const giflab_model_source &source);

// How long models are kept, and for whom.
struct model_caching {
   bool shared = true;                // false: each acquire loads for itself, each get makes for itself
   std::chrono::milliseconds idle{0}; // how long a model stays that nobody holds, in case somebody asks again
   std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

// All functions: any thread. Nothing that is held is used after the registry is gone.
class model_registry {
 public:
   // `folders` are searched in their order.
   explicit model_registry(std::vector<std::string> folders, model_caching caching = {});
   ~model_registry(); // tells its counts, if anything was loaded, at the log level debug
   model_registry(const model_registry &) = delete;
   model_registry &operator=(const model_registry &) = delete;

   // The file of a model, mapped into memory read-only, of the declared size and SHA-256 (computed once for a
   // file that does not change). A file that changed since it was loaded is loaded anew; who holds the old one
   // keeps it. Every success is balanced by a release. Blocks while it reads, or waits for another thread that
   // loads the same. The error is of the kind cancelled where `cancelled` (may be null) asks for it; else its
   // sentence says which paths were tried and how to install the model.
   result<const giflab_model *> acquire(const giflab_model_source &source,
                                        const services::cancellation *cancelled);

   // An object that is built once for a key. While one thread runs `make`, the others wait; where it fails,
   // they try in their turn. `drop` runs after the last put. Every GIFLAB_OK is balanced by a put.
   using maker = std::function<giflab_status(void **object)>;
   using dropper = void (*)(void *object);
   giflab_status get(const std::string &key, const maker &make, dropper drop,
                     const services::cancellation *cancelled, void **object);

   // False if this registry holds no such thing (any more).
   bool release(const giflab_model *model);
   bool put(void *object);

   // The same for whichever registry of the process holds it: plugins give back without saying to whom.
   static bool release_anywhere(const giflab_model *model);
   static bool put_anywhere(void *object);

   // Drops the models that nobody holds: all of them, for when memory is short, or those whose time is over,
   // which acquire and release do too. Gives the bytes that were dropped.
   std::size_t drop_idle();
   std::size_t drop_expired();

   // How many acquires and gets are not yet balanced.
   std::size_t models_held() const;
   std::size_t objects_held() const;

   // What was done so far.
   struct counts {
      std::size_t loads = 0, hits = 0;           // acquires that mapped a file, and that found it mapped
      std::size_t verifications = 0;             // files that were read to compute their SHA-256
      std::size_t models = 0;                    // mapped now
      std::size_t bytes_now = 0, bytes_most = 0; // mapped now, and at most at any time
   };
   counts counted() const;

 private:
   struct loaded_model;
   struct verified_file;
   struct shared_object;
   // A file's content is taken for unchanged while all of these are.
   using file_identity = std::tuple<uint64_t, uint64_t, int64_t, int64_t, int64_t, int64_t, int64_t>;
   using model_key = std::pair<std::string, std::string>; // id and SHA-256
   using models = std::vector<std::unique_ptr<loaded_model>>;

   static file_identity identity_of(const struct stat &about);
   result<verified_file> load(const giflab_model_source &source, const services::cancellation *cancelled);
   result<verified_file> load_sparingly(const giflab_model_source &source,
                                        const services::cancellation *cancelled);
   result<verified_file> load_file(const std::string &path, const giflab_model_source &source,
                                   const services::cancellation *cancelled);
   result<std::string> hash_of(const std::string &path, int descriptor, const file_identity &identity,
                               const services::cancellation *cancelled);
   result<loaded_model *> find_current(std::unique_lock<std::mutex> &lock, const model_key &key,
                                       const services::cancellation *cancelled);
   models taken_out(const std::function<bool(const loaded_model &)> &which);
   bool expired(const loaded_model &one) const;
   bool wait(std::unique_lock<std::mutex> &lock, const services::cancellation *cancelled);

   const std::vector<std::string> folders_;
   const model_caching caching_;
   std::atomic<bool> may_expire_{false}; // whether there may be a model that nobody holds
   mutable std::mutex mutex_;            // guards all below
   std::condition_variable changed_;
   models models_;
   std::multimap<std::string, shared_object> objects_; // more than one to a key only where nothing is shared
   std::map<std::string, std::pair<file_identity, std::string>> hashes_; // by path
   counts counts_;
};

} // namespace giflab::modules
