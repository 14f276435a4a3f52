// How much memory the program takes, and what it says where that is too much.

#include "pictures.hpp"
#include "program.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

using namespace end_to_end;
namespace fs = std::filesystem;

#ifndef SANITIZED // which take several times as much

namespace {

// Resident bytes of the program at most, while it compares two files; none if it fails.
std::size_t peak_of(const std::string &a, const std::string &b, const char *threads, const char *limit) {
   std::fflush(stdout); // else freopen below writes it once more
   const pid_t child = fork();
   if (child == 0) {
      std::freopen("/dev/null", "w", stdout);
      execl(GIFLAB, GIFLAB, "compare", a.c_str(), b.c_str(), "-q", "--threads", threads, "--max-memory-mb",
            limit, static_cast<char *>(nullptr));
      _exit(127);
   }
   int status = 0;
   rusage used{};
   wait4(child, &status, 0, &used);
   CHECK(status == 0);
   return static_cast<std::size_t>(used.ru_maxrss) << 10;
}

} // namespace

TEST_CASE("clips of large pictures are compared within 200 MB, and a limit too small is refused in words") {
   const std::string a = synthetic_gif(1920, 1080, 9), b = synthetic_gif(1920, 1080, 8);
   const std::string small = synthetic_gif(32, 24, 2);
   const std::size_t idle = peak_of(small, small, "1", "0");
   for (const char *threads : {"2", "8"}) {
      CAPTURE(threads);
      CHECK(peak_of(a, b, threads, "0") <= idle + 150'000'000);
      CHECK(peak_of(a, b, threads, "200") <= std::size_t{200} << 20);
   }
   const auto limited = [&](const std::string &limit) {
      return giflab({.arguments = {"compare", a, b, "-q"}, .variables = {{"GIFLAB_MAX_MEMORY_MB", limit}}});
   };
   CHECK(limited("200").out == giflab({"compare", a, b, "-q"}).out);
   const outcome refused = limited("40");
   check_refusal(refused, 2, "GIFLAB_MAX_MEMORY_MB allows 40 MiB");
   const std::size_t at = refused.err.find("needs a limit of ");
   REQUIRE(at != std::string::npos);
   const std::size_t least = std::stoul(refused.err.substr(at + std::string("needs a limit of ").size()));
   // One more, as the program does not always begin with the same number of pages.
   const std::string enough = std::to_string(least + 1);
   const outcome done = limited(enough);
   CHECK_MESSAGE(done.code == 0, done.err);
   CHECK(peak_of(a, b, "2", enough.c_str()) <= (least + 1) << 20);
}

TEST_CASE("an original that lies in a file for its candidates gives the same bytes") {
   const fs::path folder = fresh_folder("original_in_file");
   const std::string original = synthetic_gif(1920, 1080, 9);
   std::string inputs;
   for (int frames = 8; frames > 5; --frames)
      inputs += fmt::format("[[inputs]]\nreference = \"{}\"\ndistorted = \"{}\"\n", original,
                            synthetic_gif(1920, 1080, frames));
   write_file(folder / "run.toml",
              inputs + "[metrics]\nselect = [\"mse\"]\n[[outputs]]\nformat = \"jsonl\"\npath = \"-\"\n");
   const auto run = [&](const char *mapping, const char *limit) {
      return giflab({"run", folder / "run.toml", "-q", "--threads", "1", "--enable-memory-mapping", mapping,
                     "--max-memory-mb", limit});
   };
   const outcome plain = run("false", "0");
   CHECK_MESSAGE(plain.code == 0, plain.err);
   CHECK(run("true", "200").out == plain.out); // too little for all of its pictures
   CHECK(run("true", "0").out == plain.out);
}

TEST_CASE("a program that takes more memory than there may be is ended, and its cell says why") {
   const fs::path folder = fresh_folder("hungry_tool");
   write_file(folder / "gifsicle", "#!/bin/sh\n[ \"$1\" = --version ] && exit 0\n"
                                   // tail keeps all that it is given until there is no more
                                   "(head -c 900000000 /dev/zero; sleep 60) | tail -c 900000000\n");
   fs::permissions(folder / "gifsicle", fs::perms::owner_all);
   const outcome ended =
       giflab({.arguments = {"process", synthetic_gif(64, 48, 2), folder / "a.gif", "--step", "gifsicle", "-q"},
               .variables = {{"GIFLAB_GIFSICLE_PATH", (folder / "gifsicle").string()},
                             {"GIFLAB_MAX_MEMORY_MB", "300"},
                             {"GIFLAB_RUN_TIMEOUT", "50"}}});
   check_refusal(ended, 1,
                 "gifsicle took more memory than GIFLAB_MAX_MEMORY_MB leaves it of 300 MiB, and was stopped");
}

#endif
