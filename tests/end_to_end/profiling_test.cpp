// --profile and --trace: where the time went.

#include "pictures.hpp"
#include "program.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <set>

using namespace end_to_end;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

outcome compare_with_itself(std::vector<std::string> options) {
   const std::string picture = synthetic_gif(64, 48, 6);
   options.insert(options.begin(), {"compare", picture, picture, "--quiet", "--metrics", "ssim,kilobytes"});
   return giflab(options);
}

} // namespace

TEST_CASE("a profile tells stages, plugins and threads on standard error, and changes nothing else") {
   const outcome plain = compare_with_itself({"--format", "json"}),
                 ended = compare_with_itself({"--format", "json", "--profile"});
   CHECK(ended.code == 0);
   CHECK(plain.err.empty());
   CHECK(ended.out == plain.out);
   for (const char *expected : {"find plugins", "choose metrics", "open", "decode", "align", "convert", "pool",
                                "write", "call", "org.giflab.ssim", "thread", "of wall"})
      CHECK_MESSAGE(has(ended.err, expected), expected);
}

TEST_CASE("a trace is JSON that has every stretch of time on its thread, within one another") {
   const fs::path trace = fresh_folder("trace") / "new" / "trace.json";
   const outcome ended = compare_with_itself({"--trace", trace.string(), "--threads", "3"});
   CHECK(ended.code == 0);
   CHECK(ended.err.empty());
   const json document = json::parse(contents(trace));
   std::map<std::string, int> names;
   std::map<int, std::vector<std::pair<double, double>>> stretches; // by thread: begin and end
   for (const json &event : document.at("traceEvents")) {
      CHECK(event.at("ph") == "X");
      const double begin = event.at("ts").get<double>(), length = event.at("dur").get<double>();
      CHECK(begin >= 0);
      CHECK(length >= 0);
      ++names[event.at("name").get<std::string>()];
      stretches[event.at("tid").get<int>()].emplace_back(begin, begin + length);
   }
   CHECK(names["open"] == 1);
   CHECK(names["decode"] >= 12);
   CHECK(names["call org.giflab.ssim"] >= 1);
   CHECK(names["set up org.giflab.ssim"] >= 1);
   constexpr double rounding = 0.002; // of microseconds with three places
   for (const auto &[thread, all] : stretches)
      for (std::size_t i = 0; i + 1 < all.size(); ++i) // in the order in which they began
         CHECK((all[i + 1].first >= all[i].second - rounding || all[i + 1].second <= all[i].second + rounding));
   CHECK(document.at("otherData").at("spans_left_out") == 0);
}

TEST_CASE("a trace is refused where it would do harm or cannot be") {
   const fs::path folder = fresh_folder("trace_refused");
   check_refusal(compare_with_itself({"--trace", "-"}), 2, "--trace needs a file");
   check_refusal(compare_with_itself({"--trace", folder.string()}), 1, folder.string());
   fs::copy_file(synthetic_gif(64, 48, 6), folder / "a.gif");
   const std::string before = contents(folder / "a.gif");
   check_refusal(giflab({"compare", folder / "a.gif", folder / "a.gif", "-q", "--trace", folder / "a.gif"}), 2,
                 "is one of the files that are read");
   CHECK(contents(folder / "a.gif") == before);
   check_refusal(giflab({"compare", "/nowhere.gif", folder / "a.gif", "-q", "--trace", folder / "t.json"}), 1,
                 "/nowhere.gif");
}

TEST_CASE("a run is profiled like a comparison") {
   const fs::path folder = fresh_folder("profiled_run");
   const std::string picture = synthetic_gif(64, 48, 6);
   write_file(folder / "run.toml", "[[inputs]]\nreference = \"" + picture + "\"\ndistorted = \"" + picture +
                                       "\"\n[metrics]\nselect = [\"ssim\"]\n");
   const outcome ended =
       giflab({"run", folder / "run.toml", "-q", "--profile", "--trace", folder / "trace.json"});
   CHECK(ended.code == 0);
   CHECK(has(ended.err, "org.giflab.ssim"));
   CHECK(json::accept(contents(folder / "trace.json")));
}
