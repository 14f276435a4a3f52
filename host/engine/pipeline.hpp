#pragma once
// What is done to a file: steps, each a filter or an encoder, as a person wrote them.

#include "engine/selection.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace giflab::engine {

// One plugin with its parameters.
struct pipeline_step {
   const modules::plugin *plugin = nullptr;
   chosen_values parameters;
   std::string fingerprint; // of its tool, as its probe tells; may be empty

   bool is_filter() const { return plugin->table.filter != nullptr; }
   bool is_transcoder() const { return plugin->table.encoder && plugin->table.encoder->transcode; }
   std::string name() const; // "gifsicle(lossy=40)"
};

// A run of steps from one file to the next: filters and the encoder of pictures that they end in, or one
// encoder from file to file.
struct pipeline_stage {
   std::vector<pipeline_step> filters;
   pipeline_step encoder;
};

// "NAME" or "NAME:key=value,key=value"; NAME is a plugin's id or the last part of it, or `none`, which does
// nothing.
struct step_text {
   std::string text;
   std::string origin; // where it was written, for errors
};

// What a pipeline starts from and ends in.
struct pipeline_ends {
   std::string source_format;    // as media::file_facts says: "GIF89a"
   std::string target_extension; // "gif"
};

// The stages of a pipeline. Neighbouring steps of one encoder from file to file whose chosen parameters are
// different ones become one command. Where pictures, or a file of another kind, come before an encoder from
// file to file, the encoder of pictures that writes its extension comes in between, and at the end if no file
// is made yet. Every plugin is asked whether it can run here. Errors suggest the nearest name. [main]
result<std::vector<pipeline_stage>> plan_pipeline(const modules::catalogue &found,
                                                  std::span<const step_text> steps, const pipeline_ends &ends,
                                                  machine &on);

// Asks once what many pipelines want to know. [main]
class readiness_register {
 public:
   explicit readiness_register(machine &on)
       : ask_([&on](const modules::plugin &asked) { return probe(asked, &on); }) {}
   explicit readiness_register(prober ask) : ask_(std::move(ask)) {}

   const readiness &of(const modules::plugin &plugin);

 private:
   prober ask_;
   std::map<const modules::plugin *, readiness> known_;
};

// The same with what is known already.
result<std::vector<pipeline_stage>> plan_pipeline(const modules::catalogue &found,
                                                  std::span<const step_text> steps, const pipeline_ends &ends,
                                                  readiness_register &known);

// The filter or encoder that a step's text names, without its parameters; null for `none`.
result<const modules::plugin *> plugin_of_step(const modules::catalogue &found, const step_text &step);

} // namespace giflab::engine
