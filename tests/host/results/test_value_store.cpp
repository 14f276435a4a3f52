#include "results/value_store.hpp"

#include "scratch_folder.hpp"
#include "services/log.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

using namespace giflab;
using results::value_store;
namespace fs = std::filesystem;

namespace {

// A folder for a store.
class store_folder {
 public:
   store_folder() { services::set_log_level(services::log_level::off); } // what is damaged is told of
   ~store_folder() { services::set_log_level(services::log_level::warning); }
   store_folder(const store_folder &) = delete;
   store_folder &operator=(const store_folder &) = delete;

   std::unique_ptr<value_store> open(const results::store_limits &limits = {}) const {
      auto opened = value_store::open(path().string(), limits);
      REQUIRE(opened);
      return std::move(*opened);
   }
   fs::path file() const { return path() / value_store::file_name; }
   std::string bytes() const {
      std::ifstream from(file(), std::ios::binary);
      return {std::istreambuf_iterator<char>(from), {}};
   }
   void write(const std::string &bytes) const {
      for (const char *ending : {"-wal", "-shm"})
         fs::remove(file().string() + ending);
      std::ofstream(file(), std::ios::binary | std::ios::trunc) << bytes;
   }
   const fs::path &path() const { return folder_.path(); }

 private:
   const tests::scratch_folder folder_;
};

const std::string odd("\0\xff value \n", 10);

int64_t entries_of(value_store &store) {
   const auto told = store.status();
   REQUIRE(told);
   return told->entries;
}

} // namespace

TEST_CASE("values outlive who kept them, byte by byte, and the last one kept under a key counts") {
   const store_folder in;
   {
      const auto store = in.open();
      CHECK_FALSE(store->find("a"));
      store->keep({{"a", "first"}, {"b", ""}, {"c", odd}});
      store->keep({{"a", "second"}});
      CHECK(entries_of(*store) == 3);
   }
   const auto store = in.open();
   CHECK(store->find("a") == "second");
   CHECK(store->find("b") == "");
   CHECK(store->find("c") == odd);
   CHECK_FALSE(store->find("d"));
   CHECK(store->verify()->empty());
   REQUIRE(store->clear());
   CHECK(entries_of(*store) == 0);
   CHECK(store->status()->bytes == 0);
   CHECK_FALSE(store->find("a"));
}

TEST_CASE("what was not asked for longest goes first, by bytes and by number") {
   const store_folder in;
   const std::string large(1000, 'x');
   for (const results::store_limits limits :
        {results::store_limits{5 * 1200, 1000}, results::store_limits{1 << 20, 5}}) {
      {
         const auto store = in.open(limits);
         store->keep({{"k0", large}, {"k1", large}, {"k2", large}, {"k3", large}});
         CHECK(store->find("k0")); // which is written down when the store goes
      }
      const auto store = in.open(limits);
      store->keep({{"k4", large}});
      CHECK(entries_of(*store) == 5);
      store->keep({{"k5", large}});
      CHECK(store->find("k0"));
      CHECK_FALSE(store->find("k1"));
      CHECK(store->find("k5"));
      CHECK(entries_of(*store) <= 5);
      CHECK(store->status()->bytes <= limits.bytes);
      REQUIRE(store->clear());
   }
}

TEST_CASE("a value with a flipped bit is not given out, and the others are") {
   const store_folder in;
   in.open()->keep({{"a", "the value of a"}, {"b", "the value of b"}});
   std::string bytes = in.bytes();
   const std::size_t at = bytes.find("the value of a");
   REQUIRE(at != std::string::npos);
   bytes[at + 4] = 'V';
   in.write(bytes);
   {
      const auto store = in.open();
      CHECK_FALSE(store->find("a"));
      CHECK(store->find("b") == "the value of b");
      CHECK(entries_of(*store) == 1);
   }
   in.write(bytes);
   const auto wrong = in.open()->verify();
   REQUIRE(wrong);
   CHECK(wrong->size() == 1);
   CHECK(in.open()->verify()->empty());
}

TEST_CASE("a file that is damaged anywhere gives what was kept, or nothing, and can be used again") {
   const store_folder in;
   std::vector<value_store::entry> kept;
   for (int i = 0; i < 200; ++i)
      kept.emplace_back(fmt::format("key {}", i), fmt::format("value {} {}", i, std::string(100, 'v')));
   in.open()->keep(kept);
   const std::string whole = in.bytes();
   int round = 0;
   const auto check = [&](const std::string &bytes) {
      CAPTURE(++round);
      in.write(bytes);
      const auto store = in.open();
      for (const auto &[key, value] : kept)
         if (const auto found = store->find(key))
            CHECK(*found == value);
      store->keep({{"new", "value"}});
      CHECK(store->find("new") == "value");
   };
   check("");
   check("This is no database.");
   check(std::string(100'000, 'x'));
   for (const std::size_t length : {std::size_t{50}, std::size_t{4096}, whole.size() / 2, whole.size() - 1})
      check(whole.substr(0, length));
   for (std::size_t at = 16; at < whole.size(); at += whole.size() / 40 + 1) {
      std::string damaged = whole;
      for (std::size_t i = at; i < std::min(at + 64, damaged.size()); ++i)
         damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
      check(damaged);
   }
}

TEST_CASE("several processes keep and find at once") {
   const store_folder in;
   std::vector<pid_t> children;
   for (int number = 0; number < 3; ++number) {
      const pid_t child = fork();
      if (child == 0) {
         auto opened = value_store::open(in.path().string(), {});
         if (!opened)
            _exit(1);
         for (int i = 0; i < 40; ++i)
            (*opened)->keep({{fmt::format("{} {}", number, i), fmt::format("value {} {}", number, i)}});
         const bool found = (*opened)->find(fmt::format("{} 0", number)).has_value();
         opened->reset();
         _exit(found ? 0 : 2);
      }
      children.push_back(child);
   }
   for (const pid_t child : children) {
      int status = 0;
      waitpid(child, &status, 0);
      CHECK(status == 0);
   }
   const auto store = in.open();
   CHECK(entries_of(*store) == 120);
   CHECK(store->find("2 39") == "value 2 39");
}

TEST_CASE("a process that is killed while it writes leaves whole values") {
   const store_folder in;
   for (int round = 0; round < 5; ++round) {
      const pid_t child = fork();
      if (child == 0) {
         auto opened = value_store::open(in.path().string(), {});
         for (int i = 0; opened; ++i)
            (*opened)->keep({{fmt::format("{}", i), std::string(5000, static_cast<char>('a' + i % 26))}});
         _exit(1);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(30 + 20 * round));
      kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
      const auto store = in.open();
      CHECK(store->verify()->empty());
      if (const auto found = store->find("1"))
         CHECK(*found == std::string(5000, 'b'));
   }
}

TEST_CASE("a folder that cannot be made is one sentence") {
   const store_folder in;
   std::ofstream(in.path() / "file") << "x";
   const auto opened = value_store::open((in.path() / "file" / "below").string(), {});
   REQUIRE_FALSE(opened);
   CHECK(opened.error().text.find("GIFLAB_CACHE_DIR") != std::string::npos);
}
