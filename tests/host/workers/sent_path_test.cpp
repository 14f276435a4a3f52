#include "workers/sent_path.hpp"

#include <doctest/doctest.h>

#include <filesystem>

using giflab::workers::sent_path;

TEST_CASE("a path is sent from the root, and comes back as it was given") {
   const std::string here = std::filesystem::current_path().string();
   const sent_path file("../a b/c.gif");
   CHECK(file.from_root() == here + "/../a b/c.gif");
   std::string text = file.from_root() + ": is empty; beside " + file.from_root();
   file.restore_in(text);
   CHECK(text == "../a b/c.gif: is empty; beside ../a b/c.gif");
}

TEST_CASE("a path from the root is left alone, as is none") {
   for (const char *given : {"/a/b.gif", ""}) {
      const sent_path file(given);
      CHECK(file.from_root() == given);
      std::string text = "/a/b.gif: is empty";
      file.restore_in(text);
      CHECK(text == "/a/b.gif: is empty");
   }
}
