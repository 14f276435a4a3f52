// GIF to GIF with animately, a commercial compressor that whoever has it may use here.

#include <giflab_programs/encoder.hpp>

#include <algorithm>
#include <cstdio>

namespace {

using namespace giflab::programs;

constexpr tool animately_tool = {"animately", "it is not in any distribution: put the binary on PATH",
                                 "--help"};

constinit requirement needs_animately(animately_tool);

constexpr giflab_param params[] = {
    lossy_parameter(200),
    colours_parameter("How many colours there are at most; 256 leaves them as they are."),
    keep_parameter("The share of frames that stays."),
};

class animately {
 public:
   animately(const giflab_call &call, const giflab_setup &setup) {
      needs_animately.check(call);
      const giflab::parameters given(params, setup);
      keep_ = given.real("keep");
      if (const auto lossy = given.integer("lossy"); lossy > 0)
         options_.insert(options_.end(), {"--lossy", std::to_string(lossy)});
      if (const auto colours = given.integer("colours"); colours < 256)
         options_.insert(options_.end(), {"--colors", std::to_string(colours)});
   }

   // It has no option that tells its version alone.
   static std::string probe(const giflab_call &call) { return version_of(call, animately_tool); }

   void make(const transcoding &work) const {
      // Arguments that no option names make it fail without a word.
      std::vector<std::string> arguments = {"--input", work.source(), "--output", work.result()};
      arguments.insert(arguments.end(), options_.begin(), options_.end());
      const gif_times times = work.times_of_source();
      if (keep_ < 1)
         arguments.insert(arguments.end(),
                          {"--reduce", share(), "--delay", std::to_string(mean_delay_ms(times))});
      work.run(animately_tool, arguments);
      if (keep_ < 1)
         work.remake(held_until(work.made(), times.total()));
   }

 private:
   std::string share() const {
      char text[16];
      std::snprintf(text, sizeof text, "%.2f", keep_);
      return text;
   }

   // Which frames it keeps, it does not say: all get the same time, rounded down, and the last what is left.
   uint64_t mean_delay_ms(const gif_times &times) const {
      const uint64_t kept =
          std::max<uint64_t>(1, static_cast<uint64_t>(static_cast<double>(times.delays.size()) * keep_));
      return times.total() / (kept + 1) * 10;
   }

   double keep_ = 1;
   std::vector<std::string> options_;
};

constexpr giflab_plugin plugin = encoder_around<animately>(
    {
        .id = "org.giflab.animately",
        .label = "animately",
        .url = "https://animately.co",
        .help = "Makes a smaller GIF of a GIF: fewer frames, fewer colours, lossy compression.",
        .determinism = GIFLAB_WITHIN_TOLERANCE, // nothing is known of it
    },
    params);
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
