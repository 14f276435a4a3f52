// Comparing again and again takes no more memory, descriptors, threads, processes or temporary files than at
// first.

#include "engine/compare.hpp"
#include "holdings.hpp"
#include "modules/catalogue.hpp"
#include "scratch_folder.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

using namespace giflab;
using leaks::growth;
using leaks::growth_over;
namespace fs = std::filesystem;

namespace {

// Of memory, a turn. A leak of a picture's size, or of a row of results, is well above it; pages come in fours
// of thousands, and 800 turns tell 64 bytes apart from nothing only where little else moves.
constexpr double tolerable_bytes = 256;

// A folder of its own, which is TMPDIR as long as it lives.
class temporary_folder {
 public:
   temporary_folder() {
      before_ = std::getenv("TMPDIR") ? std::getenv("TMPDIR") : "";
      setenv("TMPDIR", folder_.path().c_str(), 1);
   }
   ~temporary_folder() { before_.empty() ? unsetenv("TMPDIR") : setenv("TMPDIR", before_.c_str(), 1); }
   temporary_folder(const temporary_folder &) = delete;
   temporary_folder &operator=(const temporary_folder &) = delete;
   std::string path() const { return folder_.path().string(); }

 private:
   const tests::scratch_folder folder_;
   std::string before_;
};

std::string make_gif(const fs::path &folder, const std::string &step) {
   std::string path = (folder / (step + ".gif")).string();
   REQUIRE(std::system(fmt::format("{} {} 24 20 2 scene {}", SYNTHETIC_GIF, path, step).c_str()) == 0);
   return path;
}

void check_counts(const growth &found) {
   CHECK(found.after.descriptors == found.before.descriptors);
   CHECK(found.after.threads == found.before.threads);
   CHECK(found.after.children == found.before.children);
   CHECK(found.after.temporary_files == found.before.temporary_files);
   CHECK(found.after.temporary_bytes == found.before.temporary_bytes);
}

const services::cancellation never;

} // namespace

TEST_CASE("a thousand comparisons hold nothing in the end that two hundred did not") {
   const temporary_folder temporary, inputs;
   const std::string reference = make_gif(inputs.path(), "1"), distorted = make_gif(inputs.path(), "24");
   const auto found = modules::catalogue::discover({BUILTIN_PLUGINS}, 1);
   REQUIRE(found);
   engine::machine on(2, never);
   const auto plan = engine::select_metrics(*found, {"default"}, {}, &on);
   REQUIRE(plan);
   const growth grown = growth_over(200, 800, temporary.path(), [&] {
      const auto compared = engine::compare(reference, distorted, *plan, {}, on, {});
      REQUIRE(compared);
      REQUIRE(compared->alignment.pairs == 2);
   });
   MESSAGE(grown.resident_bytes, " bytes a comparison; ", grown.before.resident_bytes, " bytes held before, ",
           grown.after.resident_bytes, " after");
   CHECK(grown.resident_bytes < tolerable_bytes);
   check_counts(grown);
}

TEST_CASE("a machine takes along what it held") {
   const temporary_folder temporary, inputs;
   const std::string reference = make_gif(inputs.path(), "1"), distorted = make_gif(inputs.path(), "24");
   const auto found = modules::catalogue::discover({BUILTIN_PLUGINS}, 1);
   REQUIRE(found);
   const growth grown = growth_over(10, 40, temporary.path(), [&] {
      engine::machine on(3, never);
      const auto plan = engine::select_metrics(*found, {"ssim"}, {}, &on);
      REQUIRE(plan);
      REQUIRE(engine::compare(reference, distorted, *plan, {}, on, {}));
   });
   CHECK(grown.resident_bytes < 16 * tolerable_bytes); // a few turns only
   check_counts(grown);
}

TEST_CASE("what leaks is seen") {
   const temporary_folder temporary;
   std::vector<std::unique_ptr<char[]>> kept;
   SUBCASE("memory") {
      const growth grown = growth_over(200, 800, temporary.path(), [&] {
         kept.push_back(std::make_unique<char[]>(600)); // zeroed, and so touched
      });
      CHECK(grown.resident_bytes > tolerable_bytes);
   }
   SUBCASE("memory that is given back is none") {
      const growth grown = growth_over(200, 800, temporary.path(), [&] {
         kept.clear();
         kept.push_back(std::make_unique<char[]>(60'000));
      });
      CHECK(grown.resident_bytes < tolerable_bytes);
      check_counts(grown);
   }
   SUBCASE("descriptors, threads and temporary files") {
      std::vector<std::jthread> threads;
      std::vector<int> descriptors;
      const growth grown = growth_over(0, 40, temporary.path(), [&] {
         descriptors.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
         std::ofstream(fs::path(temporary.path()) / std::to_string(descriptors.size())) << "four";
         threads.emplace_back([](const std::stop_token &asked) {
            while (!asked.stop_requested())
               std::this_thread::sleep_for(std::chrono::milliseconds(1));
         });
      });
      CHECK(grown.after.descriptors - grown.before.descriptors == 40);
      CHECK(grown.after.threads - grown.before.threads == 40);
      CHECK(grown.after.temporary_files == 40);
      CHECK(grown.after.temporary_bytes == 160);
      for (const int descriptor : descriptors)
         close(descriptor);
   }
}
