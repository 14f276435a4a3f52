// GIF to GIF with animately, a commercial compressor that whoever has it may use here.

#include <giflab_programs/gif_times.hpp>
#include <giflab_programs/program.hpp>

#include <algorithm>
#include <cstdio>

namespace {

using namespace giflab::programs;

constexpr tool animately_tool = {"animately", "it is not in any distribution: put the binary on PATH"};

constinit requirement needs_animately(animately_tool, "--help");

constexpr giflab_param params[] = {
    giflab::integer_parameter("lossy",
                              "How far it may depart from the picture for a smaller file; 0 is lossless.",
                              nullptr, 0, 200, 0),
    giflab::integer_parameter("colours", "How many colours there are at most; 256 leaves them as they are.",
                              nullptr, 2, 256, 256),
    giflab::real_parameter("keep", "The share of frames that stays.", nullptr, 0.01, 1, 1),
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
   static std::string probe(const giflab_call &call) { return version_of(call, animately_tool, "--help"); }

   void transcode(const giflab_call &call, const char *source, const char *target) const {
      const workshop files(call, source);
      const std::string result = files.fresh(".gif");
      // Arguments that no option names make it fail without a word.
      std::vector<std::string> arguments = {"--input", files.source(), "--output", result};
      arguments.insert(arguments.end(), options_.begin(), options_.end());
      const gif_times times = times_of(read_file(call, files.path_of(files.source())));
      if (keep_ < 1)
         arguments.insert(arguments.end(),
                          {"--reduce", share(), "--delay", std::to_string(mean_delay_ms(times))});
      run(call, animately_tool, arguments);
      if (keep_ < 1)
         write_file(call, files.path_of(result),
                    held_until(read_file(call, files.path_of(result)), times.total()));
      files.deliver(result, target);
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

constexpr giflab_encoder encoder = {.extension = "gif", .transcode = transcode<animately>};
constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.giflab.animately",
    .label = "animately",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://animately.co",
    .help = "Makes a smaller GIF of a GIF: fewer frames, fewer colours, lossy compression.",
    GIFLAB_PARAMS(params),
    .needs = needs,
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FILE,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_WITHIN_TOLERANCE, // nothing is known of it
    .cost = GIFLAB_COST_MORE,
    .bytes_per_pixel = 16, // source and result once each, where times are read and set
    .least_width = 1,
    .least_height = 1,
    .encoder = &encoder,
    .probe = probe<animately>,
    .create = giflab::create<animately>,
    .destroy = giflab::destroy<animately>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
