// Plugins that end their process: what that costs, and what it does not.

#include "living_processes.hpp"
#include "pictures.hpp"
#include "program.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <thread>

using namespace end_to_end;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

using words = std::vector<std::string>;

#ifdef SANITIZED
constexpr bool sanitized = true; // reports go before what giflab says
const std::string segfault = "exit(" SANITIZERS_EXIT_CODE ")";
#else
constexpr bool sanitized = false;
const std::string segfault = "SIGSEGV";
#endif

// An installation of its own, in which the crashing plugins come with the program: they count as checked.
struct installation {
   fs::path folder, program;
   std::map<std::string, std::string> variables;

   explicit installation(const std::string &name)
       : folder(fresh_folder(name)),
         program(folder / "bin/giflab"), variables{{"XDG_CACHE_HOME", (folder / "cache").string()}} {
      fs::create_directories(folder / "bin");
      fs::create_directories(folder / "lib/giflab/1");
      fs::copy_file(GIFLAB, program);
      for (const char *module : {"error.so", "ssim.so", "gif.so", "frames.so"})
         fs::copy_file(fs::path(BUILTIN_PLUGINS) / module, folder / "lib/giflab/1" / module);
      for (const auto &companion : fs::directory_iterator(fs::path(BUILTIN_PLUGINS).parent_path()))
         if (companion.path().extension() == ".so")
            fs::copy_file(companion.path(), folder / "lib/giflab" / companion.path().filename());
      fs::copy_file(fs::path(CRASHING_PLUGINS) / "crashing.so", folder / "lib/giflab/1/crashing.so");
   }

   outcome operator()(const words &arguments) const {
      return run_program(program.string(),
                         invocation{.arguments = arguments, .variables = variables, .folder = folder});
   }
};

// Six pictures of which the fourth is red if it is to be fatal.
std::string clip(const fs::path &folder, const std::string &name, bool fatal, uint8_t other = 7) {
   small_gif gif;
   gif.frames = {{1}, {other}, {0}, {static_cast<uint8_t>(fatal ? 2 : 3)}, {other}, {0}};
   write_file(folder / name, bytes_of(gif));
   return (folder / name).string();
}

json metric_called(const json &document, const std::string &id) {
   return document["metrics"].value(id, json(nullptr));
}

// A metric without a value: its status and the reason for it.
std::pair<std::string, std::string> absence(const outcome &ended, const std::string &id) {
   CAPTURE(ended.err);
   REQUIRE(json::accept(ended.out));
   const json value = metric_called(json::parse(ended.out), id);
   REQUIRE(value.is_object());
   CHECK(value["value"].is_null());
   return {value["status"], value["reason"]};
}

std::vector<json> lines_of(const fs::path &file) {
   std::istringstream text(contents(file));
   std::vector<json> lines;
   for (std::string line; std::getline(text, line);)
      lines.push_back(json::parse(line));
   return lines;
}

