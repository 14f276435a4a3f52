// Names of files are bytes: whatever they are, they reach the file, and come out as text that a person can
// read.

#include "pictures.hpp"
#include "program.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace end_to_end;
namespace fs = std::filesystem;

namespace {

constexpr const char *bad_names[] = {
    "with spaces.gif",
    "'single' \"double\" `back`.gif",
    "two\nlines.gif",
    "per%dcent%s.gif",
    "a;b&c|d$HOME.gif",
    "not\xFFutf8.gif",
    "{}{0}.gif",
    "#1.gif",
    "*.gif",
    "\x1b[31mred.gif",
};

bool is_printable(const std::string &text) {
   for (const char byte : text)
      if (static_cast<uint8_t>(byte) < 32 && byte != '\n' && byte != '\r')
         return false;
   return true;
}

} // namespace

TEST_CASE("a file with any name is found, and its name is printable in a table") {
   const fs::path folder = fresh_folder("names");
   for (const std::string name : bad_names) {
      CAPTURE(name);
      write_file(folder / name, bytes_of({}));
      const outcome info = giflab({"info", folder / name});
      CHECK(info.code == 0);
      CHECK(is_printable(info.out));
      CHECK(info.err.empty());
      const outcome compared = giflab({"compare", folder / name, folder / name, "--metrics", "mse"});
      CHECK(compared.code == 0);
      CHECK(is_printable(compared.out + compared.err));
      CHECK(std::count(compared.err.begin(), compared.err.end(), '\n') == 1);
   }
}

TEST_CASE("JSON holds any name as UTF-8") {
   const fs::path folder = fresh_folder("names_in_json");
   for (const std::string name : bad_names) {
      CAPTURE(name);
      write_file(folder / name, bytes_of({}));
      const outcome compared =
          giflab({"compare", folder / name, folder / name, "-q", "--metrics", "mse", "--format", "json"});
      REQUIRE(compared.code == 0);
      const std::string path = nlohmann::json::parse(compared.out)["reference"]["path"];
      CHECK(path == (folder / (has(name, "\xFF") ? "not\\xFFutf8.gif" : name)).string());
      const outcome info = giflab({"info", folder / name, "--format", "json"});
      CHECK(nlohmann::json::parse(info.out)["path"] == path);
   }
}

TEST_CASE("an output file may have any name") {
   const fs::path folder = fresh_folder("names_of_outputs");
   const std::string gif = synthetic_gif(64, 48, 2);
   for (const std::string name : bad_names) {
      CAPTURE(name);
      CHECK(giflab({"compare", gif, gif, "-q", "--metrics", "mse", "-o", folder / name}).code == 0);
      CHECK(has(contents(folder / name), "mse"));
   }
   CHECK(names_in(folder).size() == std::size(bad_names));
}

TEST_CASE("a leading dash makes an option unless a folder stands before it") {
   const fs::path folder = fresh_folder("dash");
   write_file(folder / "-x.gif", bytes_of({}));
   CHECK(giflab(invocation{.arguments = {"info", "./-x.gif"}, .folder = folder}).code == 0);
   check_refusal(giflab(invocation{.arguments = {"compare", "-x.gif", "./-x.gif"}, .folder = folder}), 2, "");
}

TEST_CASE("two dashes end the options") {
   const fs::path folder = fresh_folder("two_dashes");
   write_file(folder / "-x.gif", bytes_of({}));
   CHECK(giflab(invocation{.arguments = {"info", "--", "-x.gif"}, .folder = folder}).code == 0);
   CHECK(giflab(invocation{.arguments = {"compare", "--", "-x.gif", "-x.gif"}, .folder = folder}).code == 0);
}

TEST_CASE("a refusal is one printable line whatever the name") {
   for (const std::string name : bad_names) {
      CAPTURE(name);
      const outcome ended = giflab({"info", "/nowhere/" + name});
      check_refusal(ended, 1, "there is no such file");
      CHECK(is_printable(ended.err));
      CHECK_FALSE(has(ended.err, "\xFF"));
   }
}
