#include "engine/pipeline.hpp"

#include "config/nearest_name.hpp"
#include "config/printable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace giflab::engine {

namespace {

using modules::catalogue;
using modules::plugin;

constexpr std::string_view pass_through = "none";

// A step as it was asked for.
struct step_wish {
   const plugin *chosen = nullptr;
   std::vector<parameter_choice> choices;
};

bool is_processing(const plugin &one) { return one.table.filter || one.table.encoder; }

bool is_transcoder(const plugin &one) { return one.table.encoder && one.table.encoder->transcode; }

result<const plugin *> plugin_called(const catalogue &found, const std::string &name,
                                     const std::string &origin) {
   std::vector<const plugin *> called;
   std::vector<std::string> names = {std::string(pass_through)};
   for (const auto &one : found.plugins()) {
      if (!is_processing(*one))
         continue;
      names.emplace_back(short_name(*one));
      if (one->id() == name)
         return one.get();
      if (short_name(*one) == name)
         called.push_back(one.get());
   }
   if (called.size() == 1)
      return called.front();
   if (called.size() > 1)
      return failed(problem::usage, fmt::format("{}: both {} and {} are called '{}': write the whole id",
                                                origin, called[0]->id(), called[1]->id(), name));
   return failed(problem::usage, fmt::format("{}: there is no filter or encoder {}: {}", origin,
                                             config::in_quotes(name), config::did_you_mean(name, names)));
}

result<std::vector<parameter_choice>> parse_parameters(const plugin &chosen, std::string_view text,
                                                       const std::string &origin) {
   std::vector<parameter_choice> choices;
   while (!text.empty()) {
      const std::string_view one = text.substr(0, text.find(','));
      text.remove_prefix(std::min(text.size(), one.size() + 1));
      const std::size_t equals = one.find('=');
      if (equals == 0 || equals == std::string_view::npos)
         return failed(problem::usage,
                       fmt::format("{}: {} is not of the form key=value", origin, config::in_quotes(one)));
      choices.push_back(
          {chosen.id(), std::string(one.substr(0, equals)), std::string(one.substr(equals + 1)), origin});
   }
   return choices;
}

// Nothing for a step that does nothing.
result<std::optional<step_wish>> parse_step(const catalogue &found, const step_text &step) {
   const std::size_t colon = step.text.find(':');
   const std::string name = step.text.substr(0, colon);
   const std::string rest = colon == std::string::npos ? "" : step.text.substr(colon + 1);
   if (name == pass_through && rest.empty())
      return std::optional<step_wish>();
   if (name == pass_through)
      return failed(problem::usage,
                    fmt::format("{}: a step that does nothing takes no parameters", step.origin));
   auto chosen = plugin_called(found, name, step.origin);
   if (!chosen)
      return tl::unexpected(chosen.error());
   auto choices = parse_parameters(**chosen, rest, step.origin);
   if (!choices)
      return tl::unexpected(choices.error());
   if (auto checked = check_parameter_names(found, *choices); !checked)
      return tl::unexpected(checked.error());
   return step_wish{*chosen, std::move(*choices)};
}

bool share_a_parameter(const step_wish &a, const step_wish &b) {
   return std::any_of(a.choices.begin(), a.choices.end(), [&](const parameter_choice &one) {
      return std::any_of(b.choices.begin(), b.choices.end(),
                         [&](const parameter_choice &other) { return one.name == other.name; });
   });
}

// One command instead of two is faster, and the picture is quantised and compressed once.
bool can_merge(const step_wish &a, const step_wish &b) {
   return a.chosen == b.chosen && is_transcoder(*a.chosen) && !share_a_parameter(a, b);
}

result<std::vector<step_wish>> parse_steps(const catalogue &found, std::span<const step_text> steps) {
   std::vector<step_wish> wishes;
   for (const step_text &step : steps) {
      auto wish = parse_step(found, step);
      if (!wish)
         return tl::unexpected(wish.error());
      if (!*wish)
         continue;
      if (!wishes.empty() && can_merge(wishes.back(), **wish))
         wishes.back().choices.insert(wishes.back().choices.end(), (*wish)->choices.begin(),
                                      (*wish)->choices.end());
      else
         wishes.push_back(std::move(**wish));
   }
   return wishes;
}

result<pipeline_step> ready_step(const step_wish &wish, readiness_register &known) {
   auto values = values_for(*wish.chosen, wish.choices);
   if (!values)
      return tl::unexpected(values.error());
   const readiness &ready = known.of(*wish.chosen);
   if (!ready.unavailable.empty())
      return failed(problem::plugin,
                    fmt::format("{} cannot run here: {}", wish.chosen->id(), ready.unavailable));
   if (!(wish.chosen->table.memory & GIFLAB_BIT(GIFLAB_MEMORY_HOST)))
      return failed(
          problem::plugin,
          fmt::format("{} runs on a CUDA device only, and this giflab has none to offer", wish.chosen->id()));
   return pipeline_step{wish.chosen, std::move(*values), ready.fingerprint};
}

// The encoder of pictures that writes such files: the first in the catalogue that need not be asked for.
result<step_wish> picture_encoder(const catalogue &found, const std::string &extension) {
   std::vector<std::string> known;
   for (const auto &one : found.plugins()) {
      if (!one->table.encoder || is_transcoder(*one) || one->table.flags & GIFLAB_FLAG_ON_REQUEST)
         continue;
      if (one->table.encoder->extension == extension)
         return step_wish{one.get(), {}};
      known.emplace_back(one->table.encoder->extension);
   }
   return failed(problem::usage, fmt::format("no plugin writes pictures as .{}: {}", extension,
                                             config::did_you_mean(extension, known)));
}

// "GIF89a" is a "gif".
bool is_of_kind(std::string_view format, std::string_view extension) {
   return format.size() >= extension.size() &&
          std::equal(extension.begin(), extension.end(), format.begin(),
                     [](char lower, char any) { return lower == any || lower - 'a' + 'A' == any; });
}

// Gathers steps into stages.
class stage_builder {
 public:
   stage_builder(const catalogue &found, std::string source_format, readiness_register &known)
       : found_(found), known_(known), format_(std::move(source_format)) {}

