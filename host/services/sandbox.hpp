#pragma once
// Temporary files: one private folder of a process, one in it for every call, and nothing left of either.

#include "error.hpp"
#include "services/descriptor.hpp"
#include "services/unnamed_file.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace giflab::services {

// The folder, "giflab-run-..." and readable by nobody else, is made when the first call asks for one, and goes
// with the sandbox. A locked file in it says that its owner lives; what owners left that were killed is swept
// away by the next sandbox that makes a folder. All functions: any thread.
class sandbox {
 public:
   // Folders lie under `parent`; empty: where the system keeps temporary files. Nothing is made yet.
   explicit sandbox(std::filesystem::path parent = {}, uint64_t quota_bytes = default_quota);
   ~sandbox();
   sandbox(const sandbox &) = delete;
   sandbox &operator=(const sandbox &) = delete;

   // The private folder of one call; gone, with all that is in it, when this object is. The sandbox outlives
   // it.
   class call_folder {
    public:
      ~call_folder();
      call_folder(call_folder &&other) noexcept;
      call_folder &operator=(call_folder &&) = delete;

      const std::filesystem::path &path() const { return path_; }

      // The path of a file that is not there yet, with `suffix` (such as ".gif") behind its name. An error if
      // the quota of all calls together is spent, or the suffix does not belong in a name.
      result<std::string> fresh(std::string_view suffix);

    private:
      friend class sandbox;
      call_folder(sandbox &owner, std::filesystem::path path) : owner_(&owner), path_(std::move(path)) {}

      sandbox *owner_;
      std::filesystem::path path_;
      uint32_t files_ = 0;
   };
   result<call_folder> open_call();

   // A file for what would not stay in memory. An error if it cannot be made, or would lie in memory: there it
   // would be no gain. May outlive the sandbox.
   result<std::shared_ptr<unnamed_file>> open_unnamed();

   // The folder of this sandbox; empty as long as no call asked for one.
   std::filesystem::path path() const;

   // Removes the folders of this user's dead owners under `parent`; gives their number. Never one whose owner
   // lives, another user's, or what a link leads to.
   static int sweep(const std::filesystem::path &parent);

   static constexpr uint64_t default_quota = uint64_t{4} << 30;

 private:
   result<void> make_folder();
   result<bool> try_folder(const std::filesystem::path &parent);

   const std::filesystem::path parent_;
   const uint64_t quota_;
   mutable std::mutex mutex_; // guards path_ and lock_
   std::filesystem::path path_;
   descriptor lock_;
   std::atomic<uint64_t> calls_{0};
   // What files without a name take of the quota.
   std::shared_ptr<std::atomic<uint64_t>> unnamed_bytes_ = std::make_shared<std::atomic<uint64_t>>(0);
};

} // namespace giflab::services
