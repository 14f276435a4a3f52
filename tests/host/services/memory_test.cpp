#include "scratch_folder.hpp"
#include "services/admission.hpp"
#include "services/memory_governor.hpp"
#include "services/memory_usage.hpp"

#include <doctest/doctest.h>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace giflab::services;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

// A /proc and a /sys/fs/cgroup made of files.
class made_up {
 public:
   void write(const std::string &file, const std::string &text) const {
      fs::create_directories((folder_.path() / file).parent_path());
      std::ofstream(folder_.file(file)) << text;
   }
   memory_sources sources() const { return {folder_.path() / "proc", folder_.path() / "cgroup"}; }

 private:
   const giflab::tests::scratch_folder folder_;
};

} // namespace

TEST_CASE("a process is counted with its children and theirs") {
   const made_up files;
   const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
   files.write("proc/10/statm", "900 100 7 1 0 5 0");
   files.write("proc/10/task/10/children", "11 ");
   files.write("proc/10/task/12/children", "13 14");
   files.write("proc/11/statm", "900 20 7 1 0 5 0");
   files.write("proc/11/task/11/children", "15");
   files.write("proc/13/statm", "900 3 7 1 0 5 0");
   files.write("proc/15/statm", "900 4000 7 1 0 5 0"); // 14 has gone
   CHECK(resident_bytes_of_tree(10, files.sources()) == 4123 * page);
   CHECK(resident_bytes_of_tree(99, files.sources()) == 0);
}

