// The tables of services, as a plugin sees them in a call.

#include "borrowing.hpp"
#include "contains.hpp"
#include "modules/model_registry.hpp"
#include "modules/processes.hpp"
#include "scratch_folder.hpp"
#include "services/sandbox.hpp"

#include <csignal>
#include <cstring>
#include <fmt/format.h>
#include <set>
#include <thread>

using namespace giflab;
using namespace borrowing;
using giflab::tests::contains;
namespace fs = std::filesystem;

namespace {

// Everything that a call can borrow.
struct everything : borrower {
   tests::scratch_folder place;
   services::sandbox files{place.path() / "temporary"};
   modules::model_registry models{{place.path().string()}};
   modules::process_policy programs;

   everything() {
      fs::create_directory(place.path() / "temporary");
      programs.allowed = {"sh", "no-such-program-anywhere"};
      lent.files = &files;
      lent.models = &models;
      lent.programs = &programs;
   }
};

giflab_process process_of(const char *const *argv) {
   giflab_process process{};
   process.size = sizeof process;
   process.argv = argv;
   return process;
}

} // namespace

TEST_CASE("temporary files live as long as their call") {
   everything all;
   fs::path path;
   modules::call_context call(all.lent, 0, 0, 0);
   CHECK(all.files.path().empty()); // a call that asks for nothing makes nothing
   CHECK(call.run([&] {
      const auto &files = service<giflab_files>(call.table(), GIFLAB_FILES);
      const char *first = files.temporary(call.table(), ".gif");
      const char *second = files.temporary(call.table(), nullptr);
      REQUIRE(first);
      REQUIRE(second);
      CHECK(std::string(first) != second);
      CHECK(std::string(first).ends_with(".gif"));
      path = first;
      write(path, "x");
      CHECK(fs::exists(path));
      return GIFLAB_OK;
   }) == GIFLAB_OK);
   CHECK_FALSE(fs::exists(path.parent_path()));
}

TEST_CASE("no path, and a sentence, where there is no room, no sandbox or no sense") {
   everything all;
   services::sandbox spent(all.place.path(), 0);
   const auto text_without = [&](const char *suffix) {
      modules::call_context call(all.lent, 0, 0, 0);
      CHECK(call.run([&] {
         CHECK_FALSE(service<giflab_files>(call.table(), GIFLAB_FILES).temporary(call.table(), suffix));
         return GIFLAB_NO_MEMORY;
      }) == GIFLAB_NO_MEMORY);
      return call.text();
   };
   CHECK(contains(text_without("/../x"), "cannot stand behind the name of a file"));
   all.lent.files = &spent;
   CHECK(contains(text_without(".gif"), "0 are the most there may be"));
   all.lent.files = nullptr;
   CHECK(contains(text_without(".gif"), "no folder for temporary files"));
}

TEST_CASE("a program runs in the private folder of the call, which is its temporary folder") {
   everything all;
   modules::call_context call(all.lent, 0, 0, 0);
   CHECK(call.run([&] {
      const auto &processes = service<giflab_processes>(call.table(), GIFLAB_PROCESSES);
      const char *const argv[] = {"sh", "-c",       "pwd; echo $TMPDIR; echo \"$1\"; echo left > here; exit 3",
                                  "sh", "a 'b'\nc", nullptr};
      giflab_process process = process_of(argv);
      CHECK(processes.run(call.table(), &process) == GIFLAB_OK);
      CHECK(process.exit_code == 3);
      CHECK(process.signal == 0);
      const std::string folder = call.folder().value().string();
      CHECK(process.output == folder + "\n" + folder + "\na 'b'\nc\n");
      CHECK(fs::exists(fs::path(folder) / "here"));

      const char *const dying[] = {"sh", "-c", "kill -ABRT $$", nullptr};
      process = process_of(dying);
      process.directory = "/";
      CHECK(processes.run(call.table(), &process) == GIFLAB_OK);
      CHECK(process.signal == SIGABRT);
      return GIFLAB_OK;
   }) == GIFLAB_OK);
   CHECK(fs::is_empty(all.files.path() / "..") == false);
   CHECK(std::distance(fs::directory_iterator(all.files.path()), fs::directory_iterator()) == 1); // the lock
}

TEST_CASE("a larger giflab_process is written only as far as it is known") {
   everything all;
   modules::call_context call(all.lent, 0, 0, 0);
   struct {
      giflab_process known;
      char tail[16];
   } later{};
   const char *const argv[] = {"sh", "-c", "true", nullptr};
   later.known = process_of(argv);
   later.known.size = sizeof later;
   std::memset(later.tail, 'x', sizeof later.tail);
   CHECK(service<giflab_processes>(call.table(), GIFLAB_PROCESSES).run(call.table(), &later.known) ==
         GIFLAB_OK);
   CHECK(std::string(later.tail, sizeof later.tail) == std::string(16, 'x'));
}

