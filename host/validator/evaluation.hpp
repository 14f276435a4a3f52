#pragma once
// A plugin run over a clip, whatever its kind and scope, and what came of it in a form that can be compared.

#include "validator/laid_out_clip.hpp"
#include "validator/test_host.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace giflab::validator {

// A picture that a filter gave.
struct emitted_picture {
   int32_t width = 0, height = 0;
   int64_t start_us = 0, duration_us = 0;
   bool passed = false;         // through `pass`, without a copy
   std::vector<uint8_t> pixels; // RGBA8, rows without padding
};

struct evaluation {
   giflab_status status = GIFLAB_OK; // the first that was not GIFLAB_OK ends the run
   std::string entry;                // the call that gave it: "create", "measure", ...
   std::string text;                 // what was said with it
   std::vector<double> frames; // metrics: [pair * outputs + output]; NaN where it is undefined or not scored
   std::vector<double> clip;   // metrics of CLIP and FILE scope: [output]
   giflab_clip planned{};      // filters
   std::vector<emitted_picture> emitted;
   std::string file; // encoders: the bytes of the target

   bool ok() const { return status == GIFLAB_OK; }
};

struct evaluation_options {
   std::map<std::string, giflab_value> parameters; // others have their declared initial value
   uint32_t batch = 0;                             // pairs a call; 0 = as declared
   std::vector<std::size_t> order;                 // of the pairs of FRAME scope; empty = forward
   std::optional<uint32_t> only;                   // the one output that is wanted; else all are
};

// The values of every parameter of a plugin: the initial ones, and `chosen` over them. The texts live as long
// as the plugin or `chosen`.
std::vector<giflab_value> parameter_values(const modules::plugin &guest,
                                           const std::map<std::string, giflab_value> &chosen = {});

// An instance, made and destroyed, and its calls. Every entry may throw what a plugin throws: std::exception
// and others pass through here, for the check to catch or to die of.
class test_instance {
 public:
   // `only`: the one output that is wanted; else all that such pictures have.
   test_instance(test_host &host, const giflab_clip &facts,
                 const std::map<std::string, giflab_value> &parameters = {}, std::optional<uint32_t> only = {});
   ~test_instance(); // destroys what was made
   test_instance(const test_instance &) = delete;
   test_instance &operator=(const test_instance &) = delete;

   giflab_status create(); // once, before anything else
   void destroy();         // at most once, after it

   // One call each; `into` gets status, text and results.
   void measure(std::span<const giflab_pair> pairs, std::size_t first, evaluation &into);
   void begin(const giflab_clip &clip, evaluation &into);
   void finish(evaluation &into);
   void inspect(const giflab_comparison &comparison, evaluation &into);
   void filter(const laid_out_clip &clip, evaluation &into); // plan, every apply, and the drain
   void plan(const giflab_clip &source, evaluation &into);
   void apply(const giflab_image *image, const std::string &what, evaluation &into); // NULL drains; after plan
   void encode(const laid_out_clip &clip, const std::string &source, const std::string &target,
               evaluation &into);

   const evaluation &creation() const { return creation_; }

 private:
   test_host &host_;
   giflab_clip facts_;
   std::vector<giflab_value> values_;
   std::vector<uint8_t> wanted_; // by output
   evaluation creation_;
   void *instance_ = nullptr;
   bool made_ = false;
};

// What the plugin, which has a probe, answers to it. `room` bytes are there for its fingerprint, as giflab
// gives it; the one behind them cannot be touched.
evaluation probed(test_host &host, std::size_t room = 256);

// All calls over the whole clip between create and destroy, on an instance of this host's that was created.
void evaluate_on(test_instance &instance, test_host &host, const test_clip &clip, laid_out_clip &shown,
                 evaluation &into, const evaluation_options &options = {});

// Create, all calls over the whole clip, destroy. Encoders and metrics of FILE scope get `clip` as GIF files in
// the host's folder.
evaluation evaluate(test_host &host, const test_clip &clip, laid_out_clip &shown,
                    const evaluation_options &options = {});

// The same in plain layout under a host of its own.
evaluation evaluate(const modules::plugin &guest, const host_conduct &conduct, const test_clip &clip,
                    const evaluation_options &options = {});

// How two evaluations of the same thing differ: "" if not, else a sentence with output, pair and both values.
// `exact`: equal bits; otherwise each value within its output's tolerance (pictures and files are always
// exact).
std::string difference(const modules::plugin &guest, const evaluation &a, const evaluation &b, bool exact);

// The same, as the plugin promises, of the values of one output.
std::string difference_of_output(const modules::plugin &guest, uint32_t output, const evaluation &a,
                                 const evaluation &b);

// As the plugin promises: EXACT and SEEDED by bits, otherwise within tolerance.
std::string difference(const modules::plugin &guest, const evaluation &a, const evaluation &b);

// The least size that all outputs of the plugin take, but those that need 4096 pixels and more, and that is at
// least `width` x `height`.
std::pair<int32_t, int32_t> size_for(const modules::plugin &guest, int32_t width, int32_t height);

} // namespace giflab::validator
