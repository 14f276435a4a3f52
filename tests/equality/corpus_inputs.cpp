#include "corpus_inputs.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fmt/format.h>
#include <vector>

namespace equality {

namespace fs = std::filesystem;

namespace {

// What the share takes: these candidates, of few pixels, and files up to so many bytes.
constexpr std::array small_candidates = {"render-newton-cradle/drop2", "render-newton-cradle/lossy200",
                                         "photo-brink-bayer/colors16"};
constexpr std::uintmax_t small_original = 5'100;

const fs::path corpus = fs::path(SHARED_DIRECTORY) / "corpus";

std::vector<fs::path> files_in(const fs::path &folder) {
   std::vector<fs::path> files;
   std::error_code absent;
   for (const fs::directory_entry &entry : fs::directory_iterator(folder, absent))
      if (entry.path().extension() == ".gif")
         files.push_back(fs::canonical(entry.path()));
   std::sort(files.begin(), files.end());
   return files;
}

void add(inputs &to, const fs::path &reference, const fs::path &distorted) {
   to.toml += fmt::format("[[inputs]]\nreference = \"{}\"\ndistorted = \"{}\"\n", reference.string(),
                          distorted.string());
   ++to.pairs;
}

bool taken(const fs::path &file) { return whole_corpus() || fs::file_size(file) <= small_original; }

inputs told(inputs found) {
   if (found.pairs == 0)
      MESSAGE("skipped: corpus not found");
   return found;
}

} // namespace

bool whole_corpus() { return std::getenv("GIFLAB_TEST_WHOLE_CORPUS") != nullptr; }

inputs candidates(std::size_t most) {
   inputs all;
   if (whole_corpus()) {
      for (const fs::path &original : files_in(corpus))
         for (const fs::path &made : files_in(corpus / "pairs" / original.stem()))
            add(all, original, made);
      return told(all);
   }
   for (std::size_t i = 0; i < std::min(most, small_candidates.size()); ++i) {
      const fs::path made = corpus / "pairs" / (std::string(small_candidates[i]) + ".gif");
      if (fs::exists(made))
         add(all, fs::canonical(corpus / (made.parent_path().filename().string() + ".gif")),
             fs::canonical(made));
   }
   return told(all);
}

inputs originals() {
   inputs all;
   for (const fs::path &original : files_in(corpus))
      if (taken(original))
         add(all, original, original);
   return told(all);
}

inputs damaged() {
   inputs all;
   for (const fs::path &file : files_in(corpus / "corrupt"))
      if (taken(file))
         add(all, file, file);
   return told(all);
}

inputs neighbours() {
   inputs all;
   const std::vector<fs::path> files = files_in(corpus);
   for (std::size_t i = 0; i + 1 < files.size(); ++i)
      if (taken(files[i]) && taken(files[i + 1]))
         add(all, files[i], files[i + 1]);
   return told(all);
}

} // namespace equality
