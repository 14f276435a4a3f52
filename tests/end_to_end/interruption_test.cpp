// Ctrl-C, in the middle of work that would never end.

#include "pictures.hpp"
#include "program.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace end_to_end;
namespace fs = std::filesystem;

namespace {

// The program stops within a second; the others are for a busy machine.
constexpr double longest = 30;

void check_stopped(const outcome &ended, const fs::path &folder) {
   CAPTURE(ended.err);
   CHECK_FALSE(ended.hung);
   CHECK(ended.code == 130);
   CHECK(ended.seconds < longest);
   CHECK(ended.out.empty());
   CHECK(ended.err == "giflab: stopped on request\n");
   CHECK(names_in(folder) == std::vector<std::string>{"old.json", "run.toml"});
   CHECK(contents(folder / "old.json") == "old");
}

fs::path folder_with_old_results() {
   const fs::path folder = fresh_folder("interruption");
   write_file(folder / "old.json", "old");
   write_file(
       folder / "run.toml",
       fmt::format("[[inputs]]\nreference = \"{0}\"\ndistorted = \"{0}\"\n[metrics]\nselect = [\"endless\"]\n"
                   "[[outputs]]\nformat = \"json\"\npath = \"old.json\"\n"
                   "[[outputs]]\nformat = \"csv\"\npath = \"new.csv\"\n",
                   synthetic_gif(64, 48, 6)));
   return folder;
}

} // namespace

TEST_CASE("an interruption ends a comparison within a second and leaves no file behind") {
   const fs::path folder = folder_with_old_results();
   const std::string gif = synthetic_gif(64, 48, 6);
   for (const std::string level : {"0", "2"}) {
      CAPTURE(level);
      check_stopped(giflab(invocation{.arguments = {"compare", gif, gif, "--plugin", BEHAVIOUR_PLUGINS,
                                                    "--metrics", "endless,default", "--format", "json", "-o",
                                                    folder / "old.json", "--opt-level", level},
                                      .interrupt = true}),
                    folder);
   }
}

TEST_CASE("an interruption ends a run within a second and leaves no file behind") {
   const fs::path folder = folder_with_old_results();
   for (const int signal : {SIGINT, SIGTERM, SIGHUP}) { // the last one from a terminal that is gone
      CAPTURE(signal);
      check_stopped(giflab(invocation{.arguments = {"run", folder / "run.toml", "--plugin", BEHAVIOUR_PLUGINS},
                                      .interrupt = true,
                                      .signal = signal}),
                    folder);
   }
}