   result<void> add(const step_wish &wish) {
      if (const giflab_encoder *encoder = wish.chosen->table.encoder) {
         if (is_transcoder(*wish.chosen) && (!filters_.empty() || !is_of_kind(format_, encoder->extension)))
            if (auto closed = close(encoder->extension); !closed)
               return closed;
         return end_with(wish);
      }
      auto step = ready_step(wish, known_);
      if (!step)
         return tl::unexpected(step.error());
      filters_.push_back(std::move(*step));
      return {};
   }

   // Filters that no encoder follows yet get one.
   result<void> close(const std::string &extension) {
      auto encoder = picture_encoder(found_, extension);
      if (!encoder)
         return tl::unexpected(encoder.error());
      return end_with(*encoder);
   }

   bool open() const { return stages_.empty() || !filters_.empty(); }
   std::vector<pipeline_stage> take() { return std::move(stages_); }

 private:
   result<void> end_with(const step_wish &wish) {
      auto step = ready_step(wish, known_);
      if (!step)
         return tl::unexpected(step.error());
      format_ = step->plugin->table.encoder->extension;
      stages_.push_back({std::move(filters_), std::move(*step)});
      filters_.clear();
      return {};
   }

   const catalogue &found_;
   readiness_register &known_;
   std::string format_; // of the file that there is so far
   std::vector<pipeline_step> filters_;
   std::vector<pipeline_stage> stages_;
};

} // namespace

std::string pipeline_step::name() const {
   return std::string(short_name(*plugin)) + parameter_suffix(*plugin, parameters.values);
}

const readiness &readiness_register::of(const plugin &asked) {
   const auto found = known_.find(&asked);
   return found != known_.end() ? found->second : known_.emplace(&asked, ask_(asked)).first->second;
}

result<const plugin *> plugin_of_step(const catalogue &found, const step_text &step) {
   auto wish = parse_step(found, step);
   if (!wish)
      return tl::unexpected(wish.error());
   return *wish ? (*wish)->chosen : nullptr;
}

result<std::vector<pipeline_stage>> plan_pipeline(const catalogue &found, std::span<const step_text> steps,
                                                  const pipeline_ends &ends, machine &on) {
   readiness_register known(on);
   return plan_pipeline(found, steps, ends, known);
}

result<std::vector<pipeline_stage>> plan_pipeline(const catalogue &found, std::span<const step_text> steps,
                                                  const pipeline_ends &ends, readiness_register &known) {
   auto wishes = parse_steps(found, steps);
   if (!wishes)
      return tl::unexpected(wishes.error());
   stage_builder builder(found, ends.source_format, known);
   for (const step_wish &wish : *wishes)
      if (auto added = builder.add(wish); !added)
         return tl::unexpected(added.error());
   if (builder.open())
      if (auto closed = builder.close(ends.target_extension); !closed)
         return tl::unexpected(closed.error());
   std::vector<pipeline_stage> stages = builder.take();
   const std::string written = stages.back().encoder.plugin->table.encoder->extension;
   if (written != ends.target_extension)
      return failed(
          problem::usage,
          fmt::format("the last step writes .{0}: give the target that ending, or add an encoder that writes "
                      ".{1}",
                      written, ends.target_extension));
   return stages;
}

} // namespace giflab::engine
