// `process`: one file through filters and encoders.

#include "pictures.hpp"
#include "program.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <sstream>

using namespace end_to_end;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

using words = std::vector<std::string>;

outcome process(const std::string &source, const std::string &target, const words &steps,
                const std::map<std::string, std::string> &variables = {}) {
   words arguments = {"process", source, target, "-q"};
   for (const std::string &step : steps)
      arguments.insert(arguments.end(), {"--step", step});
   return giflab(invocation{.arguments = arguments, .variables = variables});
}

void check_made(const outcome &ended) {
   CAPTURE(ended.err);
   CHECK(ended.code == 0);
   CHECK(ended.err.empty());
   CHECK(sanitizer_report(ended).empty());
}

json compared(const std::string &a, const std::string &b, const words &more = {}) {
   words arguments = {"compare", a, b, "--metrics", "mse,timing", "--format", "json"};
   arguments.insert(arguments.end(), more.begin(), more.end());
   return json::parse(giflab(arguments).out);
}

double value(const json &of, const char *metric) { return of["metrics"][metric]["value"]; }

bool has_tool(const std::string &name) {
   std::istringstream path(std::getenv("PATH") ? std::getenv("PATH") : "");
   for (std::string folder; std::getline(path, folder, ':');)
      if (!folder.empty() && fs::exists(fs::path(folder) / name))
         return true;
   return false;
}

// Says so where a tool is missing.
bool can_run(const std::string &name) {
   if (!has_tool(name))
      MESSAGE("skipped: ", name, " is not installed");
   return has_tool(name);
}

bool has_imagemagick() { return has_tool("magick") || can_run("convert"); }

// Flat pictures of different delays, which play three times over.
std::string odd_delays() {
   static const std::string path = [] {
      const fs::path file = fresh_folder("odd_delays") / "odd.gif";
      small_gif gif;
      gif.frames.clear();
      for (uint8_t i = 0; i < 8; ++i)
         gif.frames.push_back({i, 3 + 4 * i, -1});
      write_file(file, bytes_of(gif));
      return file.string();
   }();
   return path;
}

// A program of that name in a folder of its own, for PATH. It notes its arguments, one a line, and runs `body`.
fs::path stand_in(const std::string &name, const std::string &body) {
   const fs::path folder = fresh_folder("stand_in_" + name);
   write_file(folder / name,
              fmt::format("#!/bin/sh\nprintf '%s\\n' \"$@\" > '{0}/arguments'\n{1}\n", folder.string(), body));
   fs::permissions(folder / name, fs::perms::owner_all);
   return folder;
}

std::map<std::string, std::string> path_with(const fs::path &folder) {
   return {{"PATH", folder.string() + ":" + std::getenv("PATH")}};
}

words lines_of(const fs::path &file) {
   std::istringstream text(contents(file));
   words lines;
   for (std::string line; std::getline(text, line);)
      lines.push_back(line);
   return lines;
}

} // namespace

TEST_CASE("without a step pictures are written anew, and are the same") {
   const fs::path folder = fresh_folder("plain");
   for (const std::string &source : {synthetic_gif(64, 48, 6), odd_delays()}) {
      const outcome ended = process(source, folder / "new.gif", {});
      check_made(ended);
      CHECK(has(ended.out, "gif: "));
      const json found = compared(source, folder / "new.gif");
      CHECK(value(found, "mse") == 0);
      CHECK(value(found, "duration_difference_ms") == 0);
      CHECK(found["reference"]["loop_count"] == found["distorted"]["loop_count"]);
   }
   CHECK(names_in(folder) == words{"new.gif"}); // nothing temporary is left beside it
}

