#include "services/sandbox.hpp"

#include "scratch_folder.hpp"
#include "services/folder_tree.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <thread>
#include <vector>

using namespace giflab;
using namespace giflab::services;
using giflab::tests::scratch_folder;
namespace fs = std::filesystem;

namespace {

void write(const fs::path &path, std::size_t bytes = 3) { std::ofstream(path) << std::string(bytes, 'x'); }

unsigned mode_of(const fs::path &path) {
   struct stat about {};
   REQUIRE(lstat(path.c_str(), &about) == 0);
   return about.st_mode & 07777;
}

// Leaves the folder of an owner that was killed; gives its path.
fs::path dead_owners_folder(const fs::path &parent) {
   const pid_t process = fork();
   if (process == 0) {
      sandbox box(parent);
      const auto call = box.open_call();
      if (call)
         write(call->path() / "left");
      _exit(call ? 0 : 1);
   }
   int status = 0;
   waitpid(process, &status, 0);
   REQUIRE(status == 0);
   for (const auto &entry : fs::directory_iterator(parent))
      if (fs::exists(entry.path() / "call-1" / "left"))
         return entry.path();
   FAIL("nothing was left");
   return {};
}

} // namespace

TEST_CASE("folders are private, and gone with the call and the sandbox") {
   const scratch_folder place;
   {
      sandbox box(place.path());
      CHECK(place.entries() == 0); // nothing before somebody asks
      CHECK(box.path().empty());
      fs::path folder;
      {
         auto call = box.open_call();
         REQUIRE(call);
         folder = call->path();
         CHECK(mode_of(folder) == 0700);
         CHECK(mode_of(box.path()) == 0700);
         CHECK(mode_of(box.path() / "owner.lock") == 0600);
         CHECK(folder.parent_path() == box.path());

         const auto first = call->fresh(".gif"), second = call->fresh(".gif");
         REQUIRE(first);
         REQUIRE(second);
         CHECK(*first != *second);
         CHECK(first->ends_with(".gif"));
         CHECK(fs::path(*first).parent_path() == folder);
         CHECK_FALSE(fs::exists(*first));
         write(*first);

         const auto other = box.open_call();
         REQUIRE(other);
         CHECK(other->path() != folder);
      }
      CHECK_FALSE(fs::exists(folder));
      CHECK(place.entries() == 1);
   }
   CHECK(place.entries() == 0);
}

TEST_CASE("a suffix cannot lead out of the folder") {
   const scratch_folder place;
   sandbox box(place.path());
   auto call = box.open_call();
   REQUIRE(call);
   CHECK_FALSE(call->fresh("/../x"));
   CHECK_FALSE(call->fresh("/x"));
   CHECK_FALSE(call->fresh(std::string(5000, 'x')));
   for (const char *suffix : {"", "..", " two words'\"\n.gif"}) {
      const auto path = call->fresh(suffix);
      REQUIRE(path);
      CHECK(fs::path(*path).parent_path() == call->path());
      write(*path);
      CHECK(fs::exists(*path));
   }
}

TEST_CASE("removal takes everything but what links lead to") {
   const scratch_folder place;
   fs::create_directories(place.path() / "outside" / "folder");
   write(place.path() / "outside" / "folder" / "precious");
   const fs::path inside = place.path() / "inside";
   fs::create_directories(inside / "deep" / "deeper");
   write(inside / "deep" / "deeper" / "file");
   fs::create_directory_symlink(place.path() / "outside", inside / "link");
   fs::create_symlink("nowhere", inside / "deep" / "dangling");
   fs::create_symlink(place.path() / "outside" / "folder" / "precious", inside / "to_a_file");
   REQUIRE(mkfifo((inside / "fifo").c_str(), 0600) == 0);
   fs::permissions(inside / "deep", fs::perms::none);
   CHECK(remove_tree(inside));
   CHECK_FALSE(fs::exists(inside));
   CHECK(fs::exists(place.path() / "outside" / "folder" / "precious"));
   CHECK(remove_tree(inside)); // what is not there is fine

   // The link itself goes, where it is what is to be removed.
   fs::create_directory_symlink(place.path() / "outside", place.path() / "link");
   CHECK(remove_tree(place.path() / "link"));
   CHECK_FALSE(fs::is_symlink(place.path() / "link"));
   CHECK(fs::exists(place.path() / "outside" / "folder" / "precious"));
}

