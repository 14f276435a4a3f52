// giflab models, and what the settings of models do.

#include "pictures.hpp"
#include "program.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace end_to_end;
namespace fs = std::filesystem;

namespace {

// What the plugin `borrows` of the behaviour module declares: the id abc, three letters, a URL.
const std::string abc = "abc";

outcome models(std::vector<std::string> arguments, const fs::path &folder) {
   arguments.insert(arguments.begin(), "models");
   for (const std::string &more :
        {std::string("--plugin"), std::string(BEHAVIOUR_PLUGINS), std::string("--models"), folder.string()})
      arguments.push_back(more);
   return giflab(arguments);
}

} // namespace

TEST_CASE("a model is listed as missing, imported, verified, found corrupt, and removed") {
   const fs::path folder = fresh_folder("models"), weights = fresh_folder("weights") / "download.bin";
   outcome ended = models({"list"}, folder);
   CHECK(ended.code == 0);
   CHECK(has(ended.out, "abc                      missing    3 bytes, "));
   CHECK(has(ended.out, "install it with: giflab models pull abc (from https://example.org/abc)\n"));

   write_file(weights, "abd");
   check_refusal(models({"import", "abc", weights}, folder), 1, "that makes no abc: it has the SHA-256 ");
   check_refusal(models({"verify", "abc"}, folder), 1, "model abc is not installed");
   check_refusal(models({"remove", "abc"}, folder), 1, "abc is not installed");
   CHECK(names_in(folder).empty());

   write_file(weights, abc);
   ended = models({"import", "ab", weights}, folder);
   CHECK_MESSAGE(ended.code == 0, ended.err);
   CHECK(ended.out == fmt::format("abc is installed: {}\n", (folder / "abc.bin").string()));
   CHECK(contents(folder / "abc.bin") == abc);
   CHECK(has(models({"list"}, folder).out, "abc                      installed  3 bytes, "));
   CHECK(has(models({"pull", "abc"}, folder).out, "abc is installed already: "));
   ended = models({"verify"}, folder);
   CHECK(ended.code == 0);
   CHECK(has(ended.out, "abc.bin is what it should be"));

   write_file(folder / "abc.bin", "abd");
   CHECK(has(models({"list"}, folder).out, "abc                      corrupt    3 bytes, "));
   CHECK(models({"verify"}, folder).code == 1);
   ended = models({"remove", "abc"}, folder);
   CHECK(ended.code == 0);
   CHECK(names_in(folder).empty());
   CHECK(has(models({"verify"}, folder).out, "No model is installed."));
}

TEST_CASE("what cannot be meant is refused with what could") {
   const fs::path folder = fresh_folder("models");
   check_refusal(models({"import", "abd", "x"}, folder), 2, "did you mean abc");
   check_refusal(models({"import", "abc"}, folder), 2, "giflab models import abc --trunk FILE --heads FILE");
   check_refusal(models({"import", "abc", "--trunk", "x"}, folder), 2, "giflab models import abc --trunk");
   check_refusal(models({"import", "abc", "/nowhere"}, folder), 1, "it cannot be opened: No such file");
   check_refusal(models({"import", "abc", "--trunk", "/nowhere", "--heads", "/nowhere"}, folder), 1,
                 "/nowhere");
   check_refusal(giflab({"models", "fetch"}), 2, "");
   check_refusal(giflab({"models"}), 2, "");
}

TEST_CASE("a model is loaded once for a run, or for each who asks, as the settings say") {
   const fs::path folder = fresh_folder("models"), picture = fresh_folder("loads") / "a.gif";
   write_file(folder / "abc.bin", abc);
   write_file(picture, bytes_of({.frames = {{0}, {1}, {2}, {3}}})); // four calls, in batches of one
   const auto counts = [&](const std::vector<std::string> &options) {
      std::vector<std::string> arguments = {
          "compare",  picture,       picture,     "--plugin",     BEHAVIOUR_PLUGINS,
          "--models", folder,        "--metrics", "borrows",      "--allowed-programs",
          "true",     "--log-level", "debug",     "--batch-size", "1"};
      arguments.insert(arguments.end(), options.begin(), options.end());
      const outcome ended = giflab(arguments);
      CHECK_MESSAGE(ended.code == 0, ended.err);
      const std::size_t at = ended.err.find("models: ");
      return at == std::string::npos ? ended.err : ended.err.substr(at, ended.err.find(',', at) - at);
   };
   CHECK(counts({}) == "models: 1 loads");
   CHECK(counts({"--cleanup-interval-seconds", "0"}) != "models: 1 loads");
   CHECK(counts({"--enable-model-caching", "false"}) != "models: 1 loads");
   CHECK(counts({"--opt-level", "0"}) != "models: 1 loads");
}
