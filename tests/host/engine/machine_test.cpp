// What a plugin borrows from the machine that a comparison runs on.

#include "engine/compare.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace giflab;
namespace fs = std::filesystem;

namespace {

// A folder with a picture, the model "abc", and room for temporary files, which the process is pointed to.
class workplace {
 public:
   workplace() {
      std::string name = (fs::temp_directory_path() / "giflab-machine-test-XXXXXX").string();
      REQUIRE(mkdtemp(name.data()));
      path = name;
      fs::create_directories(path / "temporary");
      fs::create_directories(path / "models");
      std::ofstream(path / "models" / "abc.bin") << "abc";
      REQUIRE(std::system(fmt::format("{} {} 32 24 3", SYNTHETIC_GIF, (path / "a.gif").string()).c_str()) == 0);
      if (const char *before = std::getenv("TMPDIR"))
         before_ = before;
      setenv("TMPDIR", (path / "temporary").c_str(), 1);
   }
   ~workplace() {
      before_.empty() ? unsetenv("TMPDIR") : setenv("TMPDIR", before_.c_str(), 1);
      fs::remove_all(path);
   }
   workplace(const workplace &) = delete;
   workplace &operator=(const workplace &) = delete;

   std::size_t temporary_entries() const {
      return static_cast<std::size_t>(
          std::distance(fs::directory_iterator(path / "temporary"), fs::directory_iterator()));
   }

   fs::path path;

 private:
   std::string before_;
};

const modules::catalogue &plugins() {
   static const auto found = modules::catalogue::discover({BUILTIN_PLUGINS, BEHAVIOUR_PLUGINS}, 2);
   REQUIRE(found);
   return *found;
}

engine::lending lent_by(const workplace &place, const std::string &program) {
   engine::lending lent;
   lent.model_folders = {(place.path / "models").string()};
   lent.programs.allowed = {program};
   return lent;
}

results::metric_value measured(const workplace &place, const std::string &metric, engine::machine &on) {
   const auto plan = engine::select_metrics(plugins(), {metric}, {}, &on);
   REQUIRE(plan);
   const std::string gif = (place.path / "a.gif").string();
   const auto found = engine::compare(gif, gif, *plan, {}, on, nullptr);
   REQUIRE_MESSAGE(found, (found ? "" : found.error().text));
   return found->metrics.at(0);
}

} // namespace

TEST_CASE("plugins borrow a program, a file and a model, and nothing is left of them") {
   const workplace place;
   const services::cancellation never;
   {
      engine::machine on(2, never, lent_by(place, "true"));
      const results::metric_value value = measured(place, "borrows", on);
      CHECK_MESSAGE(value.status == results::status::present, value.reason);
      CHECK(value.value == 'a');
   }
   CHECK(place.temporary_entries() == 0);
}

TEST_CASE("a program that may not be run makes a plugin unavailable, and tells how to allow it") {
   const workplace place;
   const services::cancellation never;
   engine::machine on(1, never, lent_by(place, "other"));
   const results::metric_value value = measured(place, "borrows", on);
   CHECK(value.status == results::status::unavailable);
   CHECK(value.reason == "its program does not run: plugins may not run 'true', only other; name it in "
                         "GIFLAB_ALLOWED_PROGRAMS if it may be run");
}

TEST_CASE("a model that is not there fails the value with where it was looked for") {
   const workplace place;
   const services::cancellation never;
   engine::machine on(1, never, lent_by(place, "true"));
   fs::remove(place.path / "models" / "abc.bin");
   const results::metric_value value = measured(place, "borrows", on);
   CHECK(value.status == results::status::failed);
   CHECK(value.reason.find((place.path / "models" / "abc").string()) != std::string::npos);
   CHECK(value.reason.find("https://example.org/abc") != std::string::npos);
}

TEST_CASE("a comparison whose plugins borrow no files makes none") {
   const workplace place;
   const services::cancellation never;
   engine::machine on(2, never, lent_by(place, "true"));
   CHECK(measured(place, "mse", on).status == results::status::present);
   CHECK(place.temporary_entries() == 0);
}
