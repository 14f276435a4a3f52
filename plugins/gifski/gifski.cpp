// GIF to GIF with gifski (https://gif.ski), which takes pictures: FFmpeg takes the source apart for it.

#include <giflab_programs/encoder.hpp>

#include <cstdio>

namespace {

using namespace giflab::programs;

constexpr tool gifski_tool = {"gifski", "cargo install gifski, or see https://gif.ski", "--version"};
constexpr tool ffmpeg_tool = {"ffmpeg", "apt install ffmpeg", "-version"};

constinit requirement needs_gifski(gifski_tool);
constinit requirement needs_ffmpeg(ffmpeg_tool);

constexpr giflab_param params[] = {
    giflab::integer_parameter("quality", "The quality of everything; less makes a smaller file.", nullptr, 1,
                              100, 90),
    giflab::integer_parameter("motion_quality",
                              "How little may be left over of a frame in the next; 0 is as quality.", nullptr,
                              0, 100, 0),
    giflab::integer_parameter("lossy_quality",
                              "How little noise and streaks compression may bring; 0 is as quality.", nullptr,
                              0, 100, 0),
};

// Every picture is said to be on show for so long; what comes out tells by its times which pictures those were.
constexpr uint64_t nominal_ticks = 10;
constexpr const char *nominal_rate = "10"; // pictures a second

class gifski {
 public:
   gifski(const giflab_call &call, const giflab_setup &setup) {
      needs_gifski.check(call);
      needs_ffmpeg.check(call);
      const giflab::parameters given(params, setup);
      options_ = {"--quality", std::to_string(given.integer("quality"))};
      if (const auto motion = given.integer("motion_quality"); motion > 0)
         options_.push_back("--motion-quality=" + std::to_string(motion));
      if (const auto lossy = given.integer("lossy_quality"); lossy > 0)
         options_.push_back("--lossy-quality=" + std::to_string(lossy));
   }

   static std::string probe(const giflab_call &call) {
      const std::string version = version_of(call, gifski_tool);
      return version + ", " + version_of(call, ffmpeg_tool);
   }

   void make(const transcoding &work) const {
      const gif_times times = work.times_of_source();
      if (times.delays.size() < 2)
         throw giflab::failure(GIFLAB_UNSUPPORTED, "gifski makes animations only, and this is one picture");
      work.run(ffmpeg_tool, {"-nostdin", "-v", "error", "-min_delay", "1", "-default_delay", "1", "-f", "gif",
                             "-i", work.source(), "-vsync", "passthrough", "frame%08d.png"});
      std::vector<std::string> arguments = options_;
      arguments.insert(arguments.end(),
                       {"--fps", nominal_rate, "--repeat", times.repeats_argument(), "-o", work.result()});
      for (std::size_t i = 1; i <= times.delays.size(); ++i)
         arguments.push_back(picture(i));
      work.run(gifski_tool, arguments);
      work.remake(timed(work.made(), times));
   }

 private:
   static std::string picture(std::size_t number) {
      char name[32];
      std::snprintf(name, sizeof name, "frame%08zu.png", number);
      return name;
   }

   // gifski leaves out what repeats, and knows one rate. A frame that begins at a multiple of the nominal time
   // is the picture of that number.
   static std::string timed(std::string gif, const gif_times &source) {
      const gif_times made = times_of(gif);
      std::vector<std::size_t> kept;
      uint64_t start = 0;
      for (const uint16_t delay : made.delays) {
         kept.push_back((start + nominal_ticks / 2) / nominal_ticks);
         start += delay;
      }
      if (kept.back() >= source.delays.size())
         throw giflab::failure(GIFLAB_IO, "gifski's frames last longer than they were asked to");
      return with_delays(std::move(gif), delays_of_kept(source.delays, kept));
   }

   std::vector<std::string> options_;
};

constexpr giflab_plugin plugin = encoder_around<gifski>(
    {
        .id = "org.giflab.gifski",
        .label = "gifski",
        .url = "https://gif.ski",
        .help = "Makes a GIF of a GIF with palettes over several frames and a dither in time.",
        .determinism = GIFLAB_WITHIN_TOLERANCE, // its threads are its own
    },
    params);
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