TEST_CASE("the folders of the dead are swept, and nobody else's") {
   const scratch_folder place;
   sandbox living(place.path());
   const auto call = living.open_call();
   REQUIRE(call);
   write(call->path() / "mine");
   const fs::path dead = dead_owners_folder(place.path());
   REQUIRE(dead != living.path());

   fs::create_directory(place.path() / "giflab-other");
   fs::create_directory(place.path() / "giflab-run-but-not-ours");
   write(place.path() / "giflab-run-but-not-ours" / "file"); // no lock file, and something else in it
   fs::create_directory(place.path() / "giflab-run-empty");  // of one killed before it made its lock file
   write(place.path() / "giflab-run-file");
   fs::create_directory(place.path() / "target");
   write(place.path() / "target" / "owner.lock");
   fs::create_directory_symlink(place.path() / "target", place.path() / "giflab-run-link");

   CHECK(sandbox::sweep(place.path()) == 2);
   CHECK_FALSE(fs::exists(dead));
   CHECK_FALSE(fs::exists(place.path() / "giflab-run-empty"));
   CHECK(fs::exists(call->path() / "mine"));
   for (const char *name : {"giflab-other", "giflab-run-but-not-ours/file", "giflab-run-file",
                            "giflab-run-link", "target/owner.lock"})
      CHECK_MESSAGE(fs::exists(place.path() / name), name);
   CHECK(sandbox::sweep(place.path()) == 0);
   CHECK(sandbox::sweep(place.path() / "nowhere") == 0);
}

TEST_CASE("the first folder of a sandbox sweeps") {
   const scratch_folder place;
   const fs::path dead = dead_owners_folder(place.path());
   sandbox box(place.path());
   CHECK(fs::exists(dead));
   CHECK(box.open_call());
   CHECK_FALSE(fs::exists(dead));
}

TEST_CASE("a spent quota gives no more paths until something is removed") {
   const scratch_folder place;
   SUBCASE("of nothing") {
      sandbox box(place.path(), 0);
      auto call = box.open_call();
      REQUIRE(call);
      const auto path = call->fresh(".gif");
      REQUIRE_FALSE(path);
      CHECK(path.error().text.find("0 are the most there may be") != std::string::npos);
   }
   SUBCASE("over all calls") {
      sandbox box(place.path(), 1 << 20);
      auto one = box.open_call(), other = box.open_call();
      REQUIRE((one && other));
      const auto large = one->fresh("");
      REQUIRE(large);
      write(*large, 2 << 20);
      CHECK_FALSE(one->fresh(""));
      CHECK_FALSE(other->fresh(""));
      fs::remove(*large);
      CHECK(other->fresh(""));
   }
}

TEST_CASE("a place where nothing can be made is an error that names it") {
   sandbox box("/proc/nowhere");
   const auto call = box.open_call();
   REQUIRE_FALSE(call);
   CHECK(call.error().text.find("/proc/nowhere: no temporary folder can be made there") != std::string::npos);
}

TEST_CASE("sandboxes side by side, and many threads in one, never share a path") {
   const scratch_folder place;
   std::vector<std::unique_ptr<sandbox>> boxes;
   std::mutex mutex;
   std::set<std::string> paths;
   std::vector<std::thread> threads;
   for (int i = 0; i < 4; ++i)
      boxes.push_back(std::make_unique<sandbox>(place.path()));
   for (int i = 0; i < 8; ++i)
      threads.emplace_back([&, i] {
         for (int k = 0; k < 20; ++k) {
            auto call = boxes[static_cast<std::size_t>(i / 2)]->open_call();
            const auto path = call ? call->fresh(".x") : result<std::string>(tl::unexpected(call.error()));
            if (!path)
               continue;
            write(*path);
            std::lock_guard lock(mutex);
            paths.insert(*path);
         }
      });
   for (std::thread &thread : threads)
      thread.join();
   CHECK(paths.size() == 160);
   CHECK(place.entries() == 4);
   boxes.clear();
   CHECK(place.entries() == 0);
}
