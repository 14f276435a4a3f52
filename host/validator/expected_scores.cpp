#include "validator/expected_scores.hpp"

#include "config/printable.hpp"
#include "validator/score_checks.hpp"
#include "validator/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace giflab::validator {

namespace {

constexpr uint64_t fixed_seed = 20'000; // tables of all times are made from the same pictures

struct fixed_clip {
   const char *name;
   test_clip clip;
};

// Names stay with their pictures for ever: a changed picture needs a new name.
std::vector<fixed_clip> fixed_clips(const modules::plugin &guest) {
   const auto [wide, high] = size_for(guest, 64, 48);
   const auto [odd_wide, odd_high] = size_for(guest, 33, 31);
   std::vector<fixed_clip> clips;
   clips.push_back({"scene", make_clip(wide, high, 4, fixed_seed)});
   clips.push_back({"strong", make_clip(odd_wide, odd_high, 2, fixed_seed, 48)});
   clips.push_back({"identical", identical(make_clip(odd_wide, odd_high, 2, fixed_seed))});
   clips.push_back({"noise", make_still(motif::noise, odd_wide, odd_high, fixed_seed)});
   clips.push_back({"gradient", make_still(motif::gradient, wide, high, fixed_seed, 4)});
   clips.push_back({"translucent", make_still(motif::translucent, odd_wide, odd_high, fixed_seed)});
   clips.push_back({"dark", make_still(motif::dark, wide, high, fixed_seed, 2)});
   return clips;
}

void append_scores(std::vector<expected_score> &lines, const modules::plugin &guest, const std::string &clip,
                   const evaluation &outcome) {
   const std::size_t outputs = guest.outputs.size();
   for (std::size_t i = 0; i < outcome.frames.size(); ++i)
      if (const giflab_output &output = guest.outputs[i % outputs]; output.level == GIFLAB_PER_FRAME)
         lines.push_back({guest.id(), guest.table.version, fmt::format("{}.{}", clip, i / outputs), output.id,
                          outcome.frames[i]});
   for (std::size_t i = 0; i < outcome.clip.size(); ++i)
      if (const giflab_output &output = guest.outputs[i]; output.level == GIFLAB_PER_CLIP)
         lines.push_back({guest.id(), guest.table.version, clip, output.id, outcome.clip[i]});
}

bool close(double a, double b, double tolerance) {
   if (std::isnan(a) || std::isnan(b))
      return std::isnan(a) && std::isnan(b);
   return a == b || std::abs(a - b) <= tolerance;
}

double tolerance_of(const modules::plugin &guest, const std::string &output) {
   const auto found = std::ranges::find_if(guest.outputs, [&](const auto &one) { return output == one.id; });
   return found == guest.outputs.end() ? 0 : found->tolerance;
}

const expected_score *same_place(std::span<const expected_score> among, const expected_score &line) {
   const auto found = std::ranges::find_if(among, [&](const auto &one) { return one.same_place(line); });
   return found == among.end() ? nullptr : &*found;
}

std::string file_name(const std::string &path) { return std::filesystem::path(path).filename().string(); }

} // namespace

result<std::vector<expected_score>> measure_expected_scores(const modules::plugin &guest,
                                                            host_conduct conduct) {
   conduct.seed = fixed_seed;
   std::vector<expected_score> lines;
   for (const fixed_clip &each : fixed_clips(guest)) {
      const evaluation outcome = evaluate(guest, conduct, each.clip);
      if (outcome.status == GIFLAB_UNSUPPORTED)
         continue;
      if (!outcome.ok())
         return failed(problem::plugin, fmt::format("clip {}: {}", each.name, said_by(outcome)));
      append_scores(lines, guest, each.name, outcome);
   }
   return lines;
}

finding compare_expected_scores(const modules::plugin &guest, std::span<const expected_score> expected,
                                std::span<const expected_score> measured) {
   std::size_t compared = 0;
   for (const expected_score &line : expected) {
      if (line.plugin != guest.id())
         continue;
      if (line.version != guest.table.version)
         return warned(
             fmt::format("the table is of version {}, and this is {}: make a new one with giflab check "
                         "--write-expected",
                         config::in_quotes(line.version), config::in_quotes(guest.table.version)));
      const expected_score *now = same_place(measured, line);
      if (!now)
         return failed_check(fmt::format("the table has {} of {}, and it was not scored; a version that scores "
                                         "something else has another name",
                                         config::in_quotes(line.output), config::in_quotes(line.name)));
      if (!close(line.value, now->value, tolerance_of(guest, line.output)))
         return failed_check(fmt::format("{} of {} is {} and was {} in the same version, {} (.tolerance {}); "
                                         "change .version, or find out why",
                                         line.output, line.name, now->value, line.value,
                                         config::in_quotes(line.version), tolerance_of(guest, line.output)));
      ++compared;
   }
   if (compared == 0)
      return skipped("the table has no line for " + guest.id());
   return compared < measured.size()
              ? warned(fmt::format("the table has {} of {} scores: make a new one with giflab check "
                                   "--write-expected",
                                   compared, measured.size()))
              : passed(fmt::format("{} scores as in the table", compared));
}

finding check_expected_scores(const subject &given) {
   const modules::plugin &guest = *given.plugin;
   if (!guest.is_metric())
      return skipped("only for metrics");
   const std::string path = expected_scores_path(given.path);
   std::ifstream file(path, std::ios::binary);
   if (!file)
      return skipped(fmt::format("no {} beside it; giflab check --write-expected makes one", file_name(path)));
   const std::string text(std::istreambuf_iterator<char>(file), {});
   const auto expected = parse_expected_scores(text, file_name(path));
   if (!expected)
      return failed_check(expected.error().text);
   const auto measured = measure_expected_scores(guest, conduct_of(given));
   return measured ? compare_expected_scores(guest, *expected, *measured) : failed_check(measured.error().text);
}

} // namespace giflab::validator
