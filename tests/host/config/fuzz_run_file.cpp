// Any bytes at all as a run file and as a file of formulas: an answer, never a crash. This is a libFuzzer
// target where GIFLAB_LIBFUZZER is defined; alone it replays the files that it is given, or mutations of its
// own seeds.

#include "config/file_pattern.hpp"
#include "config/formulas.hpp"
#include "config/run_file.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>

namespace {

using namespace std::string_view_literals;

constexpr std::array<const char *, 7> seeds{
    "[run]\nbatch_size = 4\nbackground = \"#ff0000\"\nplugin_path = [\"a\"]\n[[inputs]]\nreference = "
    "\"a.gif\"\n"
    "distorted = \"b.gif\"\n",
    "[[inputs]]\nreference = \"o/*.gif\"\ncandidates = [\"p/{stem}/*.gif\", \"[a-z]?**\"]\n",
    "[[inputs]]\nreference = \"a\"\ndistorted = \"b\"\n[metrics]\nselect = "
    "[\"all\"]\n[metrics.parameters.\"x.y\"]\n"
    "a = 1\nb = 0.5\nc = true\nd = 'e'\n",
    "[[inputs]]\nreference = \"a\"\ndistorted = \"b\"\n[[outputs]]\nformat = \"csv\"\npath = \"x\"\nper_frame "
    "= true\n"
    "[gates]\nfail_if = [\"ssim.p05 < 0.9\"]\n",
    "[[formulas]]\nid = \"q\"\nversion = \"1\"\ncombine = \"weighted_mean\"\nterms = [{ metric = \"ssim.p05\", "
    "weight "
    "= 0.5, scale = \"logarithmic\", worst = 0, best = 2, required = true }]\n",
    "x = [\"\"\" \"\"\"\", {a.b.c = 1979-05-27T07:32:00Z}, '''\n''''']\n",
    "a.b.c.d = { e = [ [ [ 0x1F, 1e9, nan ] ] ] } # comment\n",
};
constexpr int mutations_a_seed = 3000;

std::string mutated(std::string text, std::mt19937 &random) {
   constexpr std::string_view alphabet = "\"'\\[]{}=.,#\n\r\t \0\xFF\xC3\xBC"
                                         "0129aeinux-_*?"sv;
   const auto below = [&](std::size_t end) {
      return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
   };
   for (std::size_t edits = 1 + below(6); edits > 0 && !text.empty(); --edits) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
      case 0:
         text[at] = alphabet[below(alphabet.size())];
         break;
      case 1:
         text.insert(at, 1, alphabet[below(alphabet.size())]);
         break;
      case 2:
         text.erase(at, 1 + below(8));
         break;
      default:
         text.insert(at, text.substr(below(text.size()), below(200)));
      }
   }
   return text;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size) {
   const std::string_view text(reinterpret_cast<const char *>(data), size);
   (void)giflab::config::parse_formulas(text, "fuzz/a.toml");
   const auto file = giflab::config::parse_run_file(text, "fuzz/a.toml");
   if (!file)
      return 0;
   giflab::config::settings all;
   if (!all.apply(file->settings))
      __builtin_trap(); // what the parser lets through is good
   for (const giflab::config::run_input &input : file->inputs)
      for (const std::string &pattern : input.candidates)
         giflab::config::matches_pattern(pattern, input.reference);
   return 0;
}

#ifndef GIFLAB_LIBFUZZER
int main(int count, char **arguments) {
   const auto run = [](const std::string &text) {
      LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t *>(text.data()), text.size());
   };
   for (int i = 1; i < count; ++i) {
      std::ifstream file(arguments[i], std::ios::binary);
      run(std::string(std::istreambuf_iterator<char>(file), {}));
   }
   std::mt19937 random(1); // NOLINT: the same every time, so that a failure comes back
   for (std::size_t seed = 0; count == 1 && seed < seeds.size(); ++seed) {
      run(seeds[seed]);
      for (int i = 0; i < mutations_a_seed; ++i)
         run(mutated(seeds[seed], random));
   }
   std::puts("no crash");
}
#endif
