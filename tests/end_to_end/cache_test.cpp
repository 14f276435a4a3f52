// Values that are kept from one run for another, and giflab cache.

#include "pictures.hpp"
#include "program.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

using namespace end_to_end;
namespace fs = std::filesystem;

namespace {

using words = std::vector<std::string>;

outcome cached(const fs::path &cache, words arguments) {
   return giflab({.arguments = std::move(arguments),
                  .variables = {{"GIFLAB_CACHE_DIR", cache.string()}, {"GIFLAB_CACHE_SIZE_MB", "64"}},
                  .seconds = 900});
}

// A run file that compares each original of the corpus that is no larger with what was made of it, or with
// itself.
std::string corpus_run(const fs::path &results, std::uintmax_t most_bytes) {
   const fs::path corpus = fs::path(SHARED_DIRECTORY) / "corpus";
   std::string text = "[metrics]\nselect = [\"mse\", \"file_size\", \"timing\"]\n";
   std::error_code absent;
   std::vector<fs::path> files;
   for (const fs::directory_entry &entry : fs::directory_iterator(corpus, absent))
      if (entry.path().extension() == ".gif" && entry.file_size() <= most_bytes)
         files.push_back(fs::canonical(entry.path()));
   std::sort(files.begin(), files.end());
   for (const fs::path &file : files) {
      const fs::path made = corpus / "pairs" / file.stem();
      text += fmt::format("[[inputs]]\nreference = \"{}\"\n", file.string());
      text += fs::is_directory(made)
                  ? fmt::format("candidates = [\"{}/*.gif\"]\n", fs::canonical(made).string())
                  : fmt::format("distorted = \"{}\"\n", file.string());
   }
   if (files.empty())
      return {};
   for (const char *format : {"json", "csv"})
      text += fmt::format("[[outputs]]\nformat = \"{0}\"\npath = \"{1}/results.{0}\"\nper_frame = true\n",
                          format, results.string());
   return text;
}

void check_corpus(std::uintmax_t most_bytes) {
   const fs::path folder = fresh_folder("cached_corpus"), cache = fresh_folder("corpus_cache");
   const std::string text = corpus_run(folder, most_bytes);
   if (text.empty()) {
      MESSAGE("skipped: corpus not found");
      return;
   }
   write_file(folder / "run.toml", text);
   std::vector<std::string> bytes;
   for (int round = 0; round < 3; ++round) {
      const words run = {"run", folder / "run.toml"};
      const outcome ended = round == 0 ? giflab({.arguments = run, .seconds = 900}) : cached(cache, run);
      CAPTURE(ended.err);
      CHECK((ended.code == 0 || ended.code == 4));
      bytes.push_back(contents(folder / "results.json") + contents(folder / "results.csv"));
      if (round == 2)
         CHECK(has(ended.err, "kept from before: "));
      if (round == 2)
         CHECK(has(ended.err, " (100 %)"));
   }
   CHECK(bytes[0].size() > 10'000);
   CHECK(bytes[1] == bytes[0]);
   CHECK(bytes[2] == bytes[0]);
}

} // namespace

TEST_CASE("values are kept from one run for another, with the same bytes of results") {
   const fs::path cache = fresh_folder("cache");
   const std::string a = synthetic_gif(200, 150, 5), b = synthetic_gif(200, 150, 4);
   const words compare = {"compare", a, b, "-q", "--format", "json", "--per-frame", "--log-level", "debug"};
   const outcome plain = giflab(compare);
   CHECK_FALSE(has(plain.err, "results: "));
   const outcome cold = cached(cache, compare);
   CHECK_MESSAGE(cold.code == 0, cold.err);
   CHECK(cold.out == plain.out);
   CHECK(has(cold.err, "results: 0 metrics found, "));
   CHECK(names_in(cache).front() == "results-1.sqlite");
   const outcome warm = cached(cache, compare);
   CHECK(warm.out == plain.out);
   CHECK(has(warm.err, " metrics found, 0 measured"));
   CHECK_FALSE(has(warm.err, "results: 0 metrics found"));
   words level_0 = compare;
   level_0.insert(level_0.end(), {"--opt-level", "0"});
   CHECK_FALSE(has(cached(cache, level_0).err, "results: "));
   words without = compare;
   without.insert(without.end(), {"--cache-dir", cache.string(), "--cache-size-mb", "0"});
   CHECK_FALSE(has(giflab(without).err, "results: "));
}

TEST_CASE("what was measured of some pairs is not taken for all, nor the other way round") {
   const std::string a = synthetic_gif(96, 72, 30), b = synthetic_gif(96, 72, 29);
   const words all = {"compare", a, b, "-q", "--format", "json", "--metrics", "mse,mdsi"};
   words some = all;
   some.insert(some.end(),
               {"--opt-level", "2", "--enable-progressive-calculation", "true", "--fail-if", "mdsi > 0.9"});
   const std::string whole = giflab(all).out, sampled = giflab(some).out;
   REQUIRE(has(sampled, "of 30 pairs"));
   const fs::path first = fresh_folder("sampled_first"), last = fresh_folder("sampled_last");
   for (int i = 0; i < 2; ++i) {
      CHECK(cached(first, some).out == sampled);
      CHECK(cached(first, all).out == whole);
      CHECK(cached(last, all).out == whole);
      CHECK(cached(last, some).out == sampled);
   }
}

TEST_CASE("the corpus gives the same bytes without a cache, cold and warm") { check_corpus(100'000); }

// In tools/test all: ctest's test_end_to_end_at_length.
TEST_CASE("the whole corpus gives the same bytes without a cache, cold and warm" * doctest::skip()) {
   check_corpus(UINTMAX_MAX);
}

TEST_CASE("giflab cache warms, tells, verifies and forgets") {
   const fs::path cache = fresh_folder("kept");
   const std::string a = synthetic_gif(64, 48, 6), b = synthetic_gif(64, 48, 5);
   outcome ended = cached(cache, {"cache", "warm", a, b, a, "--metrics", "mse,ssim"});
   CHECK_MESSAGE(ended.code == 0, ended.err);
   CHECK(ended.out.empty());
   CHECK(has(ended.err, "kept from before: 0 of 4 metrics (0 %)"));
   CHECK(has(cached(cache, {"cache", "status"}).out, "results-1.sqlite: 6 values, "));
   CHECK(has(cached(cache, {"compare", a, b, "--metrics", "mse,ssim", "-q", "--log-level", "debug"}).err,
             "results: 2 metrics found, 0 measured"));
   CHECK(has(cached(cache, {"cache", "verify"}).out, "6 values are as they were kept"));
   std::string bytes = contents(cache / "results-1.sqlite");
   for (std::size_t i = bytes.size() / 3; i < bytes.size(); ++i)
      bytes[i] = static_cast<char>(bytes[i] ^ 0x21);
   write_file(cache / "results-1.sqlite", bytes);
   ended = cached(cache, {"compare", a, b, "--metrics", "mse,ssim", "-q"});
   CHECK(ended.code == 0);
   CHECK(has(ended.err, "damaged and dropped"));
   CHECK(ended.out == giflab({"compare", a, b, "--metrics", "mse,ssim", "-q"}).out);
   CHECK(cached(cache, {"cache", "verify"}).code == 0);
   write_file(cache / "results-1.sqlite",
              std::string(300, '?') + contents(cache / "results-1.sqlite").substr(300));
   ended = cached(cache, {"cache", "verify"});
   CHECK(ended.code == 1);
   CHECK(has(ended.out, "all that it held is dropped"));
   CHECK(cached(cache, {"cache", "verify"}).code == 0);
   CHECK(cached(cache, {"cache", "clear"}).code == 0);
   CHECK(has(cached(cache, {"cache", "status"}).out, ": 0 values, "));
   ended = cached(cache, {"cache", "warm", a, "nowhere.gif", b, "--metrics", "mse", "-q"});
   CHECK(ended.code == 4);
   CHECK(has(ended.err, "nowhere.gif"));
   CHECK(has(cached(cache, {"cache", "status"}).out, ": 2 values, "));
   CHECK(cached(cache, {"cache", "warm", a, b, "--metrics", "mse", "--fail-if", "mse > 0", "-q"}).code == 3);
   check_refusal(cached(a, {"cache", "warm", a, b}), 1, "GIFLAB_CACHE_DIR"); // a file is no folder
   check_refusal(giflab({"cache", "warm", a, b}), 2, "GIFLAB_CACHE_SIZE_MB is 0");
   check_refusal(cached(cache, {"cache", "warm", a, b, "--opt-level", "1"}), 2, "nothing is kept at level 1");
   check_refusal(giflab({"cache", "status", "--cache-dir", "/dev/null/x"}), 1, "GIFLAB_CACHE_DIR");
}
