#include "validator/plain_call.hpp"

#include "modules/call.hpp"
#include "validator/blame.hpp"
#include "validator/evaluation.hpp"

#include <fmt/format.h>

#include <exception>

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
         host_conduct conduct;
         conduct.level = level;
         conduct.seed = given.seed;
         conduct.folder = given.folder;
         conduct.model_folders = given.model_folders;
         const evaluation outcome = evaluate(guest, conduct, clip);
         if (!outcome.ok())
            return fmt::format("{}: {}: {}", outcome.entry, modules::status_name(outcome.status), outcome.text);
      }
   return {};
}

} // namespace

isolated_outcome plain_call(const subject &given) {
   const auto work = [&given]() -> std::string {
      try {
         return evaluate_plainly(given);
      } catch (const std::exception &thrown) {
         return fmt::format("threw: {}", thrown.what());
      } catch (...) {
         return "threw: something that is no std::exception";
      }
   };
   isolated_outcome ended;
   const services::cancellation nobody;
   run_isolated({{work, plain_call_limit}}, 1, nobody,
                [&ended](std::size_t, const isolated_outcome &outcome) { ended = outcome; });
   return ended;
}

bool touched_null(const isolated_outcome &ended) {
   if (ended.finished || ended.timed_out)
      return false;
   if (ended.place == static_cast<int>(fault_place::null_page))
      return true;
   const auto printed = [&ended](const char *words) { return ended.output.find(words) != std::string::npos; };
   return printed("SEGV on unknown address 0x00000000") || printed("null pointer of type");
}

} // namespace giflab::validator
