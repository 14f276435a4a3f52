#include "modules/model_registry.hpp"

#include "borrowing.hpp"
#include "contains.hpp"
#include "modules/call.hpp"
#include "scratch_folder.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sys/stat.h>

#include <atomic>
#include <cstring>
#include <thread>

using namespace giflab;
using namespace borrowing;
using giflab::tests::contains, giflab::tests::scratch_folder;
namespace fs = std::filesystem;

namespace {

const std::string content = "some weights";

// A registry over one folder, and a plugin that declares one model and may call.
struct setting {
   scratch_folder place;
   borrower who;
   modules::model_registry registry{{place.path().string()}};

   setting() {
      who.declare("weights-1.0", content);
      who.lent.models = &registry;
   }
   const giflab_model_source &source() const { return who.caller.models[0]; }
};

} // namespace

TEST_CASE("a model is found under its id, with one extension or none") {
   setting here;
   for (const char *name : {"weights-1.0", "weights-1.0.safetensors"}) {
      CAPTURE(name);
      write(here.place.path() / name, content);
      write(here.place.path() / "weights-1.0.tar.gz", "two extensions");
      write(here.place.path() / "weights-1.0b", "another");
      const auto model = here.registry.acquire(here.source(), nullptr);
      REQUIRE_MESSAGE(model, (model ? "" : model.error().text));
      CHECK((*model)->path == (here.place.path() / name).string());
      CHECK(std::string_view(static_cast<const char *>((*model)->data), (*model)->size) == content);
      CHECK(here.registry.release(*model));
      fs::remove(here.place.path() / name);
   }
}

TEST_CASE("of several files the one that is right is taken") {
   setting here;
   write(here.place.path() / "weights-1.0.onnx", "another form of it");
   write(here.place.path() / "weights-1.0.pt", content);
   const auto model = here.registry.acquire(here.source(), nullptr);
   REQUIRE(model);
   CHECK((*model)->path == (here.place.path() / "weights-1.0.pt").string());
   CHECK(here.registry.release(*model));
}

TEST_CASE("files that are not the model are refused with the path, the reason and the origin") {
   setting here;
   const fs::path path = here.place.path() / "weights-1.0";
   std::string reason;
   SUBCASE("missing") { reason = "with or without an extension"; }
   SUBCASE("cut short") {
      write(path, content.substr(1));
      reason = "has 11 bytes instead of 12: it is cut short";
   }
   SUBCASE("empty") {
      write(path, "");
      reason = "has 0 bytes instead of 12";
   }
   SUBCASE("too long") {
      write(path, content + "x");
      reason = "has 13 bytes instead of 12: it is another file";
   }
   SUBCASE("damaged") {
      write(path, "Some weights");
      reason = "has the SHA-256 ";
   }
   SUBCASE("a folder") {
      fs::create_directory(path);
      reason = "is not a regular file";
   }
   SUBCASE("a pipe that nobody writes to") {
      REQUIRE(mkfifo(path.c_str(), 0600) == 0);
      reason = "is not a regular file";
   }
   SUBCASE("a link that leads nowhere") {
      fs::create_symlink("nowhere", here.place.path() / "weights-1.0.bin");
      reason = "cannot be opened: No such file or directory";
   }
   for (int i = 0; i < 2; ++i) { // the first failure leaves nothing behind that the second trips over
      const auto model = here.registry.acquire(here.source(), nullptr);
      REQUIRE_FALSE(model);
      CAPTURE(model.error().text);
      CHECK(model.error().kind == problem::input);
      CHECK(model.error().text.find(path.string()) != std::string::npos);
      CHECK(model.error().text.find(reason) != std::string::npos);
      if (reason.find("cannot be opened") == std::string::npos)
         CHECK(model.error().text.find("; install it with: giflab models pull weights-1.0 (from "
                                       "https://example.org/weights-1.0)") != std::string::npos);
   }
   CHECK(here.registry.models_held() == 0);
   fs::remove_all(path);
   write(path, content);
   const auto model = here.registry.acquire(here.source(), nullptr); // put right, it works
   REQUIRE(model);
   CHECK(here.registry.release(*model));
}

