// GIF to GIF with gifsicle (https://www.lcdf.org/gifsicle/), in one command.

#include <giflab_programs/encoder.hpp>

namespace {

using namespace giflab::programs;

constexpr tool gifsicle_tool = {"gifsicle", "apt install gifsicle", "--version"};

constexpr const char *colour_methods[] = {"diversity", "blend-diversity", "median-cut", nullptr};
constexpr const char *dithers[] = {"none", "floyd-steinberg", "ordered",        "o3",       "o4",
                                   "o8",   "halftone",        "squarehalftone", "diagonal", nullptr};
constexpr const char *disposals[] = {"unchanged", "none", "background", "previous", nullptr};

constinit requirement needs_gifsicle(gifsicle_tool);

constexpr giflab_param params[] = {
    keep_parameter("The share of frames that stays; they take over the time of the others."),
    colours_parameter("How many colours the whole clip has at most; 256 leaves them as they are."),
    giflab::choice_parameter("colour_method", "How the colours are chosen.", colour_methods, 0),
    giflab::choice_parameter("dither", "How colours between those of the palette are suggested.", dithers, 0),
    lossy_parameter(300),
    giflab::integer_parameter("optimise", "How hard it looks for a smaller file: -O1, -O2 or -O3.", nullptr, 1,
                              3, 3),
    giflab::choice_parameter(
        "disposal",
        "What becomes of every frame before the next; anything but unchanged writes whole frames "
        "first, so that pictures stay what they are.",
        disposals, 0),
};

class gifsicle {
 public:
   gifsicle(const giflab_call &call, const giflab_setup &setup) {
      needs_gifsicle.check(call);
      const giflab::parameters given(params, setup);
      keep_ = given.real("keep");
      disposal_ = given.choice("disposal");
      options_ = {"-O" + std::to_string(given.integer("optimise")), "-Okeep-empty"};
      if (const auto lossy = given.integer("lossy"); lossy > 0)
         options_.push_back("--lossy=" + std::to_string(lossy));
      if (const auto colours = given.integer("colours"); colours < 256)
         options_.insert(options_.end(),
                         {"--colors=" + std::to_string(colours),
                          std::string("--color-method=") + colour_methods[given.choice("colour_method")],
                          given.choice("dither") == 0
                              ? "--no-dither"
                              : std::string("--dither=") + dithers[given.choice("dither")]});
      if (needs_whole_frames())
         options_.emplace_back("--unoptimize");
      if (disposal_ != 0)
         options_.push_back(std::string("--disposal=") + disposals[disposal_]);
   }

   static std::string probe(const giflab_call &call) { return version_of(call, gifsicle_tool); }

   void make(const transcoding &work) const {
      std::vector<std::string> arguments = options_;
      arguments.insert(arguments.end(), {"--output", work.result()});
      // A frame's delay stands before the frame, and the first one before the file: behind the last it means
      // nothing.
      const std::vector<std::string> frames = frames_to_keep(work);
      if (!frames.empty())
         arguments.insert(arguments.end(), {frames[0], frames[1]});
      arguments.push_back(work.source());
      for (std::size_t i = 2; i < frames.size(); ++i)
         arguments.push_back(frames[i]);
      const std::string said = work.run(gifsicle_tool, arguments);
      if (said.find("too complex to unoptimize") != std::string::npos && needs_whole_frames())
         throw giflab::failure(
             GIFLAB_UNSUPPORTED,
             "gifsicle cannot take this clip apart into whole frames, which dropping frames and "
             "disposal need: it has pictures of more than 256 colours, or of several palettes");
   }

 private:
   bool needs_whole_frames() const { return keep_ < 1 || disposal_ != 0; }

   // "--delay", "17", "#0", "--delay", "33", "#2", ...; empty if all stay.
   std::vector<std::string> frames_to_keep(const transcoding &work) const {
      if (keep_ == 1)
         return {};
      const gif_times times = work.times_of_source();
      const std::vector<std::size_t> kept = evenly_kept(times.delays.size(), keep_);
      const std::vector<uint64_t> delays = delays_of_kept(times.delays, kept);
      std::vector<std::string> selection;
      for (std::size_t i = 0; i < kept.size(); ++i)
         selection.insert(selection.end(),
                          {"--delay", std::to_string(delays[i]), "#" + std::to_string(kept[i])});
      return selection;
   }

   double keep_ = 1;
   std::size_t disposal_ = 0;
   std::vector<std::string> options_;
};

constexpr giflab_plugin plugin = encoder_around<gifsicle>(
    {
        .id = "org.giflab.gifsicle",
        .label = "gifsicle",
        .url = "https://www.lcdf.org/gifsicle/",
        .help = "Makes a smaller GIF of a GIF: fewer frames, fewer colours, lossy compression, optimisation.",
        .bytes_per_pixel = 8, // the source once, where its times are read
    },
    params);
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