#ifdef FAULTY_PLUGINS
TEST_CASE("what a filter says of when its pictures are shown is looked at") {
   const std::pair<const char *, const char *> faults[] = {
       {"overlaps",
        "org.test.faulty put a picture that starts at 30000 us, before the end of the one before it at "
        "31000 us"},
       {"never_ends",
        "org.test.faulty put a picture that starts at 0 us and is on show for 9223372036854775807 us, "
        "where pictures end by 65535000000000 us"}};
   for (const auto &[fault, said] : faults) {
      CAPTURE(fault);
      const fs::path folder = fresh_folder("times");
      const std::string module = fmt::format("P01_{}.so", fault);
      fs::copy(fs::path(FAULTY_PLUGINS) / module, folder / module);
      const outcome ended = process(odd_delays(), folder / "a.gif", {"org.test.faulty", "gif"},
                                    {{"GIFLAB_PLUGIN_PATH", folder.string()}});
      check_refusal(ended, 1, said);
      CHECK_FALSE(fs::exists(folder / "a.gif"));
   }
}
#endif

TEST_CASE("a filter's pictures may be as large as a file's, and no larger") {
   const fs::path folder = fresh_folder("large_pictures");
   const auto enlarged = [&](const char *most_pixels) {
      return giflab(words{"process", odd_delays(), (folder / "a.gif").string(), "-q", "--step",
                          "resize:scale=400", "--step", "gif", "--max-pixels", most_pixels});
   };
   check_refusal(enlarged("767"), 1, "org.giflab.resize plans pictures of 32x24, over the limit of 767 pixels");
   check_made(enlarged("768"));
}

TEST_CASE("filters work in their order, and none does nothing") {
   const fs::path folder = fresh_folder("filters");
   const std::string source = synthetic_gif(64, 48, 6);
   const outcome ended =
       process(source, folder / "a.gif",
               {"drop_even:keep=0.5", "none", "palette:colours=16,dither=none", "org.giflab.resize:scale=50"});
   check_made(ended);
   CHECK(has(ended.out, "drop_even, palette(colours=16,dither=none), resize, gif: "));
   CHECK(has(ended.out, "3 pictures"));
   const json found = json::parse(giflab({"info", folder / "a.gif", "--format", "json"}).out);
   CHECK(found["width"] == 32);
   CHECK(found["height"] == 24);
   CHECK(has(giflab({"process", source, folder / "c.gif", "--step", "drop_even:keep=0.5"}).err,
             ": 3 pictures in "));
   check_made(process(source, folder / "b.gif", {"none"}));
   CHECK(value(compared(source, folder / "b.gif"), "mse") == 0);
}

TEST_CASE("stills and folders of stills are sources too, and - is standard output") {
   const fs::path folder = fresh_folder("stills");
   fs::create_directories(folder / "in");
   for (const int number : {1, 2, 3})
      write_file(folder / "in" / fmt::format("{}.png", number),
                 png_bytes(20, 10, static_cast<uint8_t>(60 * number)));
   check_made(process(folder / "in", folder / "a.gif", {}));
   CHECK(value(compared(folder / "in", folder / "a.gif"), "mse") == 0);
   const outcome piped = process(folder / "in" / "1.png", "-", {});
   CHECK(piped.code == 0);
   CHECK(piped.out.starts_with("GIF89a"));
}

TEST_CASE("what cannot be meant is refused in one sentence, and no target appears") {
   const fs::path folder = fresh_folder("refused");
   const std::string source = synthetic_gif(64, 48, 6), target = folder / "a.gif";
   const auto refused = [&](const words &steps, const std::string &words_of_it) {
      check_refusal(process(source, target, steps), 2, words_of_it);
   };
   refused({"gifsicl"}, "did you mean gifsicle?");
   refused({"ssim"}, "there is no filter or encoder");
   refused({""}, "there is no filter or encoder");
   refused({"palette:colors=3"}, "did you mean colours?");
   refused({"palette:colours"}, "key=value");
   refused({"palette:colours=1"}, "from 2 to 256");
   refused({"palette:dither=bayer"}, "floyd_steinberg");
   refused({"none:a=1"}, "takes no parameters");
   check_refusal(process(source, folder / "a.png", {}), 2, "no plugin writes pictures as .png");
   check_refusal(process(source, folder / "a", {}), 2, "has no ending");
   check_refusal(process(source, source, {}), 2, "is the source");
   check_refusal(process(folder / "missing.gif", target, {}), 1, "missing.gif");
   check_refusal(process(source, "/proc/nowhere/a.gif", {}), 1, "/proc/nowhere/a.gif");
   check_refusal(giflab({"process", source}), 2, "TARGET");
   CHECK(names_in(folder).empty());
}