TEST_CASE("a model whose hash nobody knows beforehand is held to the pin from when it was imported") {
   setting here;
   giflab_model_source source = here.source();
   source.sha256 = "";
   source.size = 0;
   const fs::path path = here.place.path() / "weights-1.0.safetensors",
                  pin = here.place.path() / "weights-1.0.safetensors.sha256";
   const std::string hash = here.source().sha256, said = hash + "  weights-1.0.safetensors\n";
   write(path, content);
   write(pin, said);
   const auto model = here.registry.acquire(source, nullptr);
   REQUIRE_MESSAGE(model, (model ? "" : model.error().text));
   CHECK(std::string_view(static_cast<const char *>((*model)->data), (*model)->size) == content);
   CHECK(here.registry.release(*model));

   std::string reason;
   SUBCASE("no pin") {
      fs::remove(pin);
      reason = "was not pinned when it was imported: " + pin.string() + " is not there";
   }
   SUBCASE("the pin is a folder") {
      fs::remove(pin);
      fs::create_directory(pin);
      reason = " is not there";
   }
   SUBCASE("an empty pin") {
      write(pin, "");
      reason = " is not what sha256sum writes";
   }
   SUBCASE("a pin with another kind of digits") {
      write(pin, std::string(64, 'G') + said.substr(64));
      reason = " is not what sha256sum writes";
   }
   SUBCASE("the pin of another file") {
      write(pin, hash + "  other.safetensors\n");
      reason = " is not the pin of weights-1.0.safetensors and nothing else";
   }
   SUBCASE("a pin that says more") {
      write(pin, said + said);
      reason = " is not the pin of weights-1.0.safetensors and nothing else";
   }
   SUBCASE("another file since") {
      write(path, "Some weights and more");
      reason = " instead of " + hash + ": it is damaged or another version";
   }
   SUBCASE("an empty file") {
      write(path, "");
      reason = " is empty";
   }
   SUBCASE("another size than declared, where one is") {
      source.size = 5;
      write(path, "else");
      reason = "has 4 bytes instead of 5";
   }
   const auto refused = here.registry.acquire(source, nullptr);
   REQUIRE_FALSE(refused);
   CAPTURE(refused.error().text);
   CHECK(contains(refused.error().text, path.string()));
   CHECK(contains(refused.error().text, reason));
   CHECK(contains(refused.error().text, "giflab models import weights-1.0"));
}

TEST_CASE("without folders the setting is named; an id is never a path") {
   setting here;
   modules::model_registry nowhere({});
   auto model = nowhere.acquire(here.source(), nullptr);
   REQUIRE_FALSE(model);
   CHECK(model.error().text ==
         "model weights-1.0 is not installed: there is no folder of models, as neither "
         "GIFLAB_MODEL_PATH nor HOME is set; install it with: giflab models pull weights-1.0 (from "
         "https://example.org/weights-1.0)");
   write(here.place.path() / "x", content);
   giflab_model_source outside = here.source();
   for (const char *id : {"../x", "/etc/passwd", "..", "."}) {
      outside.id = id;
      model = here.registry.acquire(outside, nullptr);
      REQUIRE_FALSE(model);
      CHECK(model.error().text.find("cannot be the name of a file") != std::string::npos);
   }
}

TEST_CASE("a model is loaded once for all who hold it, and verified once for as long as it does not change") {
   setting here;
   const fs::path path = here.place.path() / "weights-1.0.bin";
   write(path, content);
   const auto first = here.registry.acquire(here.source(), nullptr);
   REQUIRE(first);
   for (std::size_t i = 0; i < 1000; ++i) {
      const auto again = here.registry.acquire(here.source(), nullptr);
      REQUIRE(again);
      CHECK(*again == *first);
      CHECK(here.registry.models_held() == 2);
      CHECK(here.registry.release(*again));
   }
   CHECK(here.registry.release(*first));
   CHECK(here.registry.models_held() == 0);
   CHECK_FALSE(here.registry.release(*first)); // once too often
   for (std::size_t i = 0; i < 1000; ++i) {
      const auto again = here.registry.acquire(here.source(), nullptr);
      REQUIRE(again);
      CHECK(here.registry.release(*again));
   }
   CHECK(here.registry.counted().verifications == 1);
   write(path, "Some weights"); // the same size, another time
   CHECK_FALSE(here.registry.acquire(here.source(), nullptr));
   CHECK(here.registry.counted().verifications == 2);
}

