// GIF to GIF with ImageMagick (https://imagemagick.org), in one command.

#include <giflab_programs/encoder.hpp>

namespace {

using namespace giflab::programs;

constexpr tool magick = {"magick", "apt install imagemagick", "-version"},
               convert = {"convert", "apt install imagemagick", "-version"};

constexpr const char *dithers[] = {"none", "riemersma", "floyd-steinberg", nullptr};
constexpr const char *dither_names[] = {"None", "Riemersma", "FloydSteinberg"};
constexpr const char *spaces[] = {"srgb", "lab", "ycbcr", "yuv", "gray", nullptr};
constexpr const char *space_names[] = {"sRGB", "Lab", "YCbCr", "YUV", "Gray"};

constinit requirement needs_convert(convert);

constexpr giflab_param params[] = {
    keep_parameter("The share of frames that stays; they take over the time of the others."),
    colours_parameter("How many colours each frame has at most; 256 leaves them as they are."),
    giflab::choice_parameter("dither", "How colours between those of the palette are suggested.", dithers, 0),
    giflab::choice_parameter("space", "The colour space in which the palette is chosen.", spaces, 0),
};

class imagemagick {
 public:
   imagemagick(const giflab_call &call, const giflab_setup &setup) : program_(installed(call)) {
      if (program_.name == convert.name)
         needs_convert.check(call);
      const giflab::parameters given(params, setup);
      keep_ = given.real("keep");
      // Said in any case: it dithers by itself wherever a frame of more than 256 colours must be stored.
      if (given.choice("dither") == 0)
         reduction_ = {"+dither"};
      else
         reduction_ = {"-dither", dither_names[given.choice("dither")]};
      // With 256 it counts, and changes nothing where there are no more; without, it makes some grey pictures
      // black and white (6.9.11). To optimise with transparency takes a colour that 256 leave no room for.
      const auto colours = given.integer("colours");
      reduction_.insert(reduction_.end(),
                        {"-quantize", space_names[given.choice("space")], "-colors", std::to_string(colours),
                         "-layers", colours < 256 ? "optimize" : "optimizeframe"});
   }

   static std::string probe(const giflab_call &call) { return version_of(call, installed(call)); }

   void make(const transcoding &work) const {
      const gif_times times = work.times_of_source();
      const std::vector<std::size_t> kept = evenly_kept(times.delays.size(), keep_);
      std::vector<std::string> arguments = {work.source(), "-coalesce"};
      if (const std::string dropped = others(kept, times.delays.size()); !dropped.empty())
         // The frames are whole by now; laid over those that remain, holes would show what was before.
         arguments.insert(arguments.end(), {"-delete", dropped, "-set", "dispose", "Background"});
      arguments.insert(arguments.end(), reduction_.begin(), reduction_.end());
      arguments.push_back(work.result());
      work.run(program_, arguments);
      // It has one delay for all frames on its command line; these are as different as those of the source.
      work.remake(with_delays(work.made(), delays_of_kept(times.delays, kept)));
   }

 private:
   // ImageMagick 7, or 6, which calls itself otherwise.
   static tool installed(const giflab_call &call) { return is_there(call, magick) ? magick : convert; }

   // "1,3,4"
   static std::string others(const std::vector<std::size_t> &kept, std::size_t frames) {
      std::string list;
      auto next = kept.begin();
      for (std::size_t i = 0; i < frames; ++i)
         if (next != kept.end() && *next == i)
            ++next;
         else
            list += (list.empty() ? "" : ",") + std::to_string(i);
      return list;
   }

   tool program_;
   double keep_ = 1;
   std::vector<std::string> reduction_;
};

constexpr giflab_plugin plugin = encoder_around<imagemagick>(
    {
        .id = "org.giflab.imagemagick",
        .label = "ImageMagick",
        .url = "https://imagemagick.org",
        .help = "Makes a GIF of a GIF with fewer frames and, in each, fewer colours.",
    },
    params);
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