TEST_CASE("this process grows with what it touches, and so does its tree with a child") {
   const std::size_t before = resident_bytes();
   CHECK(before > mebibyte);
   // Not of the heap, which may hand out what was touched before.
   void *const fresh = mmap(nullptr, 16 * mebibyte, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
   REQUIRE(fresh != MAP_FAILED);
   std::memset(fresh, 1, 16 * mebibyte);
   CHECK(resident_bytes() >= before + 15 * mebibyte);
   const std::size_t alone = resident_bytes_of_tree(getpid());
   const pid_t child = fork();
   if (child == 0) {
      pause();
      _exit(0);
   }
   CHECK(resident_bytes_of_tree(getpid()) > alone);
   kill(child, SIGKILL);
   waitpid(child, nullptr, 0);
   munmap(fresh, 16 * mebibyte);
}

TEST_CASE("the tightest control group counts, of either version, without pages that can be dropped") {
   const made_up files;
   files.write("proc/self/cgroup", "0::/work/giflab\n");
   CHECK(control_group_memory(files.sources()).limit == 0);
   files.write("cgroup/memory.stat", "inactive_file 1\n");
   files.write("cgroup/work/memory.max", "1000\n");
   files.write("cgroup/work/memory.current", "700\n");
   files.write("cgroup/work/memory.stat", "anon 5\ninactive_file 300\nactive_file 9\n");
   files.write("cgroup/work/giflab/memory.max", "max\n");
   files.write("cgroup/work/giflab/memory.current", "600\n");
   const memory_reading found = control_group_memory(files.sources());
   CHECK(found.limit == 1000);
   CHECK(found.used == 400);
   files.write("proc/self/cgroup", "7:cpu:/x\n4:memory:/box\n0::/\n");
   files.write("cgroup/memory/box/memory.limit_in_bytes", "5000\n");
   files.write("cgroup/memory/box/memory.usage_in_bytes", "4000\n");
   files.write("cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"); // none
   files.write("cgroup/memory/memory.usage_in_bytes", "4000\n");
   CHECK(control_group_memory(files.sources()).limit == 5000);
   CHECK(control_group_memory(files.sources()).used == 4000);
}

TEST_CASE("the machine's memory is what it says it is") {
   const made_up files;
   files.write("proc/meminfo", "MemTotal:       1000 kB\nMemFree: 10 kB\nMemAvailable:    600 kB\n");
   const memory_reading found = machine_memory(files.sources());
   CHECK(found.limit == 1000 * 1024);
   CHECK(found.used == 400 * 1024);
   CHECK(machine_memory(made_up().sources()).limit == 0);
}

namespace {

// A governor whose readings and time are the test's.
struct governed {
   std::vector<memory_reading> readings{{0, 1000}};
   std::chrono::steady_clock::time_point time{std::chrono::hours(1)};
   memory_governor governor{1000, [this] { return readings; }, [this] { return time; }};

   memory_level at(std::size_t used) {
      readings[0].used = used;
      time += std::chrono::milliseconds(60);
      return governor.poll();
   }
};

} // namespace

TEST_CASE("levels begin at 70, 80 and 95 percent and are left five percent lower") {
   governed one;
   using enum memory_level;
   CHECK(one.at(699) == normal);
   CHECK(one.at(700) == warning);
   CHECK(one.at(651) == warning);
   CHECK(one.at(649) == normal);
   CHECK(one.at(800) == critical);
   CHECK(one.at(760) == critical);
   CHECK(one.at(749) == warning);
   CHECK(one.at(950) == emergency);
   CHECK(one.at(905) == emergency);
   CHECK(one.at(100) == normal);
   CHECK(one.governor.peak_bytes() == 950);
   CHECK(one.governor.times_above_normal() == 7);
}

TEST_CASE("the tightest of all readings decides, and one without a limit does not count") {
   governed one;
   one.readings = {{0, 1000}, {9000, 0}, {96, 100}};
   CHECK(one.at(10) == memory_level::emergency);
}

TEST_CASE("relievers are asked in their order when the level rises, and once a second while it stays") {
   governed one;
   std::vector<std::string> heard;
   const auto first = one.governor.ask([&](memory_level level) {
      heard.push_back(std::string("first ") + name_of(level));
      return std::size_t{0};
   });
   {
      const auto second = one.governor.ask([&](memory_level level) {
         heard.push_back(std::string("second ") + name_of(level));
         return std::size_t{10};
      });
      one.at(600);
      CHECK(heard.empty());
      one.at(720);
      CHECK(heard == std::vector<std::string>{"first warning", "second warning"});
      one.at(730);
      CHECK(heard.size() == 2); // not yet a second
      one.at(990);
      CHECK(heard.size() == 4);
   }
   heard.clear();
   one.time += std::chrono::seconds(2);
   one.at(990);
   CHECK(heard == std::vector<std::string>{"first emergency"});
}

TEST_CASE("a governor looks at most every 50 ms") {
   governed one;
   one.at(10);
   one.readings[0].used = 990;
   CHECK(one.governor.poll() == memory_level::normal);
   one.time += std::chrono::milliseconds(50);
   CHECK(one.governor.poll() == memory_level::emergency);
}

TEST_CASE("promises are given while they fit, and to whom nobody else has one") {
   admission all(100);
   auto first = all.try_take(60);
   REQUIRE(first);
   CHECK_FALSE(all.try_take(50));
   auto second = all.try_take(40);
   CHECK(second);
   CHECK(all.promised() == 100);
   auto third = all.take(500);
   CHECK(all.promised() == 600);
   first.reset();
   second.reset();
   third.reset();
   CHECK(all.promised() == 0);
   CHECK(all.try_take(1000)); // alone
   CHECK(admission().try_take(std::size_t{1} << 60));
}

TEST_CASE("who queues starts in turn, once there is room, and the first of all at once") {
   admission all(100);
   std::vector<int> started;
   std::vector<admission::promise> held(5);
   const auto queue = [&](int number, std::size_t bytes) {
      all.queue(bytes, [&, number](admission::promise given) {
         started.push_back(number);
         held[static_cast<std::size_t>(number)] = std::move(given);
      });
   };
   const auto pictures = all.take(90);
   queue(0, 50); // over the limit, but nobody who queued is under way
   CHECK(started == std::vector<int>{0});
   queue(1, 5);
   queue(2, 1); // would fit before its turn if the pictures went
   CHECK(started == std::vector<int>{0});
   CHECK_FALSE(all.try_take(0)); // calls come before pictures
   held[0].reset();
   CHECK(started == std::vector<int>{0, 1, 2});
   queue(3, 4);
   CHECK(started.size() == 4);
   queue(4, 1);
   CHECK(started.size() == 4);
   held[2].reset();
   CHECK(started == std::vector<int>{0, 1, 2, 3, 4});
}