TEST_CASE("eight threads that want a model load it once") {
   setting here;
   const std::string large(20'000'000, 'w'); // long enough for all to come while it loads
   write(here.place.path() / "large", large);
   here.who.declare("large", large);
   const giflab_model_source source = here.who.caller.models[1];
   std::vector<const giflab_model *> models(8);
   std::atomic<int> ready{0};
   std::vector<std::thread> threads;
   for (std::size_t i = 0; i < models.size(); ++i)
      threads.emplace_back([&, i] {
         for (++ready; ready < 8;)
            std::this_thread::yield();
         const auto model = here.registry.acquire(source, nullptr);
         models[i] = model ? *model : nullptr;
      });
   for (std::thread &thread : threads)
      thread.join();
   for (const giflab_model *model : models) {
      REQUIRE(model);
      CHECK(model == models[0]);
   }
   CHECK(here.registry.counted().verifications == 1);
   CHECK(here.registry.models_held() == 8);
   for (const giflab_model *model : models)
      CHECK(modules::model_registry::release_anywhere(model));
   CHECK(here.registry.models_held() == 0);
}

TEST_CASE("eight plugins that ask for one model at once load it once") {
   const std::string large(20'000'000, 'w'); // long enough for all to come while it loads
   const scratch_folder place;
   write(place.path() / "large", large);
   modules::model_registry registry({place.path().string()});
   std::vector<borrower> plugins(8);
   for (borrower &one : plugins)
      one.declare("large", large); // texts of its own, with the same words
   std::vector<const giflab_model *> models(8);
   std::atomic<int> ready{0};
   std::vector<std::thread> threads;
   for (std::size_t i = 0; i < models.size(); ++i)
      threads.emplace_back([&, i] {
         for (++ready; ready < 8;)
            std::this_thread::yield();
         const auto model = registry.acquire(plugins[i].caller.models[0], nullptr);
         models[i] = model ? *model : nullptr;
      });
   for (std::thread &thread : threads)
      thread.join();
   for (const giflab_model *model : models) {
      REQUIRE(model);
      CHECK(model == models[0]);
   }
   const auto counts = registry.counted();
   CHECK(counts.loads == 1);
   CHECK(counts.hits == 7);
   CHECK(counts.verifications == 1);
   CHECK(counts.models == 1);
   CHECK(counts.bytes_now == large.size());
   for (const giflab_model *model : models)
      CHECK(registry.release(model));
   CHECK(registry.counted().bytes_now == 0);
   CHECK(registry.counted().bytes_most == large.size());
}

namespace {

std::size_t mappings() {
   std::ifstream maps("/proc/self/maps");
   std::size_t lines = 0;
   for (std::string line; std::getline(maps, line);)
      ++lines;
   return lines;
}

// A clock that a test winds.
struct clock_of_ours {
   std::chrono::steady_clock::time_point time{};
   modules::model_caching caching(bool shared, std::chrono::milliseconds idle) {
      return {shared, idle, [this] { return time; }};
   }
};

} // namespace

TEST_CASE("a thousand cycles leave nothing behind, whatever is kept and shared") {
   for (const bool shared : {true, false})
      for (const int idle : {0, 1000}) {
         CAPTURE(shared);
         CAPTURE(idle);
         setting here;
         write(here.place.path() / "weights-1.0", content);
         clock_of_ours clock;
         modules::model_registry registry({here.place.path().string()},
                                          clock.caching(shared, std::chrono::milliseconds(idle)));
         std::size_t before = 0;
         for (int i = 0; i < 1000; ++i) {
            const auto one = registry.acquire(here.source(), nullptr);
            const auto two = registry.acquire(here.source(), nullptr);
            REQUIRE(one);
            REQUIRE(two);
            CHECK((*one == *two) == shared);
            CHECK(registry.release(*one));
            CHECK(registry.release(*two));
            if (i == 10)
               before = mappings();
         }
         CHECK(mappings() <= before + 4); // an allocator may have grown once
         const auto counts = registry.counted();
         CHECK(counts.verifications == 1);
         CHECK(counts.loads == (!shared ? 2000 : idle > 0 ? 1 : 1000));
         CHECK(counts.loads + counts.hits == 2000);
         CHECK(counts.models == (shared && idle > 0 ? 1 : 0));
         CHECK(counts.bytes_most == content.size() * (shared ? 1 : 2));
      }
}

