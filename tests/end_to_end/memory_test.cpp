// How much memory the program takes, and what it says where that is too much.

#include "pictures.hpp"
#include "program.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace end_to_end;
namespace fs = std::filesystem;

#ifndef SANITIZED // which take several times as much

TEST_CASE(
    "a clip of large pictures is compared within 200 MB, and a limit that is too small is refused in words") {
   const std::string a = synthetic_gif(1920, 1080, 9), b = synthetic_gif(1920, 1080, 8);
   const std::size_t idle =
       giflab({"compare", synthetic_gif(32, 24, 2), synthetic_gif(32, 24, 2), "-q"}).peak_bytes;
   for (const char *threads : {"2", "8"}) {
      CAPTURE(threads);
      const outcome free = giflab({"compare", a, b, "-q", "--threads", threads});
      CHECK_MESSAGE(free.code == 0, free.err);
      CHECK(free.peak_bytes <= idle + 150'000'000);
      const outcome bound = giflab({.arguments = {"compare", a, b, "-q", "--threads", threads},
                                    .variables = {{"GIFLAB_MAX_MEMORY_MB", "200"}}});
      CHECK_MESSAGE(bound.code == 0, bound.err);
      CHECK(bound.peak_bytes <= std::size_t{200} << 20);
      CHECK(bound.out == free.out);
   }
   const auto limited = [&](const std::string &limit) {
      return giflab({"compare", a, b, "-q", "--max-memory-mb", limit});
   };
   const outcome refused = limited("40");
   check_refusal(refused, 2, "GIFLAB_MAX_MEMORY_MB allows 40 MiB");
   const std::size_t at = refused.err.find("needs a limit of ");
   REQUIRE(at != std::string::npos);
   const std::size_t least = std::stoul(refused.err.substr(at + std::string("needs a limit of ").size()));
   // One more, as the program does not always begin with the same number of pages.
   const outcome done = limited(std::to_string(least + 1));
   CHECK_MESSAGE(done.code == 0, done.err);
   CHECK(done.peak_bytes <= (least + 1) << 20);
}

TEST_CASE("a program that takes more memory than there may be is ended, and its cell says why") {
   const fs::path folder = fresh_folder("hungry_tool");
   write_file(folder / "gifsicle", "#!/bin/sh\n[ \"$1\" = --version ] && exit 0\n"
                                   "exec tail -c 900000000 /dev/zero\n"); // which keeps all of it
   fs::permissions(folder / "gifsicle", fs::perms::owner_all);
   const outcome ended =
       giflab({.arguments = {"process", synthetic_gif(64, 48, 2), folder / "a.gif", "--step", "gifsicle", "-q"},
               .variables = {{"GIFLAB_GIFSICLE_PATH", (folder / "gifsicle").string()},
                             {"GIFLAB_MAX_MEMORY_MB", "300"},
                             {"GIFLAB_RUN_TIMEOUT", "20"}}});
   check_refusal(ended, 1,
                 "gifsicle took more memory than GIFLAB_MAX_MEMORY_MB leaves it of 300 MiB, and was stopped");
}

#endif
