// Every file of the corpus goes through `info` and `compare`: values, or one sentence, and nothing worse.

#include "program.hpp"

#include <algorithm>
#include <cstdint>
#include <doctest/doctest.h>

using namespace end_to_end;
namespace fs = std::filesystem;

namespace {

// Files that are larger than `small` bytes are compared by one cheap metric: what is of interest there is
// reading them. Those beyond `most` are left out: test_media reads them to their ends.
struct portion {
   std::uintmax_t small, most;
};
#ifdef SANITIZED
constexpr portion whole_corpus{30'000, UINTMAX_MAX};
#else
constexpr portion whole_corpus{300'000, UINTMAX_MAX};
#endif
constexpr portion part{30'000, 300'000};

std::vector<fs::path> files_below(const char *folder, portion of) {
   std::vector<fs::path> files;
   std::error_code absent;
   for (const fs::directory_entry &entry :
        fs::directory_iterator(fs::path(SHARED_DIRECTORY) / "corpus" / folder, absent))
      if (entry.is_regular_file() && entry.file_size() <= of.most && entry.path().extension() != ".md" &&
          entry.path().extension() != ".tsv")
         files.push_back(fs::canonical(entry.path()));
   std::sort(files.begin(), files.end());
   if (files.empty())
      MESSAGE("skipped: corpus not found");
   return files;
}

std::vector<invocation> infos(const std::vector<fs::path> &files) {
   std::vector<invocation> asked;
   for (const fs::path &file : files)
      asked.push_back({{"info", file}});
   return asked;
}

std::vector<invocation> comparisons(const std::vector<fs::path> &files, portion of) {
   std::vector<invocation> asked;
   for (const fs::path &file : files) {
      asked.push_back({{"compare", file, file, "--quiet", "--threads", "1"}});
      if (fs::file_size(file) > of.small)
         asked.back().arguments.insert(asked.back().arguments.end(), {"--metrics", "mse"});
   }
   return asked;
}

void check_each(const std::vector<fs::path> &files, const std::vector<outcome> &outcomes, bool may_refuse) {
   for (std::size_t i = 0; i < files.size(); ++i) {
      CAPTURE(files[i]);
      CAPTURE(outcomes[i].err);
      CHECK_FALSE(outcomes[i].hung);
      CHECK(sanitizer_report(outcomes[i]).empty());
      if (may_refuse && outcomes[i].code != 0) {
         check_refusal(outcomes[i], 1, files[i].string());
         continue;
      }
      CHECK(outcomes[i].code == 0);
      CHECK(outcomes[i].err.empty());
      CHECK_FALSE(outcomes[i].out.empty());
   }
}

void check_valid(portion of) {
   for (const char *folder : {".", "images"}) {
      const std::vector<fs::path> files = files_below(folder, of);
      check_each(files, giflab_each(infos(files)), false);
      check_each(files, giflab_each(comparisons(files, of)), false);
   }
}

} // namespace

TEST_CASE("valid files and stills of the corpus are told and compared") { check_valid(part); }

// In tools/test all: ctest's test_end_to_end_at_length.
TEST_CASE("the whole corpus: valid files and stills are told and compared" * doctest::skip()) {
   check_valid(whole_corpus);
}

TEST_CASE("damaged files of the corpus give values or one sentence, the same each time") {
   const std::vector<fs::path> files = files_below("corrupt", whole_corpus);
   for (const auto &asked : {infos(files), comparisons(files, whole_corpus)}) {
      const std::vector<outcome> first = giflab_each(asked), second = giflab_each(asked);
      check_each(files, first, true);
      for (std::size_t i = 0; i < files.size(); ++i) {
         CAPTURE(files[i]);
         CHECK(first[i].code == second[i].code);
         CHECK(first[i].out == second[i].out);
         CHECK(first[i].err == second[i].err);
      }
   }
}