TEST_CASE("programs are refused in words") {
   everything all;
   const auto refused = [&](giflab_process process, giflab_status expected) {
      modules::call_context call(all.lent, 0, 0, 0);
      CHECK(call.run([&] {
         return service<giflab_processes>(call.table(), GIFLAB_PROCESSES).run(call.table(), &process);
      }) == expected);
      return call.text();
   };
   const char *const ls[] = {"ls", nullptr}, *const path[] = {"/bin/sh", nullptr},
                     *const missing[] = {"no-such-program-anywhere", nullptr}, *const nothing[] = {nullptr},
                     *const slow[] = {"sh", "-c", "sleep 60", nullptr};
   CHECK(
       refused(process_of(ls), GIFLAB_UNSUPPORTED) ==
       "plugins may not run 'ls', only sh, no-such-program-anywhere; name it in GIFLAB_ALLOWED_PROGRAMS if it "
       "may be run");
   CHECK(contains(refused(process_of(path), GIFLAB_UNSUPPORTED), "plugins may not run '/bin/sh'"));
   CHECK(contains(refused(process_of(missing), GIFLAB_IO), "is not on PATH: install it"));
   CHECK(contains(refused(process_of(nothing), GIFLAB_INVALID), "names no program"));
   CHECK(contains(refused(process_of(nullptr), GIFLAB_INVALID), "names no program"));
   giflab_process process = process_of(slow);
   process.timeout_ms = 100;
   CHECK(refused(process, GIFLAB_TIMEOUT) == "sh took longer than 100 ms and was stopped");
   process.timeout_ms = -1;
   CHECK(contains(refused(process, GIFLAB_INVALID), "negative timeout"));
   process = process_of(slow);
   process.directory = "here";
   CHECK(contains(refused(process, GIFLAB_INVALID), "no absolute path"));
   process.directory = "/nowhere";
   CHECK(contains(refused(process, GIFLAB_IO), "its directory cannot be entered"));
   process = process_of(slow);
   process.size = 8;
   CHECK(contains(refused(process, GIFLAB_INVALID), "rule A4"));
   all.lent.programs = nullptr;
   CHECK(contains(refused(process_of(slow), GIFLAB_UNSUPPORTED), "may run no programs"));
}

TEST_CASE("a wish to stop stops the program of a call") {
   everything all;
   services::cancellation wish;
   all.lent.cancelled = &wish;
   modules::call_context call(all.lent, 0, 0, 0);
   const char *const slow[] = {"sh", "-c", "sleep 60", nullptr};
   giflab_process process = process_of(slow);
   std::thread person([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      wish.request();
   });
   CHECK(call.run([&] {
      return service<giflab_processes>(call.table(), GIFLAB_PROCESSES).run(call.table(), &process);
   }) == GIFLAB_CANCELLED);
   person.join();
}

TEST_CASE("models are lent to who declares them, and what is wrong reaches the user") {
   everything all;
   all.declare("weights", "content");
   modules::call_context call(all.lent, 0, 0, 0);
   const auto &models = service<giflab_models>(call.table(), GIFLAB_MODELS);
   const giflab_model *model = nullptr;
   SUBCASE("all is well") {
      write(all.place.path() / "weights.bin", "content");
      CHECK(models.acquire(call.table(), "weights", GIFLAB_MEMORY_HOST, &model) == GIFLAB_OK);
      REQUIRE(model);
      CHECK(std::string_view(static_cast<const char *>(model->data), model->size) == "content");
      CHECK(all.models.models_held() == 1);
      models.release(call.table()->host, model);
      CHECK(all.models.models_held() == 0);
      models.release(call.table()->host, model); // once too often: logged, and survived
   }
   SUBCASE("the file is missing") {
      CHECK(call.run([&] {
         const giflab_status status = models.acquire(call.table(), "weights", GIFLAB_MEMORY_HOST, &model);
         return call.table()->fail(call.table(), status, "no network");
      }) == GIFLAB_IO);
      CHECK(call.text() ==
            fmt::format(
                "no network: model weights is not installed: there is no {}, with or without an extension; "
                "install it with: giflab models pull weights (from https://example.org/weights)",
                (all.place.path() / "weights").string()));
   }
   SUBCASE("it was not declared") {
      CHECK(call.run([&] { return models.acquire(call.table(), "other", GIFLAB_MEMORY_HOST, &model); }) ==
            GIFLAB_INVALID);
      CHECK(call.text() == "the model 'other' is not among those that the plugin declares");
   }
   SUBCASE("on a device") {
      CHECK(models.acquire(call.table(), "weights", GIFLAB_MEMORY_CUDA, &model) == GIFLAB_UNSUPPORTED);
   }
}

namespace {

giflab_status make_number(const giflab_call *, void *user, void **object) {
   *object = new int(*static_cast<int *>(user));
   return GIFLAB_OK;
}
void drop_number(void *object) { delete static_cast<int *>(object); }

} // namespace

TEST_CASE("objects are shared under keys of the plugin's own") {
   everything all;
   modules::call_context call(all.lent, 0, 0, 0);
   const auto &models = service<giflab_models>(call.table(), GIFLAB_MODELS);
   int seven = 7, eight = 8;
   void *first = nullptr, *second = nullptr;
   const char *key = "org.example.borrower/number";
   CHECK(models.get(call.table(), key, make_number, drop_number, &seven, &first) == GIFLAB_OK);
   CHECK(models.get(call.table(), key, make_number, drop_number, &eight, &second) == GIFLAB_OK);
   REQUIRE(first);
   CHECK(first == second);
   CHECK(*static_cast<int *>(first) == 7);
   models.put(call.table()->host, first);
   models.put(call.table()->host, second);
   CHECK(all.models.objects_held() == 0);
   for (const char *wrong : {"number", "org.example.borrowerx/number", "", "org.example.other/number"})
      CHECK(models.get(call.table(), wrong, make_number, drop_number, &seven, &first) == GIFLAB_INVALID);
   CHECK(models.get(call.table(), nullptr, make_number, drop_number, &seven, &first) == GIFLAB_INVALID);
   models.put(call.table()->host, &seven); // never shared: logged, and survived
}