TEST_CASE("of a damaged file the whole pictures are used, and it is said") {
   const fs::path folder = fresh_folder("damaged_source");
   const std::string whole = contents(synthetic_gif(64, 48, 6));
   write_file(folder / "cut.gif", whole.substr(0, whole.size() / 2));
   const outcome ended = process(folder / "cut.gif", folder / "a.gif", {});
   CHECK(ended.code == 0);
   CHECK(has(ended.err, "damaged after frame"));
   CHECK(value(compared(folder / "cut.gif", folder / "a.gif"), "mse") == 0);
}

TEST_CASE("a failure leaves what was there, and nothing else") {
   const fs::path folder = fresh_folder("failure");
   write_file(folder / "a.gif", "old");
   const fs::path broken = stand_in(
       "gifsicle", "[ \"$1\" = --version ] && exit 0; echo half > 2.gif; echo 'out of luck' >&2; exit 3");
   const outcome ended = process(odd_delays(), folder / "a.gif", {"gifsicle:lossy=20"}, path_with(broken));
   check_refusal(ended, 1, "gifsicle exited with 3: out of luck");
   CHECK(contents(folder / "a.gif") == "old");
   CHECK(names_in(folder) == words{"a.gif"});
}

TEST_CASE("a tool that says it is done and made half a file has failed") {
   const fs::path folder = fresh_folder("half_made");
   for (const auto &[made, fault] : std::map<std::string, std::string>{
            {": > 2.gif", "an empty file"},
            {fmt::format("head -c 100 '{}' > 2.gif", odd_delays()), "a GIF that breaks off"},
            {"printf 'GIF89a\\1\\0\\1\\0\\0\\0\\0;' > 2.gif", "a GIF that breaks off"}}) {
      const fs::path fake = stand_in("gifsicle", "[ \"$1\" = --version ] && exit 0; " + made);
      const outcome ended = process(odd_delays(), folder / "a.gif", {"gifsicle"}, path_with(fake));
      check_refusal(ended, 1, "org.giflab.gifsicle says that it is done and made " + fault);
      CHECK(has(ended.err, "free some"));
      CHECK(names_in(folder).empty());
   }
}

TEST_CASE("a GIF is whole though a tool adds something behind its trailer") {
   const fs::path folder = fresh_folder("added_behind");
   const fs::path padding = stand_in(
       "gifsicle",
       fmt::format("[ \"$1\" = --version ] && exit 0; cat '{}' > 2.gif; printf abc >> 2.gif", odd_delays()));
   const outcome ended = process(odd_delays(), folder / "a.gif", {"gifsicle"}, path_with(padding));
   CHECK(ended.code == 0);
   CHECK(value(compared(odd_delays(), folder / "a.gif"), "mse") == 0);
}

TEST_CASE("a tool that is missing is named, with the way to get it") {
   const fs::path folder = fresh_folder("missing_tools");
   const std::map<std::string, std::string> poor = {{"PATH", folder.string()}};
   for (const auto &[step, remedy] :
        std::map<std::string, std::string>{{"gifsicle", "apt install gifsicle"},
                                           {"imagemagick", "apt install imagemagick"},
                                           {"ffmpeg", "apt install ffmpeg"},
                                           {"gifski", "gif.ski"},
                                           {"animately", "put the binary on PATH"}}) {
      const outcome ended = process(odd_delays(), folder / "a.gif", {step}, poor);
      check_refusal(ended, 1, remedy);
      CHECK(has(giflab(invocation{.arguments = {"doctor"}, .variables = poor}).out, remedy));
   }
   CHECK(names_in(folder).empty());
}

