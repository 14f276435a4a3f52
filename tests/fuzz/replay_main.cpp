// Runs a fuzz target without a fuzzer: over the built-in seeds, the files of the folders that are named, and
// a fixed set of damaged copies of each.

#include "seeds.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size);

namespace {

namespace fs = std::filesystem;
using bytes = std::vector<uint8_t>;

constexpr int copies = 40;

// The same numbers on every machine.
class numbers {
 public:
   std::size_t below(std::size_t limit) {
      state_ = state_ * 6364136223846793005u + 1442695040888963407u;
      return static_cast<std::size_t>(state_ >> 33) % limit;
   }

 private:
   uint64_t state_ = 1;
};

void run(const bytes &input) { (void)LLVMFuzzerTestOneInput(input.data(), input.size()); }

void run_damaged(const bytes &whole, numbers &chance) {
   run(whole);
   for (int copy = 0; copy < copies && !whole.empty(); ++copy) {
      bytes damaged = whole;
      for (std::size_t changes = 1 + chance.below(4); changes > 0; --changes)
         damaged[chance.below(std::min<std::size_t>(damaged.size(), 4096))] =
             static_cast<uint8_t>(chance.below(256));
      if (copy % 4 == 0)
         damaged.resize(chance.below(damaged.size()) + 1);
      run(damaged);
   }
}

std::vector<fs::path> files_in(const char *folder) {
   std::vector<fs::path> found;
   std::error_code none;
   for (const auto &each : fs::directory_iterator(folder, none))
      if (each.is_regular_file())
         found.push_back(each.path());
   std::sort(found.begin(), found.end());
   return found;
}

} // namespace

int main(int count, char **folders) {
   numbers chance;
   const auto built_in = giflab::tests::seeds();
   for (const bytes &seed : built_in)
      run_damaged(seed, chance);
   std::size_t files = 0;
   for (int i = 1; i < count; ++i)
      for (const fs::path &path : files_in(folders[i])) {
         std::ifstream file(path, std::ios::binary);
         run_damaged(bytes(std::istreambuf_iterator<char>(file), {}), chance);
         ++files;
      }
   std::printf("replayed %zu seeds and %zu files, and %d damaged copies of each\n", built_in.size(), files,
               copies);
   return 0;
}
