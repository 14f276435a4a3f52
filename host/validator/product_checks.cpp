#include "validator/product_checks.hpp"

#include "media/timing.hpp"
#include "validator/evaluation.hpp"
#include "validator/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace giflab::validator {

namespace {

// ---- P01

// One way to run a filter, and words for it.
struct filtering {
   std::map<std::string, giflab_value> parameters;
   bool length_known = true;
   std::string how; // "", " with radius = 3", ...
};

// Every number at its lowest and highest, one at a time; and a source whose length is not known.
std::vector<filtering> filterings(const modules::plugin &guest) {
   std::vector<filtering> all = {{{}, true, ""}, {{}, false, " of a source of unknown length"}};
   for (const giflab_param &param : guest.params) {
      if (param.kind != GIFLAB_INT && param.kind != GIFLAB_REAL && param.kind != GIFLAB_BOOL)
         continue;
      for (const double value : {param.lowest, param.highest})
         if (std::isfinite(value))
            all.push_back(
                {{{param.id, {value, nullptr}}}, true, fmt::format(" with {} = {}", param.id, value)});
   }
   return all;
}

evaluation filtered(const subject &given, const laid_out_clip &shown, const filtering &way) {
   test_host host(*given.plugin, conduct_of(given));
   giflab_clip source = shown.facts();
   if (!way.length_known)
      source.frame_count = source.duration_us = -1;
   test_instance instance(host, source, way.parameters);
   if (instance.create() != GIFLAB_OK)
      return instance.creation();
   evaluation made;
   instance.plan(source, made);
   for (std::size_t i = 0; i < shown.pairs().size() && made.ok(); ++i) {
      const std::size_t before = made.emitted.size();
      instance.apply(shown.pairs()[i].distorted, fmt::format("apply, picture {}{}", i, way.how), made);
      if (made.ok() && given.plugin->table.scope == GIFLAB_SCOPE_FRAME && made.emitted.size() != before + 1)
         host.note_breach("P01", fmt::format("apply put {} pictures for picture {}, where FRAME scope puts "
                                             "exactly one",
                                             made.emitted.size() - before, i));
   }
   if (made.ok() && given.plugin->table.scope == GIFLAB_SCOPE_CLIP)
      instance.apply(nullptr, "apply, the drain" + way.how, made);
   instance.destroy();
   if (const observations seen = host.seen(); const breach *told = seen.breach_of("P01"))
      made.text = told->text;
   return made;
}

// What is wrong with one emitted picture and its place in time; "" if nothing.
std::string fault_of_picture(const evaluation &made, std::size_t i) {
   const emitted_picture &one = made.emitted[i];
   if (one.width != made.planned.width || one.height != made.planned.height)
      return fmt::format("picture {} is {} where plan said {}", i, size_text(one.width, one.height),
                         size_text(made.planned.width, made.planned.height));
   if (one.duration_us <= 0)
      return fmt::format("picture {} is on show for {} us", i, one.duration_us);
   const int64_t end_us = i == 0 ? 0 : made.emitted[i - 1].start_us + made.emitted[i - 1].duration_us;
   const std::string fault = media::fault_of_showing(one.start_us, one.duration_us, end_us);
   return fault.empty() ? fault : fmt::format("picture {} {}", i, fault);
}

// What is wrong with what came out, all in all; "" if nothing.
std::string fault_of_clip(const evaluation &made, int64_t source_duration_us) {
   const auto count = static_cast<int64_t>(made.emitted.size());
   if (count == 0)
      return "no picture came out";
   if (made.planned.frame_count >= 0 && made.planned.frame_count != count)
      return fmt::format("{} pictures came out where plan said {}", count, made.planned.frame_count);
   int64_t duration_us = 0;
   for (const emitted_picture &one : made.emitted)
      duration_us += one.duration_us;
   const bool planned = made.planned.duration_us >= 0;
   const int64_t expected_us = planned ? made.planned.duration_us : source_duration_us;
   if (std::abs(duration_us - expected_us) > count) // a microsecond of rounding for each
      return fmt::format("its pictures last {} us in all, where {} {} us", duration_us,
                         planned ? "plan said" : "the source lasts", expected_us);
   return {};
}

std::string fault_of(const evaluation &made, int64_t source_duration_us) {
   if (!made.text.empty())
      return made.text;
   for (std::size_t i = 0; i < made.emitted.size(); ++i)
      if (std::string found = fault_of_picture(made, i); !found.empty())
         return found;
   return fault_of_clip(made, source_duration_us);
}

bool shows(const emitted_picture &one, const media::picture &source) {
   if (one.width != source.width || one.height != source.height)
      return false;
   const std::size_t row_bytes = static_cast<std::size_t>(source.width) * 4;
   for (int32_t y = 0; y < source.height; ++y)
      if (std::memcmp(one.pixels.data() + static_cast<std::size_t>(y) * row_bytes,
                      source.rgba().row<uint8_t>(y), row_bytes) != 0)
         return false;
   return true;
}

// How many pictures were copied that could have been passed.
std::size_t needless_copies(const evaluation &made, const test_clip &clip) {
   return static_cast<std::size_t>(
       std::count_if(made.emitted.begin(), made.emitted.end(), [&](const emitted_picture &one) {
          return !one.passed &&
                 std::any_of(clip.frames.begin(), clip.frames.end(),
                             [&](const test_frame &frame) { return shows(one, *frame.distorted); });
       }));
}

} // namespace

finding check_filter(const subject &given) {
   if (!given.plugin->table.filter)
      return skipped("only for filters");
   const auto [width, height] = size_for(*given.plugin, 64, 48);
   const test_clip clip = make_clip(width, height, 5, given.seed);
   const laid_out_clip shown(clip, given.plugin->table);
   finding found = passed();
   for (const filtering &way : filterings(*given.plugin)) {
      const evaluation made = filtered(given, shown, way);
      if (!made.ok()) {
         if (way.how.empty())
            return skipped("its calls do not work here: " + said_by(made));
         continue; // S12 says whether a value must work
      }
      if (const std::string fault = fault_of(made, clip.duration_us()); !fault.empty())
         return failed_check(fmt::format("{}{}: what comes out is what plan said, one picture after the other, "
                                         "and lasts as long as the source unless plan says otherwise",
                                         fault, way.how));
      const std::size_t copies = way.how.empty() ? needless_copies(made, clip) : 0;
      if (copies > 0)
         found = warned(fmt::format("{} of {} pictures came out as copies of source pictures, pixel by pixel: "
                                    "sink->pass hands them on without a copy",
                                    copies, made.emitted.size()));
   }
   return found;
}

namespace {

constexpr check product_list[] = {
    {"P01", "a filter gives what it planned, in order and as long as the source", "", stage::behave,
     extent::plugin, check_filter},
    {"P02", "what an encoder makes can be read, and is the clip that went in", "", stage::behave,
     extent::plugin, check_encoder},
    {"P03", "chance finds nothing: parameters, clips and failures at random", "", stage::chance, extent::plugin,
     check_at_random},
};

} // namespace

std::span<const check> product_checks() { return product_list; }

} // namespace giflab::validator