TEST_CASE("a model that nobody holds stays for its time, and no longer than memory lasts") {
   setting here;
   write(here.place.path() / "weights-1.0", content);
   clock_of_ours clock;
   modules::model_registry registry({here.place.path().string()}, clock.caching(true, std::chrono::seconds(5)));
   const auto use = [&] {
      const auto model = registry.acquire(here.source(), nullptr);
      REQUIRE(model);
      CHECK(registry.release(*model));
   };
   use();
   clock.time += std::chrono::milliseconds(4999);
   CHECK(registry.drop_expired() == 0);
   use(); // which begins its time anew
   CHECK(registry.counted().hits == 1);
   clock.time += std::chrono::milliseconds(4999);
   CHECK(registry.drop_expired() == 0);
   clock.time += std::chrono::milliseconds(1);
   CHECK(registry.drop_expired() == content.size());
   CHECK(registry.counted().models == 0);
   use();
   CHECK(registry.counted().loads == 2);

   const auto held = registry.acquire(here.source(), nullptr);
   REQUIRE(held);
   clock.time += std::chrono::hours(1);
   CHECK(registry.drop_expired() == 0); // not what somebody holds
   CHECK(registry.drop_idle() == 0);
   CHECK(registry.release(*held));
   CHECK(registry.drop_idle() == content.size());
   CHECK(registry.drop_idle() == 0);
   CHECK(registry.counted().bytes_now == 0);
}

TEST_CASE("a file that changes is loaded anew, and who holds the old one keeps it") {
   setting here;
   giflab_model_source source = here.source();
   source.sha256 = "", source.size = 0; // so that it may change
   const fs::path path = here.place.path() / "weights-1.0";
   const auto put_there = [&](const std::string &bytes) {
      services::sha256 hash;
      hash.add(std::as_bytes(std::span(bytes)));
      write(here.place.path() / "new", bytes);
      fs::rename(here.place.path() / "new", path);
      write(path.string() + ".sha256", hash.digest().value() + "  weights-1.0\n");
   };
   const auto text = [](const giflab_model *model) {
      return std::string(static_cast<const char *>(model->data), model->size);
   };
   clock_of_ours clock;
   modules::model_registry registry({here.place.path().string()}, clock.caching(true, std::chrono::hours(1)));
   put_there("first");
   const auto first = registry.acquire(source, nullptr);
   REQUIRE(first);
   put_there("second");
   const auto second = registry.acquire(source, nullptr);
   REQUIRE_MESSAGE(second, (second ? "" : second.error().text));
   CHECK(text(*first) == "first");
   CHECK(text(*second) == "second");
   CHECK(registry.counted().models == 2);
   CHECK(registry.release(*first));
   CHECK(registry.counted().models == 1); // nobody will ask for it again
   CHECK(registry.release(*second));
   CHECK(registry.counted().loads == 2);
   fs::remove(path);
   CHECK_FALSE(registry.acquire(source, nullptr));
   CHECK(registry.drop_expired() == std::string("second").size()); // although its hour is not over
}

TEST_CASE("where nothing is shared each has an object of its own") {
   modules::model_registry registry({}, {.shared = false});
   int made = 0;
   const auto make = [&](void **object) {
      *object = new int(++made);
      return GIFLAB_OK;
   };
   const auto drop = [](void *object) { delete static_cast<int *>(object); };
   void *one = nullptr, *two = nullptr;
   CHECK(registry.get("a/b", make, drop, nullptr, &one) == GIFLAB_OK);
   CHECK(registry.get("a/b", make, drop, nullptr, &two) == GIFLAB_OK);
   CHECK(one != two);
   CHECK(made == 2);
   CHECK(registry.put(one));
   CHECK(registry.put(two));
   CHECK(registry.objects_held() == 0);
}