bool all_gone(const std::string &variable) {
   for (int i = 0; i < 6000 && !living_processes_with(variable).empty(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
   return living_processes_with(variable).empty();
}

} // namespace

TEST_CASE("a plugin that segfaults on one frame of one clip costs exactly its cells") {
   const installation here("workers_one_frame");
   const std::string reason = "crashed in measure of org.test.crashes_on_red at frame 3, " + segfault;
   std::string inputs;
   for (int i = 0; i < 5; ++i) {
      const std::string name = fmt::format("{}.gif", i);
      clip(here.folder, name, i == 2, static_cast<uint8_t>(4 + i % 3));
      inputs += fmt::format("[[inputs]]\nreference = \"0.gif\"\ndistorted = \"{}\"\n", name);
   }
   const auto run = [&](const std::string &name, const std::string &metrics, const words &more) {
      write_file(
          here.folder / (name + ".toml"),
          fmt::format("{}[metrics]\nselect = [{}]\n[[outputs]]\nformat = \"jsonl\"\npath = \"{}.jsonl\"\n"
                      "per_frame = true\n",
                      inputs, metrics, name));
      words arguments = {"run", name + ".toml", "-q"};
      arguments.insert(arguments.end(), more.begin(), more.end());
      const outcome ended = here(arguments);
      CAPTURE(ended.err);
      CHECK(ended.code == (more.empty() && has(metrics, "red") ? 4 : 0));
      return lines_of(here.folder / (name + ".jsonl"));
   };
   const std::vector<json> crashed = run("crashed", R"("mse", "crashes_on_red", "ssim")", {});
   const std::vector<json> others = run("others", R"("mse", "ssim")", {"--in-process"});
   REQUIRE(crashed.size() == 5);
   REQUIRE(others.size() == 5);
   for (std::size_t i = 0; i < 5; ++i) {
      CAPTURE(i);
      for (const char *metric : {"mse", "ssim"})
         CHECK(metric_called(crashed[i], metric) == metric_called(others[i], metric));
      CHECK(crashed[i]["alignment"] == others[i]["alignment"]);
      const json value = metric_called(crashed[i], "crashes_on_red");
      CHECK(value["status"] == (i == 2 ? "failed" : "present"));
      CHECK(value["reason"] == (i == 2 ? json(reason) : json(nullptr)));
      if (i != 2)
         CHECK(value["value"] == 2.5);
   }
}

TEST_CASE("every way to end a process is told with what was called") {
   const installation here("workers_ways");
   const std::string fatal = clip(here.folder, "fatal.gif", true),
                     harmless = clip(here.folder, "harmless.gif", false);
   const auto compare = [&](const std::string &metric, const words &more = {}) {
      words arguments = {"compare", fatal, fatal, "-q", "--metrics", metric + ",mse", "--format", "json"};
      arguments.insert(arguments.end(), more.begin(), more.end());
      const outcome ended = here(arguments);
      CHECK(metric_called(json::parse(ended.out), "mse")["value"] == 0);
      return ended;
   };
   const auto check = [&](const std::string &metric, const std::string &entry, const std::string &how) {
      const outcome ended = compare(metric, {"--threads", "1"}); // one frame at a time
      CHECK(ended.code == 4);
      CHECK(absence(ended, metric) ==
            std::pair<std::string, std::string>(
                "failed", fmt::format("crashed in {}, {}", fmt::format(fmt::runtime(entry), metric), how)));
   };
   check("crashes_on_red", "measure of org.test.{} at frame 3", segfault);
   check("crashes_clip_on_red", "measure of org.test.{} at frame 3", segfault);
   check("crashes_in_a_task", "measure of org.test.{} at frame 3", segfault);
   check("aborts_in_create", "create of org.test.{}", "SIGABRT");
   check("kills_itself", "measure of org.test.{} at frame 0", "SIGKILL");
   check("calls_exit", "measure of org.test.{} at frame 0", "exit(3)");
   const outcome probed = compare("crashes_in_probe");
   CHECK(probed.code == 0);
   CHECK(absence(probed, "crashes_in_probe").first == "unavailable");
   CHECK(has(absence(probed, "crashes_in_probe").second, "crashed in probe of org.test.crashes_in_probe, "));
   const outcome filtered = here({"process", fatal, "out.gif", "--step", "crashing_filter"});
   CHECK(filtered.code == 1);
   const std::string told =
       fmt::format("giflab: crashed in apply of org.test.crashing_filter at frame 3, {}\n", segfault);
   CHECK((sanitized ? filtered.err.ends_with(told) : filtered.err == told));
   CHECK(here({"process", harmless, "out.gif", "--step", "crashing_filter", "-q"}).code == 0);
   for (const std::string &name : names_in(here.folder))
      CHECK_FALSE(name.ends_with(".tmp"));
}

TEST_CASE("what ends a process outside of calls costs the values of who did it") {
   const installation here("workers_outside");
   const std::string gif = clip(here.folder, "a.gif", false);
   for (const std::string &folder : {std::string(), std::string(CRASHING_PLUGINS)}) { // checked, and unchecked
      words arguments = {"compare",  gif,    gif,         "-q",
                         "--format", "json", "--metrics", "takes_descriptor,mse,psnr"};
      if (!folder.empty())
         arguments.insert(arguments.end(), {"--plugin", folder});
      const outcome ended = here(arguments);
      CHECK(ended.code == 4);
      CHECK(absence(ended, "takes_descriptor") ==
            std::pair<std::string, std::string>("failed", "its process ended outside of any call, exit(0)"));
      for (const char *sound : {"mse", "psnr"})
         CHECK(metric_called(json::parse(ended.out), sound)["status"] == "present");
   }
}

TEST_CASE("a plugin that leaves the folder misleads nobody, and files keep the names that they were given") {
   const installation here("workers_folder");
   clip(here.folder, "a.gif", false);
   clip(here.folder, "b.gif", false);
   write_file(here.folder / "run.toml", "[[inputs]]\nreference = \"a.gif\"\ndistorted = \"a.gif\"\n"
                                        "[[inputs]]\nreference = \"a.gif\"\ndistorted = \"b.gif\"\n"
                                        "[metrics]\nselect = [\"changes_folder\", \"mse\"]\n"
                                        "[[outputs]]\nformat = \"jsonl\"\npath = \"out.jsonl\"\n");
   const outcome ended = here({"run", "run.toml", "-q", "--threads", "1"});
   CAPTURE(ended.err);
   CHECK(ended.code == 0);
   const std::vector<json> lines = lines_of(here.folder / "out.jsonl");
   REQUIRE(lines.size() == 2);
   CHECK(lines[1]["reference"]["path"] == "a.gif");
   CHECK(lines[1]["distorted"]["path"] == "b.gif");
   CHECK(metric_called(lines[1], "changes_folder")["value"] == 2.5);
}

TEST_CASE("what a plugin writes where it has no business is no message") {
   const installation here("workers_strangers");
   const std::string gif = clip(here.folder, "a.gif", false);
   const outcome ended =
       here({"compare", gif, gif, "-q", "--format", "json", "--metrics", "writes_to_strangers,mse"});
   CHECK(ended.code == 4);
   CHECK(absence(ended, "writes_to_strangers").first == "failed");
   const std::string reason = absence(ended, "writes_to_strangers").second;
   CHECK(has(reason, "sent nonsense to giflab"));
   CHECK_FALSE(has(reason, "ggg"));
   CHECK(metric_called(json::parse(ended.out), "mse")["value"] == 0);
}

TEST_CASE("a plugin that gives up though nobody asked it to has failed") {
   const installation here("workers_unasked");
   const std::string gif = clip(here.folder, "a.gif", false);
   const outcome ended =
       here({"compare", gif, gif, "-q", "--format", "json", "--metrics", "gives_up_unasked,mse"});
   CHECK(ended.code == 4);
   CHECK(absence(ended, "gives_up_unasked").first == "failed");
   CHECK(has(absence(ended, "gives_up_unasked").second, "returned GIFLAB_CANCELLED"));
}

TEST_CASE("what a plugin says reaches the terminal as text, and not without end") {
   const installation here("workers_shouts");
   const std::string gif = clip(here.folder, "a.gif", false);
   const outcome ended = here({"compare", gif, gif, "-q", "--format", "json", "--metrics", "shouts"});
   CHECK(ended.code == 4);
   CHECK(has(ended.err, "\\x1B[2J\\xFF\n"));
   CHECK_FALSE(has(ended.err, "[2J\xFF"));
   CHECK(absence(ended, "shouts").second.size() < 5000);
}

TEST_CASE("all of it at once, and unchecked modules, cost no more") {
   const fs::path folder = fresh_folder("workers_unchecked");
   const std::string fatal = clip(folder, "fatal.gif", true);
   const outcome ended = giflab(invocation{
       .arguments = {"compare", fatal, fatal, "--plugin", CRASHING_PLUGINS, "--format", "json", "--metrics",
                     "kills_itself,mse,crashes_on_red,aborts_in_create,calls_exit,crashes_clip_on_red,psnr"},
       .variables = {{"XDG_CACHE_HOME", (folder / "cache").string()}}});
   CHECK(ended.code == 4);
   const json document = json::parse(ended.out);
   CHECK(document["metrics"].size() == 7);
   for (const auto &[id, value] : document["metrics"].items()) {
      const bool sound = id == "mse" || id == "psnr";
      CAPTURE(value.dump());
      CHECK(value["status"] == (sound ? "present" : "failed"));
      if (!sound)
         CHECK(has(value["reason"], " of org.test." + id));
   }
}

TEST_CASE("a plugin that crashes again and again is quarantined until it is forgiven") {
   const installation here("workers_quarantine");
   std::string inputs;
   for (int i = 0; i < 7; ++i) {
      clip(here.folder, fmt::format("{}.gif", i), false);
      inputs += fmt::format("[[inputs]]\nreference = \"{0}.gif\"\ndistorted = \"{0}.gif\"\n", i);
   }
   write_file(here.folder / "run.toml", inputs + "[metrics]\nselect = [\"kills_itself\", \"mse\"]\n"
                                                 "[[outputs]]\nformat = \"jsonl\"\npath = \"out.jsonl\"\n");
   const std::string reason = "crashed in measure of org.test.kills_itself at frame 0, SIGKILL";
   const std::string excluded =
       reason + "; quarantined, giflab plugins --forgive org.test.kills_itself lets it run again";
   const outcome ended = here({"run", "run.toml", "-q", "--threads", "1"});
   CHECK(ended.code == 4);
   const std::vector<json> lines = lines_of(here.folder / "out.jsonl");
   REQUIRE(lines.size() == 7);
   for (std::size_t i = 0; i < 7; ++i) {
      CHECK(metric_called(lines[i], "mse")["value"] == 0);
      CHECK(metric_called(lines[i], "kills_itself")["reason"] == (i < 3 ? reason : excluded));
   }
   // On one thread, so that one frame is being measured when the end comes.
   const words compare = {"compare",          "0.gif",    "0.gif", "-q", "--threads", "1", "--metrics",
                          "kills_itself,mse", "--format", "json"};
   const outcome later = here(compare);
   CHECK(absence(later, "kills_itself").second == excluded);
   CHECK(later.err.empty()); // it was not even tried
   check_refusal(here({"plugins", "--forgive", "org.test.another"}), 2,
                 "no plugin 'org.test.another' is in quarantine");
   CHECK(here({"plugins", "--forgive", "org.test.kills_itself"}).out == "org.test.kills_itself runs again\n");
   CHECK(absence(here(compare), "kills_itself").second == reason);
}

TEST_CASE("a pipeline's crash is a failed cell among others") {
   const installation here("workers_cells");
   fs::create_directories(here.folder / "in");
   clip(here.folder / "in", "a.gif", false);
   clip(here.folder / "in", "b.gif", true);
   write_file(here.folder / "run.toml", "[metrics]\nselect = [\"mse\", \"crashes_on_red\"]\n[pipelines]\n"
                                        "frame = [\"none\", \"crashing_filter\"]\n");
   const outcome ended = here({"run", "run.toml", "--input", "in", "-q", "--output", "out"});
   CAPTURE(ended.err);
   CHECK(ended.code == 4);
   const std::vector<json> lines = lines_of(here.folder / "out/results.jsonl");
   REQUIRE(lines.size() == 4);
   for (const json &line : lines) {
      const bool fatal = line["source"]["path"] == "in/b.gif",
                 filtered = line["pipeline"]["frame"] == "crashing_filter";
      CHECK(line["status"] == (fatal && filtered ? "failed" : "present"));
      if (fatal && filtered)
         CHECK(line["reason"] == "crashed in apply of org.test.crashing_filter at frame 3, " + segfault);
      CHECK(line["metrics"]["mse"]["value"].is_null() == (fatal && filtered));
      CHECK(line["metrics"]["crashes_on_red"]["value"].is_null() == fatal);
   }
   CHECK(names_in(here.folder / "out/files").size() == 3);
}

TEST_CASE("a file that ends its loader is turned away, and told of") {
   const fs::path folder = fresh_folder("workers_loader");
   const std::string gif = clip(folder, "a.gif", false);
   const outcome listed = giflab({"plugins", "--all", "--plugin", CRASHING_PLUGINS});
   CHECK(listed.code == 0);
   CHECK(has(listed.out, "ends_its_loader.so"));
   CHECK(has(listed.out, "it ends the process that loads it: SIGABRT"));
   CHECK(has(listed.out, "org.test.crashes_on_red"));
   CHECK(giflab({"compare", gif, gif, "--plugin", CRASHING_PLUGINS, "--metrics", "mse"}).code == 0);
}

TEST_CASE("workers change no byte") {
   const fs::path folder = fresh_folder("workers_bytes");
   const std::string a = synthetic_gif(64, 48, 6), b = clip(folder, "b.gif", false);
   const auto same = [&](words arguments, const std::string &product = {}) {
      const auto run = [&](const words &all) {
         const outcome ended = giflab(invocation{.arguments = all, .folder = folder});
         CAPTURE(ended.err);
         CHECK(sanitizer_report(ended).empty());
         const bool timed = all[0] == "process" && all[2] != "-"; // its words say how long it took
         return std::tuple(ended.code, timed ? "" : ended.out, ended.err,
                           product.empty() ? "" : contents(folder / product));
      };
      const auto [code, out, err, made] = run(arguments);
      CAPTURE(arguments[0]);
      CAPTURE(arguments.back());
      arguments.push_back("--in-process");
      const auto [own_code, own_out, own_err, own_made] = run(arguments);
      CHECK(own_code == code);
      CHECK(own_out == out);
      CHECK(own_err == err);
      CHECK((own_made == made));
   };
   for (const char *format : {"table", "json", "jsonl", "csv"})
      same({"compare", "-q", a, a, "--metrics", "default,all", "--format", format});
   same({"compare", "-q", a, b, "--resize", "distorted:area", "--format", "json", "--per-frame", "--plugin",
         BEHAVIOUR_PLUGINS, "--metrics",
         "default,throws,scores_twice,fails_on_third,passes_on_third,cannot_be_made,undefined_everywhere,"
         "lookback_depth,clip_order,sees_only_its_own,tells_parameters,absent",
         "--param", "org.test.tells_parameters.shape=square", "--param", "org.test.tells_parameters.gain=2.5"});
   same({"compare", "-q", a, b});
   same({"compare", "-q", a, "nowhere.gif"});
   same({"compare", "-q", a, a, "--metrics", "sim"});
   same({"compare", "-q", a, a, "--fail-if", "mse >= 0"});
   same({"process", a, "out.gif", "-q", "--step", "drop_even:keep=0.5", "--step", "palette:colours=8"},
        "out.gif");
   same({"process", a, "-", "-q", "--step", "palette:colours=8"});
   same({"process", a, "out.gif", "--step", "palette:colours=1"});
   write_file(
       folder / "run.toml",
       fmt::format("[[inputs]]\nreference = \"{0}\"\ndistorted = \"{0}\"\n[[inputs]]\nreference = \"{0}\"\n"
                   "distorted = \"b.gif\"\n[[inputs]]\nreference = \"b.gif\"\ndistorted = \"b.gif\"\n"
                   "[[outputs]]\nformat = \"csv\"\npath = \"out.csv\"\n[[outputs]]\nformat = \"table\"\n",
                   a));
   same({"run", "run.toml", "-q", "--fail-if", "ssim < 2"}, "out.csv");
}

TEST_CASE("nobody is left, however it ends") {
   const fs::path folder = fresh_folder("workers_left");
   const std::string gif = synthetic_gif(64, 48, 6);
   for (const bool kill : {false, true}) {
      const std::string mark = fmt::format("WORKERS_TEST_{}={}", kill, folder.string());
      invocation asked{
          .arguments = {"compare", gif, gif, "--plugin", BEHAVIOUR_PLUGINS, "--metrics", "endless,mse"},
          .variables = {{mark.substr(0, mark.find('=')), folder.string()}}};
      (kill ? asked.kill_after_ms : asked.seconds) = kill ? 500 : 300;
      asked.interrupt = !kill;
      const outcome ended = giflab(asked);
      CHECK(ended.code == (kill ? 128 + 9 : 130));
      CHECK(all_gone(mark));
   }
   for (const words &arguments :
        {words{"compare", gif, gif, "--plugin", CRASHING_PLUGINS, "--metrics", "hangs,mse"},
         words{"doctor", "--plugin", CRASHING_PLUGINS}}) {
      const std::string mark = fmt::format("WORKERS_HANG={}", folder.string());
      const outcome ended = giflab(invocation{
          .arguments = arguments, .variables = {{"WORKERS_HANG", folder.string()}}, .interrupt = true});
      CHECK(ended.code == 130);
      CHECK(all_gone(mark));
   }
   check_refusal(giflab({"worker-process", "1"}), 2, "nothing for people");
}