TEST_CASE("a tool may be said the place of, and how long it may take") {
   const fs::path folder = fresh_folder("places");
   const fs::path fake = stand_in(
       "gifsicle", fmt::format("[ \"$1\" = --version ] && echo mine && exit 0; cp '{}' 2.gif", odd_delays()));
   const outcome ended = process(odd_delays(), folder / "a.gif", {"gifsicle"},
                                 {{"GIFLAB_GIFSICLE_PATH", (fake / "gifsicle").string()}});
   check_made(ended);
   CHECK(has(ended.out, "by mine"));
   check_refusal(
       process(odd_delays(), folder / "b.gif", {"gifsicle"}, {{"GIFLAB_GIFSICLE_PATH", "/nowhere/gifsicle"}}),
       1, "is not at /nowhere/gifsicle");
   const fs::path slow = stand_in("convert", "[ \"$1\" = -version ] && exit 0; exec sleep 600");
   // The time is that of a tool's word for its version too, which a busy machine may keep longer than a second.
   outcome late;
   for (const std::string seconds : {"1", "10"})
      if (late = process(
              odd_delays(), folder / "b.gif", {"imagemagick"},
              {{"GIFLAB_IMAGEMAGICK_PATH", (slow / "convert").string()}, {"GIFLAB_RUN_TIMEOUT", seconds}});
          has(late.err, fmt::format("took longer than {}000 ms", seconds)))
         break;
   check_refusal(late, 1, "000 ms");
   CHECK(has(late.err, "took longer than "));
   CHECK(names_in(folder) == words{"a.gif"});
}

TEST_CASE("neighbouring steps of one encoder become one command, unless both say the same thing") {
   const fs::path folder = fresh_folder("merging");
   const fs::path fake =
       stand_in("gifsicle", fmt::format("[ \"$1\" = --version ] && exit 0; cp '{}' 2.gif", odd_delays()));
   const outcome merged =
       process(odd_delays(), folder / "a.gif", {"gifsicle:colours=32", "none", "gifsicle:lossy=40,optimise=2"},
               path_with(fake));
   check_made(merged);
   CHECK(has(merged.out, "gifsicle(colours=32,lossy=40,optimise=2): "));
   CHECK(lines_of(fake / "arguments") == words{"-O2", "-Okeep-empty", "--lossy=40", "--colors=32",
                                               "--color-method=diversity", "--no-dither", "--output", "2.gif",
                                               "1.gif"});
   const outcome twice =
       process(odd_delays(), folder / "a.gif", {"gifsicle:lossy=20", "gifsicle:lossy=40"}, path_with(fake));
   CHECK(has(twice.out, "gifsicle(lossy=20): "));
   CHECK(has(twice.out, "gifsicle(lossy=40): "));
}

TEST_CASE("an interruption ends the tool, and leaves no target") {
   const fs::path folder = fresh_folder("interrupted_process");
   const fs::path endless = stand_in("gifsicle", "[ \"$1\" = --version ] && exit 0; sleep 600");
   const outcome ended =
       giflab(invocation{.arguments = {"process", odd_delays(), folder / "a.gif", "--step", "gifsicle", "-q"},
                         .variables = path_with(endless),
                         .interrupt = true});
   CHECK_FALSE(ended.hung);
   CHECK(ended.code == 130);
   CHECK(ended.err == "giflab: stopped on request\n");
   CHECK(names_in(folder).empty());
}

TEST_CASE("names that tools might misread are safe") {
   const fs::path folder = fresh_folder("names");
   words steps = {"palette"};
   for (const auto &[tool, step] : std::vector<std::pair<std::string, std::string>>{
            {"gifsicle", "gifsicle:lossy=1"}, {"convert", "imagemagick"}, {"ffmpeg", "ffmpeg"}})
      if (can_run(tool))
         steps.push_back(step);
   std::vector<invocation> asked;
   words sources;
   for (const std::string name :
        {"-o.gif", "%d.gif", "a'b\".gif", "new\nline.gif", "gif:x[0].gif", "#1 $(touch x).gif"}) {
      fs::copy(odd_delays(), folder / name);
      sources.push_back(name);
      for (const std::string &step : steps)
         asked.push_back({.arguments = {"process", "-q", "--step", step, "--", name, step.substr(0, 4) + name},
                          .folder = folder});
   }
   const std::vector<outcome> ended = giflab_each(asked);
   for (std::size_t i = 0; i < asked.size(); ++i) {
      CAPTURE(asked[i].arguments[3]);
      CAPTURE(asked[i].arguments.back());
      CAPTURE(ended[i].err);
      CHECK(ended[i].code == 0);
      CHECK(contents(folder / asked[i].arguments.back()).starts_with("GIF89a"));
   }
   CHECK(names_in(folder).size() == sources.size() * (1 + steps.size())); // and nothing was touched
}

