// `plugins`, `doctor`, help, and words that the command line does not know.

#include "pictures.hpp"
#include "program.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace end_to_end;
namespace fs = std::filesystem;

TEST_CASE("plugins are listed, and each has its page") {
   const outcome listed = giflab({"plugins"});
   CHECK(listed.code == 0);
   CHECK(listed.err.empty());
   std::istringstream lines(listed.out);
   int count = 0;
   for (std::string id, rest; lines >> id && std::getline(lines, rest); ++count) {
      CAPTURE(id);
      const outcome page = giflab({"plugins", id});
      CHECK(page.code == 0);
      CHECK(page.out.starts_with(id + " - "));
      for (const std::string part : {"\nHow it runs\n", "\nFrom\n", "licence"})
         CHECK(has(page.out, part));
      CHECK(has(page.out, "\nOutputs\n") == has(rest, "metric"));
   }
   CHECK(count >= 9);
   check_refusal(giflab({"plugins", "org.giflab.eror"}), 2, "org.giflab.error");
}

TEST_CASE("--all tells where plugins were looked for, and why some were turned away") {
   const fs::path folder = fresh_folder("turned_away");
   for (const char *name : {"wrong_major.so", "misspelt_entry.so", "wrong_magic.so"})
      fs::copy(fs::path(BAD_PLUGINS) / name, folder / name);
   write_file(folder / "text.so", "no library\n");
   write_file(folder / "empty.so", "");
   fs::create_directories(folder / "folder.so");
   const outcome ended = giflab({"plugins", "--all", "--plugin", folder});
   CAPTURE(ended.err);
   CHECK(ended.code == 0);
   CHECK(sanitizer_report(ended).empty());
   for (const std::string part :
        {"org.giflab.error", "Looked in", "Turned away", "ABI 2.0", "no symbol giflab_module_entry",
         "0xDEADBEEF", "text.so", "it is no shared library", "empty.so", "folder.so"})
      CHECK_MESSAGE(has(ended.out, part), part);
   CHECK(has(ended.out, folder.string()));
   CHECK(giflab({"plugins", "--plugin", folder}).out == giflab({"plugins"}).out);
   CHECK(has(giflab({"doctor", "--plugin", folder}).out, "Turned away"));
}

TEST_CASE("--json tells programs what the pages tell people") {
   const auto listed = nlohmann::json::parse(giflab({"plugins", "--json"}).out);
   CHECK(listed.size() == 1);
   CHECK(listed["plugins"].size() >= 9);
   const auto ssim = nlohmann::json::parse(giflab({"plugins", "org.giflab.ssim", "--json"}).out);
   CHECK(std::count(listed["plugins"].begin(), listed["plugins"].end(), ssim) == 1);
   CHECK(ssim["kind"] == "metric");
   CHECK(ssim["scope"] == "frame");
   CHECK(ssim["outputs"][0]["identical"] == 1.0);
   CHECK(ssim["outputs"][0]["pool"] == "mean");
   const auto psnr = nlohmann::json::parse(giflab({"plugins", "org.giflab.error", "--json"}).out);
   CHECK(std::any_of(psnr["outputs"].begin(), psnr["outputs"].end(),
                     [](const auto &output) { return output["highest"] == "Infinity"; }));
   const fs::path folder = fresh_folder("turned_away_in_json");
   fs::copy(fs::path(BAD_PLUGINS) / "wrong_major.so", folder / "wrong_major.so");
   const auto all = nlohmann::json::parse(giflab({"plugins", "--all", "--json", "--plugin", folder}).out);
   CHECK(all["folders"][0] == folder.string());
   CHECK(all["rejected"][0]["path"] == (folder / "wrong_major.so").string());
   CHECK(has(all["rejected"][0]["reason"], "ABI 2.0"));
   check_refusal(giflab({"plugins", "--json", "org.giflab.eror"}), 2, "org.giflab.error");
}

TEST_CASE("a library that was cut short is turned away") {
   const fs::path folder = fresh_folder("cut_short");
   const std::string whole = contents(fs::path(BAD_PLUGINS) / "wrong_major.so");
   for (const std::size_t length : {20u, 64u, 1000u, 2000u, 8000u})
      write_file(folder / fmt::format("cut{}.so", length), whole.substr(0, length));
   const outcome ended = giflab({"plugins", "--all", "--plugin", folder});
   CHECK(ended.code == 0);
   CHECK(has(ended.out, "cut8000.so"));
}

TEST_CASE("a folder of plugins that is not there is refused") {
   check_refusal(giflab({"plugins", "--plugin", "/nowhere"}), 2, "/nowhere");
   check_refusal(giflab({"doctor", "--plugin", synthetic_gif(64, 48, 6)}), 2, "64x48-6.gif");
}

TEST_CASE("doctor tells what is here and what is not") {
   const outcome ended = giflab({"doctor"});
   CHECK(ended.code == 0);
   for (const std::string part :
        {"giflab ", "plugin ABI 1.", "This machine", "processor", "CUDA device", "Tools", "gifsicle", "Plugins",
         "org.giflab.ssim", "Filters and encoders", "org.giflab.palette"})
      CHECK(has(ended.out, part));
   const outcome poor = giflab(invocation{.arguments = {"doctor"}, .variables = {{"PATH", ""}}});
   CHECK(has(poor.out, "apt install gifsicle"));
   CHECK(has(giflab({"doctor", "--plugin", BEHAVIOUR_PLUGINS}).out, "its tool is not installed"));
}

TEST_CASE("help and version") {
   CHECK(giflab({"--version"}).out.starts_with("giflab 1."));
   for (const std::vector<std::string> &command : {std::vector<std::string>{},
                                                   {"compare"},
                                                   {"run"},
                                                   {"process"},
                                                   {"info"},
                                                   {"plugins"},
                                                   {"doctor"},
                                                   {"config"},
                                                   {"config", "show"},
                                                   {"new-plugin"},
                                                   {"check"}}) {
      std::vector<std::string> arguments = command;
      arguments.push_back("--help");
      const outcome ended = giflab(arguments);
      CHECK(ended.code == 0);
      CHECK(ended.err.empty());
      CHECK(has(ended.out, "Exit codes: 0 fine"));
   }
   CHECK(giflab(std::vector<std::string>{}).code == 2);
}

TEST_CASE("unknown commands and options are refused with the nearest known one") {
   const std::string gif = synthetic_gif(64, 48, 6);
   check_refusal(giflab({"comprae", gif, gif}), 2, "did you mean compare?");
   check_refusal(giflab({"compare", gif, gif, "--formt", "json"}), 2, "did you mean --format?");
   check_refusal(giflab({"compare", gif, gif, "--formt=json"}), 2, "did you mean --format?");
   check_refusal(giflab({"doctor", "--plugins", "x"}), 2, "--plugin");
   check_refusal(giflab({"compare", gif, gif, gif}), 2, "one argument too many");
   check_refusal(giflab({"compare", gif}), 2, "DISTORTED");
   check_refusal(giflab({"info"}), 2, "FILE");
}

TEST_CASE("an unknown command of config is refused with the nearest known one") {
   check_refusal(giflab({"config", "shwo"}), 2, "did you mean show?");
}
