#pragma once
// Weights and what plugins build from them: found, verified, loaded once, shared for as long as somebody holds
// them. The part of giflab.models/1 that needs no call.

#include "error.hpp"
#include "services/cancellation.hpp"

#include <giflab/plugin.h>

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

// All functions: any thread. Nothing that is held is used after the registry is gone.
class model_registry {
 public:
   // `folders` are searched in their order, for a file named as the model's id, then as the id with one
   // extension behind it.
   explicit model_registry(std::vector<std::string> folders);
   ~model_registry();
   model_registry(const model_registry &) = delete;
   model_registry &operator=(const model_registry &) = delete;

   // The file of a model, mapped into memory read-only, of the declared size and SHA-256 (computed once for a
   // file that does not change). Every success is balanced by a release. Blocks while it reads, or waits for
   // another thread that loads the same. The error is of the kind cancelled where `cancelled` (may be null)
   // asks for it; else its sentence says which paths were tried and where the model comes from.
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

   // How many acquires and gets are not yet balanced.
   std::size_t models_held() const;
   std::size_t objects_held() const;

   // How many files were read to compute their SHA-256.
   std::size_t files_verified() const;

 private:
   struct mapped_file;
   struct loaded_model;
   struct shared_object;
   // A file's content is taken for unchanged while all of these are.
   using file_identity = std::tuple<uint64_t, uint64_t, int64_t, int64_t, int64_t>;
   using model_key = std::pair<std::string, std::string>; // id and SHA-256

   result<std::unique_ptr<mapped_file>> load(const giflab_model_source &source,
                                             const services::cancellation *cancelled);
   result<std::unique_ptr<mapped_file>> load_file(const std::string &path, const giflab_model_source &source,
                                                  const services::cancellation *cancelled);
   result<std::string> hash_of(const std::string &path, int descriptor, const file_identity &identity,
                               const services::cancellation *cancelled);
   bool wait(std::unique_lock<std::mutex> &lock, const services::cancellation *cancelled);

   const std::vector<std::string> folders_;
   mutable std::mutex mutex_; // guards all below
   std::condition_variable changed_;
   std::map<model_key, std::unique_ptr<loaded_model>> models_;
   std::map<std::string, std::unique_ptr<shared_object>> objects_;
   std::map<file_identity, std::string> hashes_;
   std::size_t files_verified_ = 0;
};

} // namespace giflab::modules