TEST_CASE("models are looked for where people say, then where giflab keeps them") {
   const char *home = std::getenv("HOME"), *data = std::getenv("XDG_DATA_HOME");
   const std::string old_home = home ? home : "", old_data = data ? data : "";
   setenv("HOME", "/home/me", 1);
   unsetenv("XDG_DATA_HOME");
   using paths = std::vector<std::string>;
   CHECK(modules::model_search_path({"a"}) == paths{"a", "/home/me/.local/share/giflab/models"});
   setenv("XDG_DATA_HOME", "relative", 1);
   CHECK(modules::model_search_path({}) == paths{"/home/me/.local/share/giflab/models"});
   setenv("XDG_DATA_HOME", "/data", 1);
   CHECK(modules::model_search_path({}) == paths{"/data/giflab/models"});
   unsetenv("XDG_DATA_HOME");
   unsetenv("HOME");
   CHECK(modules::model_search_path({}).empty());
   if (home)
      setenv("HOME", old_home.c_str(), 1);
   if (data)
      setenv("XDG_DATA_HOME", old_data.c_str(), 1);
}

TEST_CASE("a wish to stop ends the loading, and the waiting for it") {
   setting here;
   write(here.place.path() / "weights-1.0", content);
   services::cancellation wish;
   wish.request();
   const auto model = here.registry.acquire(here.source(), &wish);
   REQUIRE_FALSE(model);
   CHECK(model.error().kind == problem::cancelled);
   CHECK(here.registry.models_held() == 0);

   // One thread makes an object until the other, which waits for it, has given up.
   services::cancellation given_up;
   std::atomic<bool> making{false}, ended{false};
   void *object = nullptr;
   int made = 0;
   std::thread maker([&] {
      CHECK(here.registry.get(
                "k",
                [&](void **result) {
                   for (making = true; !ended;)
                      std::this_thread::yield();
                   *result = &made;
                   return GIFLAB_OK;
                },
                nullptr, nullptr, &object) == GIFLAB_OK);
   });
   while (!making)
      std::this_thread::yield();
   given_up.request();
   void *other = nullptr;
   CHECK(here.registry.get(
             "k", [](void **) { return GIFLAB_INTERNAL; }, nullptr, &given_up, &other) == GIFLAB_CANCELLED);
   ended = true;
   maker.join();
   CHECK(here.registry.put(object));
}

namespace {

std::atomic<int> drops{0};

} // namespace

TEST_CASE("an object is made once for its key, and dropped after the last put") {
   modules::model_registry registry({});
   std::atomic<int> makes{0};
   drops = 0;
   const auto make = [&](void **object) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      *object = new int(++makes);
      return GIFLAB_OK;
   };
   const auto drop = [](void *object) {
      ++drops;
      delete static_cast<int *>(object);
   };
   std::vector<void *> objects(8);
   std::vector<std::thread> threads;
   for (void *&object : objects)
      threads.emplace_back([&] { CHECK(registry.get("a/b", make, drop, nullptr, &object) == GIFLAB_OK); });
   for (std::thread &thread : threads)
      thread.join();
   CHECK(makes == 1);
   CHECK(registry.objects_held() == 8);
   for (std::size_t i = 0; i < objects.size(); ++i) {
      CHECK(objects[i] == objects[0]);
      CHECK(drops == 0);
      CHECK(registry.put(objects[i]));
   }
   CHECK(drops == 1);
   CHECK(registry.objects_held() == 0);
   CHECK_FALSE(registry.put(objects[0]));
   CHECK_FALSE(registry.put(nullptr));

   void *object = nullptr; // another life
   CHECK(registry.get("a/b", make, drop, nullptr, &object) == GIFLAB_OK);
   CHECK(makes == 2);
   CHECK(registry.put(object));
   CHECK(drops == 2);
}

TEST_CASE("where one fails to make an object, the next who wants it tries") {
   modules::model_registry registry({});
   void *object = nullptr;
   int value = 0;
   CHECK(registry.get(
             "k", [](void **) { return GIFLAB_NO_MEMORY; }, nullptr, nullptr, &object) == GIFLAB_NO_MEMORY);
   CHECK(registry.get(
             "k", [](void **) -> giflab_status { throw 7; }, nullptr, nullptr, &object) == GIFLAB_INTERNAL);
   CHECK(registry.get(
             "k", [](void **) { return GIFLAB_OK; }, nullptr, nullptr, &object) == GIFLAB_INTERNAL);
   CHECK(object == nullptr);
   CHECK(registry.get(
             "k",
             [&](void **made) {
                *made = &value;
                return GIFLAB_OK;
             },
             nullptr, nullptr, &object) == GIFLAB_OK);
   CHECK(object == &value);
   CHECK(registry.put(object));
}
