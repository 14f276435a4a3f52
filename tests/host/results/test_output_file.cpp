#include "examples.hpp"
#include "results/output_file.hpp"
#include "scratch_folder.hpp"

#include <csignal>
#include <doctest/doctest.h>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace giflab::results;
using giflab::problem;
using giflab::tests::scratch_folder;
namespace fs = std::filesystem;

TEST_CASE("a file appears whole, when it is complete") {
   const scratch_folder folder;
   const std::string path = folder.file("deep/er/a.txt");
   auto file = output_file::open(path);
   REQUIRE(file);
   REQUIRE(file->write(std::string(200'000, 'x')));
   REQUIRE(file->flush());
   CHECK_FALSE(fs::exists(path));
   REQUIRE(file->write("end"));
   REQUIRE(file->commit());
   CHECK(content_of(path) == std::string(200'000, 'x') + "end");
   struct stat facts {};
   REQUIRE(stat(path.c_str(), &facts) == 0);
   const mode_t mask = umask(0);
   umask(mask);
   CHECK((facts.st_mode & 0777u) == (0666u & ~mask));
}

TEST_CASE("a file that is given up leaves what was there before") {
   const scratch_folder folder;
   const std::string path = folder.file("a.txt");
   std::ofstream(path) << "before";
   {
      auto file = output_file::open(path);
      REQUIRE(file);
      REQUIRE(file->write(std::string(200'000, 'x')));
      CHECK(folder.entries() == 2);
   }
   CHECK(content_of(path) == "before");
   CHECK(folder.entries() == 1);
   auto file = output_file::open(path);
   REQUIRE(file->write("after"));
   REQUIRE(file->commit());
   CHECK(content_of(path) == "after");
   CHECK(folder.entries() == 1);
}

TEST_CASE("a symbolic link stays one") {
   const scratch_folder folder;
   std::ofstream(folder.file("real.txt")) << "before";
   fs::create_symlink("real.txt", folder.file("link.txt"));
   auto file = output_file::open(folder.file("link.txt"));
   REQUIRE(file);
   REQUIRE(file->write("after"));
   REQUIRE(file->commit());
   CHECK(fs::is_symlink(folder.file("link.txt")));
   CHECK(content_of(folder.file("real.txt")) == "after");
}

TEST_CASE("two files at once do not meet") {
   const scratch_folder folder;
   auto one = output_file::open(folder.file("1.txt")), two = output_file::open(folder.file("2.txt"));
   REQUIRE(one->write("1"));
   REQUIRE(two->write("2"));
   REQUIRE(two->commit());
   REQUIRE(one->commit());
   CHECK(content_of(folder.file("1.txt")) == "1");
   CHECK(content_of(folder.file("2.txt")) == "2");
}

TEST_CASE("what cannot be opened is named with its reason") {
   const scratch_folder folder;
   const auto error_text = [](const std::string &path) {
      const auto file = output_file::open(path);
      CHECK((file || file.error().kind == problem::input));
      return file ? std::string("none") : file.error().text;
   };
   std::ofstream(folder.file("plain")) << "x";
   CHECK(error_text(folder.file("plain/a.txt")) ==
         "cannot write \"" + folder.file("plain/a.txt") + "\": Not a directory");
   CHECK(error_text(folder.file(".")) == "cannot write \"" + folder.file(".") + "\": Is a directory");
   fs::create_directory(folder.file("closed"));
   fs::permissions(folder.file("closed"), fs::perms::owner_read | fs::perms::owner_exec);
   if (geteuid() != 0) // nothing is closed to root
      CHECK(error_text(folder.file("closed/a.txt")).ends_with(": Permission denied"));
   CHECK(error_text("/proc/giflab.txt").starts_with("cannot write \"/proc/giflab.txt\": "));
   fs::permissions(folder.file("closed"), fs::perms::owner_all);
}

TEST_CASE("a device is written to, not replaced, and a full one is an error") {
   auto full = output_file::open("/dev/full");
   REQUIRE(full);
   REQUIRE(full->write("text"));
   const auto done = full->commit();
   REQUIRE_FALSE(done);
   CHECK(done.error().kind == problem::input);
   CHECK(done.error().text == "cannot write \"/dev/full\": No space left on device");
   CHECK(fs::is_character_file("/dev/full"));

   auto large = output_file::open("/dev/full");
   CHECK_FALSE(large->write(std::string(100'000, 'x')));
}

TEST_CASE("a pipe that nobody reads ends quietly") {
   const scratch_folder folder;
   const std::string path = folder.file("pipe");
   REQUIRE(mkfifo(path.c_str(), 0600) == 0);
   const auto handler = std::signal(SIGPIPE, SIG_IGN);
   std::FILE *reader = std::fopen(path.c_str(), "r+"); // both ends, so that opening the other does not wait
   auto file = output_file::open(path);
   REQUIRE(file);
   std::fclose(reader);
   REQUIRE(file->write("text"));
   const auto done = file->flush();
   REQUIRE_FALSE(done);
   CHECK(done.error().kind == problem::cancelled);
   CHECK(done.error().text.empty());
   std::signal(SIGPIPE, handler);
}
