// Files that cannot be compared, and files that only look so.

#include "pictures.hpp"
#include "program.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

using namespace end_to_end;
namespace fs = std::filesystem;

namespace {

// Every command that opens a picture refuses it alike, on either side.
void check_refused_everywhere(const fs::path &file, const std::string &reason) {
   const std::string good = synthetic_gif(64, 48, 6);
   for (const std::vector<std::string> &arguments : {std::vector<std::string>{"info", file},
                                                     {"info", file, "--format", "json"},
                                                     {"compare", file, good},
                                                     {"compare", good, file},
                                                     {"compare", file, file, "--format", "json"}}) {
      CAPTURE(fmt::format("{}", fmt::join(arguments, " ")));
      const outcome ended = giflab(arguments);
      check_refusal(ended, 1, file.string());
      check_refusal(ended, 1, reason);
   }
}

fs::path file_with(const std::string &name, const std::string &bytes) {
   static const fs::path folder = fresh_folder("bad_inputs");
   write_file(folder / name, bytes);
   return folder / name;
}

nlohmann::json comparison(const fs::path &reference, const fs::path &distorted) {
   const outcome ended = giflab({"compare", reference, distorted, "--quiet", "--format", "json"});
   CAPTURE(ended.err);
   REQUIRE(ended.code == 0);
   return nlohmann::json::parse(ended.out);
}

} // namespace

TEST_CASE("what is no picture is refused with its name and the reason") {
   check_refused_everywhere("/nowhere/at/all.gif", "there is no such file");
   check_refused_everywhere(file_with("empty.gif", ""), "empty");
   check_refused_everywhere(file_with("text.gif", "Dear diary, this is no picture.\n"), "is not a GIF");
   check_refused_everywhere(fresh_folder("no_pictures"), "holds no");
}

TEST_CASE("a file that may not be read is refused with its name and the reason") {
   const fs::path file = file_with("secret.gif", bytes_of({}));
   chmod(file.c_str(), 0);
   if (std::ifstream(file).good())
      MESSAGE("skipped: this user reads files whatever their permissions");
   else
      check_refused_everywhere(file, "ermission");
   chmod(file.c_str(), 0600);
}

TEST_CASE("pipes and devices are refused at once") {
   const fs::path pipe = fresh_folder("pipes") / "pipe.gif";
   REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
   check_refused_everywhere(pipe, "is not a regular file");
   check_refused_everywhere("/dev/zero", "is not a regular file");
   check_refused_everywhere("/dev/null", "is not a regular file");
}

TEST_CASE("sizes that differ are refused with the way out") {
   const std::string a = synthetic_gif(64, 48, 6), b = synthetic_gif(60, 48, 6);
   const outcome ended = giflab({"compare", a, b});
   check_refusal(ended, 1, a + " is 64x48 and " + b + " is 60x48");
   check_refusal(ended, 1, "--resize distorted:lanczos");
}

TEST_CASE("one frame is compared with many, and the report says what was held") {
   const auto found = comparison(synthetic_gif(64, 48, 6), synthetic_gif(64, 48, 1));
   CHECK(found["alignment"]["pairs"] == 6);
   CHECK(found["alignment"]["dropped"] == 5);
   REQUIRE(found["alignment"]["notes"].size() >= 1);
   CHECK(has(found["alignment"]["notes"][0], "does not move; it is held"));
}

TEST_CASE("delays of zero play as browsers play them") {
   const fs::path file = file_with("zero_delays.gif", bytes_of({.frames = {{0, 0}, {1, 0}, {2, 0}}}));
   CHECK(comparison(file, file)["reference"]["duration_ms"] == 300);
   const outcome ended = giflab({"compare", file, file, "-q", "--format", "json", "--browser-delays", "false"});
   CAPTURE(ended.err);
   CHECK_FALSE(ended.hung);
   CHECK((ended.code == 0 || ended.code == 1));
   CHECK(sanitizer_report(ended).empty());
}

TEST_CASE("a picture of one pixel has values, or reasons for having none") {
   const fs::path file = file_with("pixel.gif", bytes_of({.width = 1, .height = 1}));
   const auto found = comparison(file, file);
   CHECK(found["metrics"]["mse"]["value"] == 0);
   for (const auto &[name, metric] : found["metrics"].items()) {
      CAPTURE(name);
      CHECK((metric["value"].is_null() ? metric["reason"].is_string() : metric["status"] == "present"));
   }
}

TEST_CASE("a huge canvas is refused, and its limit is named") {
   const fs::path file = file_with("huge.gif", bytes_of({.canvas_width = 65535, .canvas_height = 65535}));
   check_refused_everywhere(file, "--max-pixels");
}

TEST_CASE("limits that are lowered are kept") {
   const std::string gif = synthetic_gif(64, 48, 6);
   check_refusal(giflab({"info", gif, "--max-pixels", "3071"}), 1, "--max-pixels");
   check_refusal(giflab({"info", gif, "--max-frames", "5"}), 1, "--max-frames");
   check_refusal(giflab({"info", gif, "--max-file-bytes", "1K"}), 1, "--max-file-bytes");
   CHECK(giflab({"info", gif, "--max-pixels", "3072", "--max-frames", "6"}).code == 0);
}

TEST_CASE("a GIF cut anywhere gives its whole frames or one sentence") {
   const std::string whole = contents(synthetic_gif(40, 30, 3));
   std::vector<std::size_t> lengths;
   for (std::size_t length = 1; length < 64; ++length)
      lengths.push_back(length);
   for (std::size_t eighth = 1; eighth < 8; ++eighth)
      lengths.push_back(whole.size() * eighth / 8);
   lengths.push_back(whole.size() - 1);
   std::vector<invocation> asked;
   for (const std::size_t length : lengths)
      asked.push_back({{"info", file_with(fmt::format("cut{}.gif", length), whole.substr(0, length))}});
   const std::vector<outcome> ended = giflab_each(asked);
   for (std::size_t i = 0; i < ended.size(); ++i) {
      CAPTURE(lengths[i]);
      CAPTURE(ended[i].err);
      if (ended[i].code != 0 || lengths[i] < 64)
         check_refusal(ended[i], 1, fmt::format("cut{}.gif", lengths[i]));
      else
         CHECK(has(ended[i].out, "warning"));
   }
   CHECK(ended[lengths.size() - 2].code == 0); // seven eighths of three frames hold two
}

TEST_CASE("noise behind the header of a GIF ends in values or in one sentence") {
   uint32_t state = 1; // a linear congruential generator: the same noise everywhere
   std::vector<invocation> asked;
   for (int i = 0; i < 40; ++i) {
      std::string bytes = bytes_of({}).substr(0, i % 2 ? 13 : 13 + 3 * 128); // with and without a palette
      for (int j = 0; j < 400; ++j)
         bytes += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
      const fs::path file = file_with(fmt::format("noise{}.gif", i), bytes);
      asked.push_back({{"compare", file, file, "-q", "--metrics", "mse"}});
   }
   for (const outcome &ended : giflab_each(asked)) {
      CAPTURE(ended.err);
      if (ended.code != 0)
         check_refusal(ended, 1, "noise");
      CHECK(sanitizer_report(ended).empty());
   }
}
