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

// The limit that a refusal names as enough; none is named: 0.
unsigned long named_limit(const std::string &text) {
   const std::string before = "needs a limit of ";
   const std::size_t at = text.find(before);
   return at == std::string::npos ? 0 : std::stoul(text.substr(at + before.size()));
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
   const std::size_t least = named_limit(refused.err);
   REQUIRE(least > 40);
   const std::string enough = std::to_string(least);
   const outcome done = limited(enough);
   CHECK_MESSAGE(done.code == 0, done.err);
   CHECK(peak_of(a, b, "2", enough.c_str()) <= least << 20);
}

TEST_CASE("workers that share a limit name the whole of it, and what they name is enough") {
   const fs::path folder = fresh_folder("shared_limit");
   const auto write_run = [&](int width, int height, const char *metric) {
      std::string text;
      for (const int frames : {1, 2})
         text += fmt::format("[[inputs]]\nreference = \"{}\"\ndistorted = \"{}\"\n",
                             synthetic_gif(width, height, 2), synthetic_gif(width, height, frames));
      text += fmt::format("[metrics]\nselect = [\"{}\"]\n", metric);
      write_file(folder / "run.toml", text + "[[outputs]]\nformat = \"jsonl\"\npath = \"-\"\n");
   };
   const auto run = [&](const char *threads, unsigned long limit) {
      return giflab({.arguments = {"run", folder / "run.toml", "-q", "--threads", threads},
                     .variables = {{"GIFLAB_MAX_MEMORY_MB", std::to_string(limit)}}});
   };
   const auto check_named = [&](const char *threads, unsigned long limit) {
      CAPTURE(threads);
      const outcome refused = run(threads, limit);
      CAPTURE(refused.out);
      CHECK(has(refused.out, fmt::format("GIFLAB_MAX_MEMORY_MB allows {} MiB", limit)));
      const unsigned long least = named_limit(refused.out);
      REQUIRE(least > limit);
      const outcome done = run(threads, least);
      CHECK_MESSAGE(done.code == 0, done.err);
      CHECK_MESSAGE(named_limit(done.out) == 0, least, done.out);
   };
   write_run(640, 480, "mse");
   check_named("1", 12); // less than the processes alone take
   check_named("2", 20);
   write_run(1280, 720, "butteraugli");
   check_named("2", 340); // two workers, neither of whose halves is enough
}

TEST_CASE("files are made within the limit, or refused with one that is enough") {
   const std::string source = synthetic_gif(1280, 720, 3);
   const fs::path target = fresh_folder("limited_process") / "a.gif";
   const auto process = [&](unsigned long limit) {
      return giflab({.arguments = {"process", source, target, "--step", "palette:colours=16", "-q"},
                     .variables = {{"GIFLAB_MAX_MEMORY_MB", std::to_string(limit)}}});
   };
   for (const unsigned long limit : {1, 20}) {
      const outcome refused = process(limit);
      check_refusal(refused, 2, fmt::format("GIFLAB_MAX_MEMORY_MB allows {} MiB", limit));
      CHECK_FALSE(fs::exists(target));
      const unsigned long least = named_limit(refused.err);
      REQUIRE(least > limit);
      const outcome done = process(least);
      CHECK_MESSAGE(done.code == 0, done.err);
      fs::remove(target);
   }
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
                 "gifsicle took more than is left of the 300 MiB of memory that it and its worker have by "
                 "GIFLAB_MAX_MEMORY_MB, and was stopped");
}

#endif
