// The filters and encoders among the examples and the new plugins, called as a host would call them.

#include "end_to_end/program.hpp"
#include "grey_clip.hpp"
#include "kit_modules.hpp"

#include <array>
#include <cmath>
#include <cstring>
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <filesystem>
#include <fmt/format.h>
#include <giflab/plugin.h>
#include <memory>
#include <optional>

using namespace end_to_end;
using sdk::built;
namespace fs = std::filesystem;

namespace {

const giflab_plugin &plugin_of(const std::string &module) {
   void *handle = dlopen((KIT_MODULES "/" + module + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
   REQUIRE_MESSAGE(handle, dlerror());
   return *static_cast<const giflab_module *>(dlsym(handle, "giflab_module_entry"))->plugins[0];
}

// ---- A host with the two services that encoders need. Its one private folder is `folder`.

fs::path folder;
int temporaries = 0;

const giflab_files files = {[](const giflab_call *, const char *suffix) noexcept -> const char * {
   static std::string path;
   path = folder / fmt::format("temporary{}{}", ++temporaries, suffix);
   return path.c_str();
}};

giflab_status run_process(const giflab_call *, giflab_process *process) noexcept {
   static outcome ended;
   std::vector<std::string> arguments;
   for (const char *const *word = process->argv + 1; *word; ++word)
      arguments.emplace_back(*word);
   ended = run_program(process->argv[0], {.arguments = arguments, .folder = folder});
   ended.out += ended.err;
   process->exit_code = ended.code;
   process->output = ended.out.c_str();
   return GIFLAB_OK;
}
const giflab_processes processes = {run_process};

struct call_of_tests {
   giflab_call c = {}; // first: fail() finds the rest from it
   giflab_host host = {};
   std::string text; // of the failure

   call_of_tests() {
      host.query = [](const giflab_host *, const char *id) noexcept -> const void * {
         if (std::strcmp(id, GIFLAB_FILES) == 0)
            return &files;
         return std::strcmp(id, GIFLAB_PROCESSES) == 0 ? &processes : nullptr;
      };
      c.host = &host;
      c.cancelled = [](const giflab_call *) noexcept { return false; };
      c.fail = [](const giflab_call *call, giflab_status status, const char *message) noexcept {
         reinterpret_cast<call_of_tests *>(const_cast<giflab_call *>(call))->text = message;
         return status;
      };
   }
};

// An instance, from create to destroy.
class instance {
 public:
   instance(const giflab_plugin &plugin, std::vector<giflab_value> values, const giflab_clip &clip = {})
       : plugin_(plugin) {
      const giflab_setup setup = {clip, GIFLAB_MEMORY_HOST, 2, values.data(), nullptr};
      REQUIRE(plugin.create(&call.c, &setup, &state) == GIFLAB_OK);
   }
   ~instance() { plugin_.destroy(state); }
   instance(const instance &) = delete;
   instance &operator=(const instance &) = delete;

   call_of_tests call;
   void *state = nullptr;

 private:
   const giflab_plugin &plugin_;
};

// ---- Pictures in and out of a filter

constexpr int32_t width = 3, height = 2;

struct shown {
   int64_t start_us, duration_us;
   uint8_t red; // of the first pixel: which picture it is
   bool passed; // without a copy
};

// A picture whose red is `red`; rows are longer than they need to be.
class source_image {
 public:
   source_image(int64_t start, int64_t duration, uint8_t red) {
      for (int32_t y = 0; y < height; ++y)
         for (int32_t x = 0; x < width; ++x)
            std::memcpy(bytes.data() + y * 64 + x * 4, std::array<uint8_t, 4>{red, 10, 20, 77}.data(), 4);
      view = {GIFLAB_RGBA8, GIFLAB_MEMORY_HOST, 1, 4, {{bytes.data(), 64}, {}, {}, {}}};
      image.width = width, image.height = height;
      image.start_us = start, image.duration_us = duration;
      image.views = views;
   }
   source_image(const source_image &) = delete;
   source_image &operator=(const source_image &) = delete;

   alignas(64) std::array<uint8_t, 128> bytes = {};
   giflab_view view = {};
   const giflab_view *views[9] = {&view};
   giflab_image image = {};
};

struct sink_of_tests {
   giflab_sink s = {}; // first, as above
   std::vector<shown> pictures;
   std::vector<uint8_t> painted; // the last canvas that was put
   std::optional<giflab_canvas> canvas;
   int64_t start = 0, duration = 0;

   sink_of_tests() {
      s.open = [](const giflab_sink *sink, int64_t start_us, int64_t duration_us) noexcept {
         sink_of_tests &mine = self(sink);
         mine.painted.assign(height * 128, 0xEE);
         mine.canvas = giflab_canvas{mine.painted.data(), 128, width, height};
         mine.start = start_us, mine.duration = duration_us;
         return &*mine.canvas;
      };
      s.put = [](const giflab_sink *sink, giflab_canvas *) noexcept {
         sink_of_tests &mine = self(sink);
         mine.pictures.push_back({mine.start, mine.duration, mine.painted[0], false});
         return giflab_status{GIFLAB_OK};
      };
      s.pass = [](const giflab_sink *sink, const giflab_image *image, int64_t start_us,
                  int64_t duration_us) noexcept {
         const auto *pixels = static_cast<const uint8_t *>(image->views[GIFLAB_RGBA8]->planes[0].data);
         self(sink).pictures.push_back({start_us, duration_us, pixels[0], true});
         return giflab_status{GIFLAB_OK};
      };
   }
   static sink_of_tests &self(const giflab_sink *sink) {
      return *reinterpret_cast<sink_of_tests *>(const_cast<giflab_sink *>(sink));
   }
};

// Runs pictures of these durations, red 0, 1, 2, ..., through frame_rate, on one instance.
std::vector<shown> at_frame_rate(const std::vector<int64_t> &durations, bool length_known, instance &filter,
                                 giflab_clip &planned) {
   const giflab_plugin &plugin = plugin_of("frame_rate");
   giflab_clip source = {width, height, -1, -1, 0, 0};
   int64_t time = 0;
   for (const int64_t duration : durations)
      time += duration;
   if (length_known)
      source.duration_us = time;
   CHECK(plugin.filter->plan(filter.state, &source, &planned) == GIFLAB_OK);
   sink_of_tests sink;
   time = 0;
   for (std::size_t i = 0; i < durations.size(); ++i) {
      const source_image picture(time, durations[i], static_cast<uint8_t>(i));
      CHECK(plugin.filter->apply(filter.state, &filter.call.c, &picture.image, &sink.s) == GIFLAB_OK);
      time += durations[i];
   }
   CHECK(plugin.filter->apply(filter.state, &filter.call.c, nullptr, &sink.s) == GIFLAB_OK);
   return sink.pictures;
}

// By its definition: picture k is what the source shows at k / frames_per_second.
void check_frame_rate(double frames_per_second, const std::vector<int64_t> &durations, bool length_known) {
   CAPTURE(frames_per_second);
   CAPTURE(length_known);
   instance filter(plugin_of("frame_rate"), {{frames_per_second, nullptr}});
   for (int clip = 0; clip < 2; ++clip) { // a second clip on the same instance is as the first
      giflab_clip planned = {};
      const std::vector<shown> found = at_frame_rate(durations, length_known, filter, planned);
      int64_t end = 0, source_end = 0;
      std::size_t source = 0;
      for (std::size_t k = 0; k < found.size(); ++k) {
         CHECK(found[k].start_us == std::llround(static_cast<double>(k) * 1e6 / frames_per_second));
         CHECK(found[k].start_us == end);
         CHECK(found[k].duration_us > 0);
         end += found[k].duration_us;
         while (found[k].start_us >= source_end + durations[source])
            source_end += durations[source++];
         CHECK(found[k].red == source);
         CHECK((found[k].passed || !length_known));
      }
      int64_t total = 0;
      for (const int64_t duration : durations)
         total += duration;
      CHECK(end == total);
      CHECK(planned.frame_count == (length_known ? static_cast<int64_t>(found.size()) : -1));
      CHECK(planned.width == width);
   }
}

} // namespace

TEST_CASE("the frame rate changes, and neither pictures nor the length do") {
   const std::vector<std::vector<int64_t>> clips = {{100000, 100000, 100000, 100000},
                                                    {20000, 30000, 990000, 10000, 70000},
                                                    {1000000},
                                                    {10000, 10000, 10000}};
   for (const auto &durations : clips)
      for (const double frames_per_second : {0.1, 3.0, 10.0, 29.97, 100.0})
         for (const bool length_known : {true, false})
            check_frame_rate(frames_per_second, durations, length_known);
}

TEST_CASE("a still goes through any frame rate once") {
   for (const bool length_known : {true, false}) {
      instance filter(plugin_of("frame_rate"), {{10, nullptr}});
      giflab_clip planned = {};
      const std::vector<shown> found = at_frame_rate({0}, length_known, filter, planned);
      REQUIRE(found.size() == 1);
      CHECK(found[0].duration_us == 0);
      CHECK(planned.frame_count == (length_known ? 1 : -1));
   }
}

TEST_CASE("a new filter inverts colours and keeps alpha and times, in every language") {
   for (const std::string module : {"new_filter_c", "new_filter_cpp", "new_filter_rust"}) {
      CAPTURE(module);
      if (!built(module)) {
         MESSAGE("skipped: no rustc");
         continue;
      }
      const giflab_plugin &plugin = plugin_of(module);
      instance filter(plugin, {});
      const source_image picture(500, 900, 200);
      sink_of_tests sink;
      REQUIRE(plugin.filter->apply(filter.state, &filter.call.c, &picture.image, &sink.s) == GIFLAB_OK);
      REQUIRE(sink.pictures.size() == 1);
      CHECK(sink.pictures[0].start_us == 500);
      CHECK(sink.pictures[0].duration_us == 900);
      for (int32_t y = 0; y < height; ++y) {
         for (int32_t x = 0; x < width; ++x) {
            const std::array<uint8_t, 4> inverted = {55, 245, 235, 77};
            CHECK(std::memcmp(sink.painted.data() + y * 128 + x * 4, inverted.data(), 4) == 0);
         }
         CHECK(sink.painted[static_cast<std::size_t>(y * 128 + width * 4)] == 0xEE); // nothing past the row
      }
   }
}

TEST_CASE("a new encoder copies, and leaves nothing behind when it cannot, in every language") {
   folder = fresh_folder("encoders");
   const fs::path source = sdk::write_gif(sdk::moving_clip(40, 30, 5), "to copy it's");
   for (const std::string module : {"new_encoder_c", "new_encoder_cpp", "new_encoder_rust"}) {
      CAPTURE(module);
      if (!built(module)) {
         MESSAGE("skipped: no rustc");
         continue;
      }
      const giflab_plugin &plugin = plugin_of(module);
      instance encoder(plugin, {});
      const fs::path target = folder / (module + ".gif"), missing = folder / "missing.gif";
      CHECK(plugin.encoder->transcode(encoder.state, &encoder.call.c, source.c_str(), target.c_str()) ==
            GIFLAB_OK);
      CHECK(contents(target) == contents(source));
      CHECK(plugin.encoder->transcode(encoder.state, &encoder.call.c, missing.c_str(),
                                      (folder / "none.gif").c_str()) == GIFLAB_IO);
      CHECK_FALSE(encoder.call.text.empty());
      encoder.call.c.cancelled = [](const giflab_call *) noexcept { return true; };
      CHECK(plugin.encoder->transcode(encoder.state, &encoder.call.c, source.c_str(),
                                      (folder / "none.gif").c_str()) == GIFLAB_CANCELLED);
      CHECK_FALSE(fs::exists(folder / "none.gif"));
   }
}

TEST_CASE("the gifsicle encoder keeps every frame and its time, and tells what gifsicle said") {
   if (run_program("sh", {.arguments = {"-c", "command -v gifsicle"}}).code != 0) {
      MESSAGE("skipped: no gifsicle");
      return;
   }
   folder = fresh_folder("gifsicle");
   const giflab_plugin &plugin = plugin_of("gifsicle");
   instance encoder(plugin, {{60, nullptr}});
   char fingerprint[64] = "";
   CHECK(plugin.probe(&encoder.call.c, fingerprint, sizeof fingerprint) == GIFLAB_OK);
   CHECK(std::string(fingerprint).starts_with("LCDF Gifsicle "));
   CHECK_FALSE(has(fingerprint, "\n"));

   sdk::grey_clip clip = sdk::noisy(sdk::moving_clip(90, 70, 6), 6);
   clip.frames[3] = clip.frames[2]; // a frame that shows nothing new
   const fs::path source = sdk::write_gif(clip, "noisy"), target = folder / "smaller.gif";
   REQUIRE(plugin.encoder->transcode(encoder.state, &encoder.call.c, source.c_str(), target.c_str()) ==
           GIFLAB_OK);
   CHECK(fs::file_size(target) < fs::file_size(source));
   const auto facts = [](const fs::path &file) {
      const std::string told = giflab({"info", file, "--format", "json"}).out;
      return std::pair(has(told, "\"frame_count\": 6"), has(told, "\"duration_ms\": 600"));
   };
   CHECK(facts(target) == std::pair(true, true));

   write_file(folder / "broken.gif", "no GIF at all");
   const fs::path none = folder / "none.gif";
   CHECK(plugin.encoder->transcode(encoder.state, &encoder.call.c, (folder / "broken.gif").c_str(),
                                   none.c_str()) == GIFLAB_IO);
   CHECK_MESSAGE(has(encoder.call.text, "gifsicle exited with 1: "), encoder.call.text);
   CHECK_FALSE(fs::exists(none));
}
