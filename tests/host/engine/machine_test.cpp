// What a plugin borrows from the machine that a comparison runs on.

#include "engine/compare.hpp"
#include "synthetic_clips.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace giflab;
using engine_tests::plugins;
namespace fs = std::filesystem;

namespace {

// A folder with a picture, the model "abc", and room for temporary files, which the process is pointed to.
class place_with_model {
 public:
   place_with_model() {
      fs::create_directories(path() / "temporary");
      fs::create_directories(path() / "models");
      std::ofstream(path() / "models" / "abc.bin") << "abc";
      engine_tests::make_gif(path() / "a.gif", 32, 24, 3);
      if (const char *before = std::getenv("TMPDIR"))
         before_ = before;
      setenv("TMPDIR", (path() / "temporary").c_str(), 1);
   }
   ~place_with_model() { before_.empty() ? unsetenv("TMPDIR") : setenv("TMPDIR", before_.c_str(), 1); }
   place_with_model(const place_with_model &) = delete;
   place_with_model &operator=(const place_with_model &) = delete;

   std::size_t temporary_entries() const { return tests::entries_of(path() / "temporary"); }
   const fs::path &path() const { return folder_.path(); }

 private:
   const tests::scratch_folder folder_;
   std::string before_;
};

engine::lending lent_by(const place_with_model &place, const std::string &program) {
   engine::lending lent;
   lent.model_folders = {(place.path() / "models").string()};
   lent.programs.allowed = {program};
   return lent;
}

results::metric_value measured(const place_with_model &place, const std::string &metric, engine::machine &on) {
   const auto plan = engine::select_metrics(plugins(), {metric}, {}, &on);
   REQUIRE(plan);
   const std::string gif = (place.path() / "a.gif").string();
   const auto found = engine::compare(gif, gif, *plan, {}, on, nullptr);
   REQUIRE_MESSAGE(found, (found ? "" : found.error().text));
   return found->metrics.at(0);
}

} // namespace

TEST_CASE("plugins borrow a program, a file and a model, and nothing is left of them") {
   const place_with_model place;
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
   const place_with_model place;
   const services::cancellation never;
   engine::machine on(1, never, lent_by(place, "other"));
   const results::metric_value value = measured(place, "borrows", on);
   CHECK(value.status == results::status::unavailable);
   CHECK(value.reason == "its program does not run: plugins may not run 'true', only other; name it in "
                         "GIFLAB_ALLOWED_PROGRAMS if it may be run");
}

TEST_CASE("a model that is not there fails the value with where it was looked for") {
   const place_with_model place;
   const services::cancellation never;
   engine::machine on(1, never, lent_by(place, "true"));
   fs::remove(place.path() / "models" / "abc.bin");
   const results::metric_value value = measured(place, "borrows", on);
   CHECK(value.status == results::status::failed);
   CHECK(value.reason.find((place.path() / "models" / "abc").string()) != std::string::npos);
   CHECK(value.reason.find("https://example.org/abc") != std::string::npos);
}

TEST_CASE("a comparison whose plugins borrow no files makes none") {
   const place_with_model place;
   const services::cancellation never;
   engine::machine on(2, never, lent_by(place, "true"));
   CHECK(measured(place, "mse", on).status == results::status::present);
   CHECK(place.temporary_entries() == 0);
}
