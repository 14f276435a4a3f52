#include "services/unnamed_file.hpp"

#include "scratch_folder.hpp"
#include "services/sandbox.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

using namespace giflab;
using namespace giflab::services;
using giflab::tests::scratch_folder;
namespace fs = std::filesystem;

namespace {

// On the disk that the tests are built on: where the system keeps temporary files may be memory.
const fs::path disk = fs::current_path();

std::vector<std::byte> pattern(std::size_t count, int seed) {
   std::vector<std::byte> made(count);
   for (std::size_t i = 0; i < count; ++i)
      made[i] = static_cast<std::byte>(i * 7 + static_cast<std::size_t>(seed));
   return made;
}

bool holds(const block &mapped, const std::vector<std::byte> &expected) {
   return mapped && mapped.size() == expected.size() &&
          std::memcmp(mapped.data(), expected.data(), expected.size()) == 0;
}

} // namespace

TEST_CASE("what was put is mapped again, in any order, also when file and sandbox are gone") {
   const scratch_folder here(disk);
   auto box = std::make_unique<sandbox>(here.path());
   auto file = box->open_unnamed();
   REQUIRE_MESSAGE(file, (file ? "" : file.error().text));
   std::vector<std::vector<std::byte>> all;
   std::vector<uint64_t> places;
   for (const std::size_t count : {std::size_t{1}, std::size_t{4096}, std::size_t{70001}}) {
      all.push_back(pattern(count, static_cast<int>(count)));
      const auto place = (*file)->put(all.back());
      REQUIRE(place);
      places.push_back(*place);
   }
   block kept = (*file)->map(places[2], all[2].size());
   for (const std::size_t i : {std::size_t{1}, std::size_t{0}, std::size_t{2}})
      CHECK(holds((*file)->map(places[i], all[i].size()), all[i]));
   const block moved = std::move(kept);
   file->reset();
   box.reset();
   CHECK(holds(moved, all[2]));
   CHECK(fs::is_empty(here.path()));
}

TEST_CASE("no file without a name is seen, and each counts against the quota of all") {
   const scratch_folder here(disk);
   sandbox box(here.path(), 45'000); // of which two folders take 8192
   auto first = box.open_unnamed(), second = box.open_unnamed();
   REQUIRE(first);
   REQUIRE(second);
   for (const auto &entry : fs::recursive_directory_iterator(box.path()))
      CHECK(entry.path().filename() == "owner.lock");
   REQUIRE((*first)->put(pattern(16'384, 1)));
   REQUIRE((*second)->put(pattern(16'384, 2)));
   const auto refused = (*second)->put(pattern(16'384, 3));
   REQUIRE_FALSE(refused);
   CHECK(refused.error().text.find("45000 bytes") != std::string::npos);
   CHECK((*second)->size() == 16'384);
   auto call = box.open_call();
   REQUIRE(call);
   CHECK(call->fresh(".gif"));
   REQUIRE((*second)->put(pattern(4096, 3)));
   first->reset();
   CHECK((*second)->put(pattern(16'384, 3))); // what went gives its room back
}

TEST_CASE("a file without a name leaves less for those of calls") {
   const scratch_folder here(disk);
   sandbox box(here.path(), 16'384); // of which two folders take 8192
   auto file = box.open_unnamed();
   REQUIRE(file);
   auto call = box.open_call();
   REQUIRE(call);
   REQUIRE((*file)->put(pattern(16'384, 1)));
   CHECK_FALSE(call->fresh(".gif"));
   file->reset();
   CHECK(call->fresh(".gif"));
}

TEST_CASE("in a folder that lies in memory there is none") {
   const fs::path memory = "/dev/shm";
   if (access(memory.c_str(), W_OK) != 0) {
      MESSAGE("skipped: no folder in memory here");
      return;
   }
   sandbox box(memory);
   const auto file = box.open_unnamed();
   REQUIRE_FALSE(file);
   CHECK(file.error().text.find("lies in memory") != std::string::npos);
}
