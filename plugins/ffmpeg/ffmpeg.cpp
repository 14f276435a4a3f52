// GIF to GIF with FFmpeg (https://ffmpeg.org): palettegen and paletteuse, in one command.

#include <giflab_programs/gif_times.hpp>
#include <giflab_programs/program.hpp>

#include <cstdio>

namespace {

using namespace giflab::programs;

constexpr tool ffmpeg_tool = {"ffmpeg", "apt install ffmpeg"};

constexpr const char *dithers[] = {"none",    "bayer",      "heckbert", "floyd_steinberg",
                                   "sierra2", "sierra2_4a", nullptr};
constexpr const char *statistics[] = {"full", "diff", "single", nullptr};
constexpr const char *differences[] = {"none", "rectangle", nullptr};

constexpr giflab_param params[] = {
    giflab::real_parameter("frames_per_second",
                           "The rate of the result, at which frames are left out or repeated; 0 "
                           "leaves them as they are.",
                           "Hz", 0, 100, 0),
    giflab::integer_parameter("colours",
                              "How many colours the palette has at most, a transparent one included.", nullptr,
                              4, 256, 256),
    giflab::choice_parameter("dither", "How colours between those of the palette are suggested.", dithers, 5),
    giflab::integer_parameter("bayer_scale", "How faint the pattern of dither=bayer is; 0 is the strongest.",
                              nullptr, 0, 5, 2),
    giflab::choice_parameter(
        "statistics",
        "Which pixels the palette is chosen for: all, those that change, or those of each frame for "
        "a palette of its own.",
        statistics, 0),
    giflab::choice_parameter("difference", "Whether only the rectangle that changed is dithered again.",
                             differences, 0),
};

class ffmpeg {
 public:
   explicit ffmpeg(const giflab_setup &setup) {
      const giflab::parameters given(params, setup);
      frames_per_second_ = given.real("frames_per_second");
      const bool single = std::string(statistics[given.choice("statistics")]) == "single";
      graph_ = frames_per_second_ > 0 ? "[0:v]fps=" + decimal(frames_per_second_) + ",split[a][b];"
                                      : "[0:v]split[a][b];";
      graph_ += "[a]palettegen=max_colors=" + std::to_string(given.integer("colours")) +
                ":stats_mode=" + statistics[given.choice("statistics")] +
                "[palette];[b][palette]paletteuse=dither=" + dithers[given.choice("dither")] +
                ":bayer_scale=" + std::to_string(given.integer("bayer_scale")) +
                (given.choice("difference") == 1 ? ":diff_mode=rectangle" : "") + (single ? ":new=1" : "");
   }

   static std::string probe(const giflab_call &call) { return version_of(call, ffmpeg_tool, "-version"); }

   void transcode(const giflab_call &call, const char *source, const char *target) const {
      const workshop files(call, source);
      const std::string result = files.fresh(".gif");
      const gif_times times = times_of(read_file(call, files.path_of(files.source())));
      // Frames without a delay get a moment of their own, or FFmpeg would take them for one.
      std::vector<std::string> arguments = {
          "-nostdin", "-y",  "-v", "error",        "-min_delay",      "1",   "-default_delay", "1",
          "-f",       "gif", "-i", files.source(), "-filter_complex", graph_};
      if (frames_per_second_ == 0) // every frame of the source is one of the result
         arguments.insert(arguments.end(), {"-vsync", "passthrough"});
      arguments.insert(arguments.end(), {"-loop", loops(times), "-f", "gif", result});
      run(call, ffmpeg_tool, arguments);
      write_file(call, files.path_of(result), timed(read_file(call, files.path_of(result)), times));
      files.deliver(result, target);
   }

 private:
   static std::string decimal(double number) {
      char text[32];
      std::snprintf(text, sizeof text, "%.6f", number);
      return text;
   }

   // Repeats, as FFmpeg's muxer counts: -1 none, 0 for ever.
   static std::string loops(const gif_times &times) {
      return times.repeats ? std::to_string(*times.repeats) : "-1";
   }

   // How long the last frame is on show is not known to the muxer.
   std::string timed(std::string result, const gif_times &times) const {
      if (frames_per_second_ > 0)
         return held_until(std::move(result), times.total());
      return with_delays(std::move(result), {times.delays.begin(), times.delays.end()});
   }

   double frames_per_second_ = 0;
   std::string graph_;
};

constexpr giflab_encoder encoder = {.extension = "gif", .transcode = transcode<ffmpeg>};
constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.giflab.ffmpeg",
    .label = "FFmpeg",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://ffmpeg.org/ffmpeg-filters.html#palettegen",
    .help = "Makes a GIF of a GIF with a palette by palettegen, a dither of paletteuse and, if asked, another "
            "rate.",
    GIFLAB_PARAMS(params),
    .needs = needs,
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FILE,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_MORE,
    .bytes_per_pixel = 16, // source and result once each, where times are read and set
    .least_width = 1,
    .least_height = 1,
    .encoder = &encoder,
    .probe = probe<ffmpeg>,
    .create = giflab::create<ffmpeg>,
    .destroy = giflab::destroy<ffmpeg>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
