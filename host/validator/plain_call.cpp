#include "validator/plain_call.hpp"

#include "modules/call.hpp"
#include "validator/blame.hpp"
#include "validator/evaluation.hpp"
#include "validator/trial.hpp"

#include <fmt/format.h>

#include <exception>
#include <functional>

namespace giflab::validator {

namespace {

std::string evaluate_plainly(const subject &given) {
   const modules::plugin &guest = *given.plugin;
   const auto [clip_width, clip_height] = size_for(guest, 33, 31);
   const auto [still_width, still_height] = size_for(guest, 64, 48);
   const test_clip clips[] = {make_clip(clip_width, clip_height, 3, given.seed),
                              make_still(motif::scene, still_width, still_height, given.seed)};
   for (const uint32_t level : {2u, 0u})
      for (const test_clip &clip : clips) {
         host_conduct conduct = conduct_of(given);
         conduct.level = level;
         const evaluation outcome = evaluate(guest, conduct, clip);
         if (!outcome.ok())
            return fmt::format("{}: {}: {}", outcome.entry, modules::status_name(outcome.status), outcome.text);
      }
   return {};
}

// In a process of its own. What it throws becomes its text.
isolated_outcome ended_apart(const std::function<std::string()> &work, std::chrono::milliseconds limit) {
   const auto guarded = [&work]() -> std::string {
      try {
         return work();
      } catch (const std::exception &thrown) {
         return fmt::format("threw: {}", thrown.what());
      } catch (...) {
         return "threw: something that is no std::exception";
      }
   };
   isolated_outcome ended;
   const services::cancellation nobody;
   run_isolated({{guarded, limit}}, 1, nobody,
                [&ended](std::size_t, const isolated_outcome &outcome) { ended = outcome; });
   return ended;
}

std::string probe_plainly(const subject &given, std::size_t room) {
   test_host host(*given.plugin, conduct_of(given));
   const evaluation outcome = probed(host, room);
   return outcome.ok() ? std::string() : said_by(outcome);
}

} // namespace

isolated_outcome plain_call(const subject &given) {
   return ended_apart([&given] { return evaluate_plainly(given); }, plain_call_limit);
}

isolated_outcome probe_call(const subject &given) {
   isolated_outcome ended;
   for (const std::size_t room : {256, 8, 1}) {
      ended = ended_apart([&given, room] { return probe_plainly(given, room); }, probe_limit);
      if (!ended.finished || threw(ended))
         break;
   }
   return ended;
}

bool threw(const isolated_outcome &ended) { return ended.finished && ended.text.starts_with("threw: "); }

bool touched_null(const isolated_outcome &ended) {
   if (ended.finished || ended.timed_out)
      return false;
   if (ended.place == static_cast<int>(fault_place::null_page))
      return true;
   const auto printed = [&ended](const char *words) { return ended.output.find(words) != std::string::npos; };
   return printed("SEGV on unknown address 0x00000000") || printed("null pointer of type");
}

} // namespace giflab::validator