TEST_CASE("gifsicle does what its parameters say") {
   if (!can_run("gifsicle"))
      return;
   const fs::path folder = fresh_folder("gifsicle");
   const std::string source = synthetic_gif(64, 48, 6), target = folder / "a.gif", other = folder / "b.gif";
   for (const std::string step :
        {"gifsicle", "gifsicle:optimise=1", "gifsicle:disposal=background", "gifsicle:disposal=previous"}) {
      CAPTURE(step);
      check_made(process(source, target, {step}));
      CHECK(value(compared(source, target), "mse") == 0);
   }
   check_made(process(source, target, {"gifsicle:lossy=100"}));
   CHECK(value(compared(source, target), "mse") > 0);
   CHECK(fs::file_size(target) < fs::file_size(source));
   // Frames that stay are the same as those of drop_even, for as long.
   for (const std::string &gif : {source, odd_delays()})
      for (const std::string keep : {"0.2", "0.5", "0.9"}) {
         check_made(process(gif, target, {"gifsicle:keep=" + keep}));
         check_made(process(gif, other, {"drop_even:keep=" + keep}));
         const json found = compared(other, target);
         CHECK(value(found, "mse") == 0);
         CHECK(value(found, "duration_difference_ms") == 0);
         CHECK(value(found, "max_drift_ms") == 0);
         CHECK(found["reference"]["frames"] == found["distorted"]["frames"]);
         CHECK(value(compared(gif, target), "duration_difference_ms") == 0);
      }
   std::string before;
   for (const std::string dither :
        {"none", "floyd-steinberg", "ordered", "o3", "o4", "o8", "halftone", "squarehalftone", "diagonal"}) {
      CAPTURE(dither);
      check_made(process(source, target, {"gifsicle:colours=8,dither=" + dither}));
      CHECK(contents(target) != before);
      before = contents(target);
   }
   for (const std::string method : {"blend-diversity", "median-cut"}) {
      check_made(process(source, target, {"gifsicle:colours=8,colour_method=" + method}));
      CHECK(contents(target) != before);
      before = contents(target);
   }
}

TEST_CASE("ImageMagick does what its parameters say") {
   if (!has_imagemagick())
      return;
   const fs::path folder = fresh_folder("imagemagick");
   const std::string source = synthetic_gif(64, 48, 6), target = folder / "a.gif", other = folder / "b.gif";
   for (const std::string &gif : {source, odd_delays()}) {
      check_made(process(gif, target, {"imagemagick"}));
      CHECK(value(compared(gif, target), "mse") == 0);
      CHECK(value(compared(gif, target), "max_drift_ms") == 0);
      check_made(process(gif, target, {"imagemagick:keep=0.5"}));
      check_made(process(gif, other, {"drop_even:keep=0.5"}));
      CHECK(value(compared(other, target), "mse") == 0);
      CHECK(value(compared(other, target), "max_drift_ms") == 0);
   }
   std::string before;
   for (const std::string parameters :
        {"dither=none", "dither=riemersma", "dither=floyd-steinberg", "space=lab", "space=ycbcr"}) {
      CAPTURE(parameters);
      check_made(process(source, target, {"imagemagick:colours=8," + parameters}));
      CHECK(contents(target) != before);
      before = contents(target);
      CHECK(value(compared(source, target), "max_drift_ms") == 0);
   }
}

