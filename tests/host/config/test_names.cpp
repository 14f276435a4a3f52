#include "config/nearest_name.hpp"
#include "config/output_format.hpp"
#include "config/printable.hpp"

#include <doctest/doctest.h>

using namespace giflab::config;

namespace {

const std::vector<std::string> metrics{"psnr", "psnr_y", "ssim", "ms_ssim", "mse"};

} // namespace

TEST_CASE("the nearest names are those with the fewest edits") {
   CHECK(nearest_name("psnr", metrics) == std::vector<std::string>{"psnr"});
   CHECK(nearest_name("PSNR-Y", metrics) == std::vector<std::string>{"psnr_y"});
   CHECK(nearest_name("sism", metrics) == std::vector<std::string>{"ssim"}); // two letters swapped: one edit
   CHECK(nearest_name("ms", metrics) == std::vector<std::string>{"mse"});
   CHECK(nearest_name("aa", std::vector<std::string>{"ab", "ac", "ad", "ae"}).size() == 3);
   CHECK(nearest_name("x", std::vector<std::string>{}).empty());
   CHECK(nearest_name("", metrics) == std::vector<std::string>{"mse"});
}

TEST_CASE("a hostile name costs no time") {
   CHECK(nearest_name(std::string(1 << 20, 'a'), metrics).size() <= 3);
}

TEST_CASE("suggestions end a sentence") {
   CHECK(did_you_mean("ssimm", metrics) == "did you mean ssim?");
   CHECK(did_you_mean("aa", std::vector<std::string>{"ab", "ac", "ad"}) == "did you mean ab, ac or ad?");
   CHECK(did_you_mean("aa", std::vector<std::string>{}) == "none are known");
}

TEST_CASE("bytes that are no characters are shown as what they are") {
   CHECK(valid_utf8("gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80") == "gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80");
   CHECK(valid_utf8("a\xFF"
                    "b") == "a\\xFFb");
   CHECK(valid_utf8("\xC0\xAF") == "\\xC0\\xAF");                   // overlong
   CHECK(valid_utf8("\xE0\x80\xAF") == "\\xE0\\x80\\xAF");          // overlong
   CHECK(valid_utf8("\xED\xA0\x80") == "\\xED\\xA0\\x80");          // surrogate
   CHECK(valid_utf8("\xF4\x90\x80\x80") == "\\xF4\\x90\\x80\\x80"); // over U+10FFFF
   CHECK(valid_utf8("\xE2\x82") == "\\xE2\\x82");                   // cut off
   CHECK(valid_utf8("\n\x1b") == "\n\x1b");
   CHECK(valid_utf8("") == "");
}

TEST_CASE("a terminal gets no control characters") {
   CHECK(printable("a\x1b[2J\n") == "a\\x1B[2J\\x0A");
   CHECK(printable("\xC2\x9B") == "\\xC2\\x9B"); // U+009B starts a control sequence too
   CHECK(printable("\x7F") == "\\x7F");
   CHECK(printable_lines("a\x1b\n\nb\t\n") == "a\\x1B\n\nb\\x09\n");
   CHECK(printable_lines("\xFF") == "\\xFF");
   CHECK(in_quotes("a\tb") == "\"a\\x09b\"");
   CHECK(in_quotes(std::string(1000, 'x')) == "\"" + std::string(100, 'x') + "...\"");
}

TEST_CASE("a text is cut between characters") {
   CHECK(cut_short("abc", 3) == "abc");
   CHECK(cut_short("abcd", 3) == "abc...");
   CHECK(cut_short("a\xC3\xBC\xC3\xBC", 4) == "a\xC3\xBC...");
   CHECK(cut_short("\xF0\x9F\x98\x80!", 3) == "...");
   CHECK(cut_short("\x80\x80\x80\x80\x80\x80", 5) == "\x80\x80...");
   CHECK(cut_short("a", 0) == "...");
}

TEST_CASE("output formats by name") {
   for (const char *name : {"table", "json", "jsonl", "csv"})
      CHECK(name_of(parse_output_format(name).value()) == name);
   const auto wrong = parse_output_format("jsn");
   REQUIRE_FALSE(wrong);
   CHECK(wrong.error().kind == giflab::problem::usage);
   CHECK(wrong.error().text == "unknown output format \"jsn\"; did you mean json?");
   CHECK_FALSE(holds_frames(output_format::table));
   CHECK(holds_frames(output_format::csv));
}
