// GIF to GIF with FFmpeg (https://ffmpeg.org): palettegen and paletteuse, in one command.

#include <giflab_programs/encoder.hpp>

#include <cstdio>

namespace {

using namespace giflab::programs;

constexpr tool ffmpeg_tool = {"ffmpeg", "apt install ffmpeg", "-version"};

constexpr const char *dithers[] = {"none",    "bayer",      "heckbert", "floyd_steinberg",
                                   "sierra2", "sierra2_4a", nullptr};
constexpr const char *statistics[] = {"full", "diff", "single", nullptr};
constexpr const char *differences[] = {"none", "rectangle", nullptr};

constinit requirement needs_ffmpeg(ffmpeg_tool);

constexpr giflab_param params[] = {
    giflab::real_parameter("frames_per_second",
                           "The rate of the result, at which frames are left out or repeated; 0 "
                           "leaves them as they are.",
                           "Hz", 0, 100, 0),
    colours_parameter("How many colours the palette has at most, a transparent one included.", 4),
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
   ffmpeg(const giflab_call &call, const giflab_setup &setup) {
      needs_ffmpeg.check(call);
      const giflab::parameters given(params, setup);
      frames_per_second_ = given.real("frames_per_second");
      const bool single = std::string(statistics[given.choice("statistics")]) == "single";
      graph_ = "split[a][b];[a]palettegen=max_colors=" + std::to_string(given.integer("colours")) +
               ":stats_mode=" + statistics[given.choice("statistics")] +
               "[palette];[b][palette]paletteuse=dither=" + dithers[given.choice("dither")] +
               ":bayer_scale=" + std::to_string(given.integer("bayer_scale")) +
               (given.choice("difference") == 1 ? ":diff_mode=rectangle" : "") + (single ? ":new=1" : "");
   }

   static std::string probe(const giflab_call &call) { return version_of(call, ffmpeg_tool); }

   void make(const transcoding &work) const {
      const gif_times times = work.times_of_source();
      // A rate means nothing where no time passes.
      const bool rated = frames_per_second_ > 0 && times.delays.size() > 1 && times.total() > 0;
      // Frames without a delay get a moment of their own, or FFmpeg would take them for one.
      std::vector<std::string> arguments = {
          "-nostdin",
          "-y",
          "-v",
          "error",
          "-min_delay",
          "1",
          "-default_delay",
          "1",
          "-f",
          "gif",
          "-i",
          work.source(),
          "-filter_complex",
          "[0:v]" + (rated ? "fps=" + decimal(frames_per_second_) + "," : "") + graph_};
      if (!rated) // every frame of the source is one of the result
         arguments.insert(arguments.end(), {"-vsync", "passthrough"});
      arguments.insert(arguments.end(), {"-loop", times.repeats_argument(), "-f", "gif", work.result()});
      work.run(ffmpeg_tool, arguments);
      const std::string made = work.made();
      if (made.empty())
         throw giflab::failure(GIFLAB_UNSUPPORTED, "the clip is too short for a frame at that rate");
      // How long the last frame is on show is not known to the muxer.
      work.remake(rated ? held_until(made, times.total())
                        : with_delays(made, {times.delays.begin(), times.delays.end()}));
   }

 private:
   static std::string decimal(double number) {
      char text[32];
      std::snprintf(text, sizeof text, "%.6f", number);
      return text;
   }

   double frames_per_second_ = 0;
   std::string graph_;
};

constexpr giflab_plugin plugin = encoder_around<ffmpeg>(
    {
        .id = "org.giflab.ffmpeg",
        .label = "FFmpeg",
        .url = "https://ffmpeg.org/ffmpeg-filters.html#palettegen",
        .help =
            "Makes a GIF of a GIF with a palette by palettegen, a dither of paletteuse and, if asked, another "
            "rate.",
    },
    params);
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