TEST_CASE("FFmpeg does what its parameters say") {
   if (!can_run("ffmpeg"))
      return;
   const fs::path folder = fresh_folder("ffmpeg");
   const std::string source = synthetic_gif(64, 48, 6), target = folder / "a.gif";
   std::string before;
   for (const std::string parameters :
        {"dither=none", "dither=bayer", "dither=bayer,bayer_scale=5", "dither=heckbert",
         "dither=floyd_steinberg", "dither=sierra2", "dither=sierra2_4a", "dither=none,statistics=single",
         "statistics=diff,difference=rectangle"}) {
      CAPTURE(parameters);
      check_made(process(source, target, {"ffmpeg:colours=16," + parameters}));
      CHECK(contents(target) != before);
      before = contents(target);
      const json found = compared(source, target);
      CHECK(value(found, "mse") > 0);
      CHECK(value(found, "duration_difference_ms") == 0);
      CHECK(found["reference"]["frames"] == found["distorted"]["frames"]);
      CHECK(found["reference"]["loop_count"] == found["distorted"]["loop_count"]);
   }
   for (const std::string &gif : {source, odd_delays()}) {
      check_made(process(gif, target, {"ffmpeg:frames_per_second=5"}));
      CHECK(value(compared(gif, target), "duration_difference_ms") == 0);
   }
   check_made(process(source, target,
                      {"palette:colours=32", "ffmpeg:colours=64,dither=none"})); // pictures, file, file
   CHECK(value(compared(source, target), "duration_difference_ms") == 0);
}

TEST_CASE("gifski gets pictures at one rate, and its frames get the times of the source") {
   if (!can_run("ffmpeg"))
      return;
   // It left out the third of eight pictures, which was like the second.
   small_gif seven;
   seven.frames.clear();
   for (const uint8_t colour : {0, 1, 3, 4, 5, 6, 7})
      seven.frames.push_back({colour, colour == 1 ? 20 : 10, -1});
   const fs::path folder = fresh_folder("gifski");
   write_file(folder / "made.gif", bytes_of(seven));
   const fs::path fake = stand_in(
       "gifski", fmt::format("[ \"$1\" = --version ] && echo gifski 1.2.3 && exit 0\n"
                             "for word in \"$@\"; do [ \"$last\" = -o ] && cp '{}' \"$word\"; last=$word; done",
                             (folder / "made.gif").string()));
   const outcome ended = process(odd_delays(), folder / "a.gif",
                                 {"gifski:quality=70,lossy_quality=40,motion_quality=30"}, path_with(fake));
   check_made(ended);
   CHECK(has(ended.out, "by gifski 1.2.3, ffmpeg version"));
   const words arguments = lines_of(fake / "arguments");
   REQUIRE(arguments.size() == 18);
   CHECK(words(arguments.begin(), arguments.begin() + 8) == words{"--quality", "70", "--motion-quality=30",
                                                                  "--lossy-quality=40", "--fps", "10",
                                                                  "--repeat", "-1"});
   CHECK(arguments[8] == "-o");
   CHECK(arguments[10] == "frame00000001.png");
   CHECK(arguments[17] == "frame00000008.png");
   const json info =
       json::parse(giflab({"info", folder / "a.gif", "--format", "json", "--browser-delays", "false"}).out);
   std::vector<int> delays;
   for (const json &frame : info["frames"])
      delays.push_back(frame["stored_delay_ms"]);
   CHECK(delays == std::vector<int>{30, 70 + 110, 150, 190, 230, 270, 310});
}

TEST_CASE("animately gets options alone, and its last frame lasts until the source ends") {
   const fs::path folder = fresh_folder("animately");
   small_gif half;
   half.frames = {{1, 20, -1}, {2, 20, -1}, {3, 20, -1}, {4, 20, -1}};
   write_file(folder / "made.gif", bytes_of(half));
   const fs::path fake = stand_in(
       "animately", fmt::format("[ \"$1\" = --help ] && echo animately 1.1.20.0 && exit 0\ncp '{}' \"$4\"",
                                (folder / "made.gif").string()));
   const outcome ended =
       process(odd_delays(), folder / "a.gif", {"animately:lossy=40,colours=32,keep=0.5"}, path_with(fake));
   check_made(ended);
   CHECK(lines_of(fake / "arguments") == words{"--input", "1.gif", "--output", "2.gif", "--lossy", "40",
                                               "--colors", "32", "--reduce", "0.50", "--delay", "270"});
   CHECK(value(compared(odd_delays(), folder / "a.gif"), "duration_difference_ms") == 0);
}
