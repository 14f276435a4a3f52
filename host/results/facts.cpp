#include "results/facts.hpp"

#include "config/run_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace giflab::results {

namespace {

void add(comparison &about, std::string id, tl::expected<double, std::string> value) {
   metric_value made;
   made.id = std::move(id);
   made.plugin = "fact";
   made.unit = "1";
   if (value)
      made.value = *value;
   else {
      made.status = status::undefined;
      made.reason = value.error();
   }
   about.metrics.push_back(std::move(made));
}

tl::unexpected<std::string> because(std::string reason) { return tl::unexpected(std::move(reason)); }

// The text of a parameter of "name:key=value,key=value".
std::optional<std::string_view> parameter_of(std::string_view step, std::string_view name) {
   std::size_t at = step.find(':');
   while (at != std::string_view::npos) {
      step.remove_prefix(at + 1);
      const std::string_view one = step.substr(0, step.find(','));
      if (one.substr(0, one.find('=')) == name && one.size() > name.size())
         return one.substr(name.size() + 1);
      at = step.find(',');
   }
   return std::nullopt;
}

std::optional<double> number_of_parameter(std::string_view step, std::string_view name) {
   const auto text = parameter_of(step, name);
   double number = 0;
   if (!text || std::from_chars(text->data(), text->data() + text->size(), number).ec != std::errc())
      return std::nullopt;
   return number;
}

double as_share(int64_t part, int64_t whole) { return static_cast<double>(part) / static_cast<double>(whole); }

// How many pictures more (above 0) or fewer than asked for.
int64_t surplus(const comparison &about, int64_t source_frames, int64_t asked) {
   const int64_t more = about.distorted.frames - asked;
   if (more >= 0)
      return more;
   // Repeats that were merged are no loss: what counts is pictures that never show.
   const int64_t lost = about.alignment.dropped - (source_frames - asked);
   return -std::min(-more, std::max<int64_t>(0, lost));
}

struct timing_facts {
   tl::expected<double, std::string> share, duration, pace;
};

timing_facts timing_of(const comparison &about, const file_summary &source, const asked_for &wanted) {
   timing_facts made{because("the source's pictures are not known"), because("the source is a still"),
                     because("the source is a still")};
   if (source.frames <= 0)
      return made;
   const double duration = as_share(about.distorted.duration_us, source.duration_us);
   if (source.duration_us > 0)
      made.duration = std::abs(duration - 1);
   if (!wanted.frames) {
      made.share = because(wanted.unknown_frames);
      if (source.duration_us > 0)
         made.pace = because(wanted.unknown_frames);
      return made;
   }
   int64_t more = surplus(about, source.frames, *wanted.frames);
   more = std::abs(more) <= 1 ? 0 : more;
   made.share = std::abs(as_share(more, source.frames));
   if (source.duration_us > 0 && about.distorted.duration_us > 0)
      made.pace = std::abs(as_share(*wanted.frames + more, *wanted.frames) / duration - 1);
   else if (source.duration_us > 0)
      made.pace = because("one picture has no pace");
   return made;
}

} // namespace

const std::vector<std::string> &source_fact_names() {
   static const std::vector<std::string> names = {"frames", "width",       "height",
                                                  "pixels", "duration_ms", "frames_per_second"};
   return names;
}

const std::vector<std::string> &result_fact_names() {
   static const std::vector<std::string> names = {
       "frames",        "size_percent",       "frame_share_deviation",
       "fps_deviation", "duration_deviation", "asked_colours"};
   return names;
}

void add_source_facts(comparison &about) {
   const file_summary &file = about.reference;
   add(about, "frames", static_cast<double>(file.frames));
   add(about, "width", static_cast<double>(file.width));
   add(about, "height", static_cast<double>(file.height));
   add(about, "pixels", static_cast<double>(file.width) * file.height);
   add(about, "duration_ms", static_cast<double>(file.duration_us) / 1000);
   if (file.duration_us > 0)
      add(about, "frames_per_second",
          1e6 * static_cast<double>(file.frames) / static_cast<double>(file.duration_us));
   else
      add(about, "frames_per_second", because("a still has none"));
}

asked_for asked(const experiment_pipeline &pipeline, int64_t source_frames) {
   asked_for wanted;
   int64_t frames = source_frames;
   for (std::size_t slot = 0; slot < pipeline.steps.size(); ++slot) {
      const std::string &step = pipeline.steps[slot];
      if (const auto colours = number_of_parameter(step, "colours"))
         wanted.colours = colours;
      const auto keep = number_of_parameter(step, "keep");
      if (keep) // as all steps round; 1e-9 for shares that are not exact in binary
         frames =
             std::max<int64_t>(1, static_cast<int64_t>(std::floor(static_cast<double>(frames) * *keep + 1e-9)));
      const bool frame_step = slot == 0 && step != "none";
      if ((frame_step && !keep) || parameter_of(step, "frames_per_second") || parameter_of(step, "threshold"))
         wanted.unknown_frames = fmt::format("the step {} says no share of pictures", step);
   }
   if (wanted.unknown_frames.empty())
      wanted.frames = frames;
   return wanted;
}

void add_result_facts(comparison &about, const comparison &source, const experiment_pipeline &pipeline) {
   const asked_for wanted = asked(pipeline, source.reference.frames);
   const timing_facts timing = timing_of(about, source.reference, wanted);
   add(about, "frames", static_cast<double>(about.distorted.frames));
   if (about.reference.bytes > 0)
      add(about, "size_percent", 100 * as_share(about.distorted.bytes, about.reference.bytes));
   else
      add(about, "size_percent", because("the source has no bytes"));
   add(about, "frame_share_deviation", timing.share);
   add(about, "duration_deviation", timing.duration);
   add(about, "fps_deviation", timing.pace);
   if (wanted.colours)
      add(about, "asked_colours", *wanted.colours);
   else
      add(about, "asked_colours", because("no step takes a number of colours"));
}

std::string working_slot(const experiment_pipeline &pipeline) {
   std::string slot;
   for (std::size_t i = 0; i < pipeline.steps.size(); ++i)
      if (pipeline.steps[i] != "none")
         slot = slot.empty() ? config::slot_names[i] : "several";
   return slot;
}

} // namespace giflab::results
