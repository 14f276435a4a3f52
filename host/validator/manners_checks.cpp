// R03 and R04: what others in the process notice.

#include "services/cancellation.hpp"
#include "services/descriptor.hpp"
#include "validator/isolated.hpp"
#include "validator/life.hpp"
#include "validator/process_state.hpp"
#include "validator/resource_checks.hpp"
#include "validator/trial.hpp"
#include "validator/watched_system_calls.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace giflab::validator {

namespace {

// ---- R03

// Standard output and error lead into files for as long as it lives.
class captured_output {
 public:
   explicit captured_output(const std::string &folder) {
      for (const int standard : {STDOUT_FILENO, STDERR_FILENO})
         lead_away(standard, folder);
   }
   ~captured_output() {
      std::fflush(nullptr);
      for (const stream &one : streams_)
         dup2(one.original.get(), one.standard);
   }
   captured_output(const captured_output &) = delete;
   captured_output &operator=(const captured_output &) = delete;

   // What was written since the last time, as what a plugin did; "" if nothing was.
   std::string written() {
      std::fflush(nullptr);
      for (stream &one : streams_) {
         const auto size = static_cast<off_t>(std::filesystem::file_size(one.path));
         if (size == one.known)
            continue;
         std::string text(static_cast<std::size_t>(std::min<off_t>(size - one.known, 80)), '\0');
         std::ifstream(one.path).seekg(one.known).read(text.data(), static_cast<std::streamsize>(text.size()));
         one.known = size;
         return fmt::format("wrote {} to standard {}", fmt::format("{:?}", text),
                            one.standard == STDOUT_FILENO ? "output" : "error");
      }
      return {};
   }

 private:
   struct stream {
      int standard;
      std::string path;
      services::descriptor original;
      off_t known = 0;
   };

   void lead_away(int standard, const std::string &folder) {
      std::fflush(nullptr);
      stream made{standard, fmt::format("{}/standard_{}", folder, standard),
                  services::descriptor(fcntl(standard, F_DUPFD_CLOEXEC, 3)), 0};
      const services::descriptor file(
          open(made.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
      if (!made.original || !file || dup2(file.get(), standard) < 0)
         throw std::system_error(errno, std::generic_category(), "standard output cannot be led into a file");
      streams_.push_back(std::move(made));
   }

   std::vector<stream> streams_;
};

struct situation {
   host_conduct conduct;
   const char *when;
};

// Calls that succeed, and calls that end early: a mode that is set for a while must be reset there, too.
std::vector<situation> situations(const subject &given) {
   std::vector<situation> all = {{conduct_of(given), ""},
                                 {conduct_of(given), " that was cancelled"},
                                 {conduct_of(given), " for which there was no scratch memory"}};
   all[1].conduct.cancelled_from_poll = 1;
   all[2].conduct.scratch_fails_from = 1;
   return all;
}

// What a life changed in the process, and in which call; "" if nothing.
std::string rudeness(life &lives, const modules::plugin &guest, const situation &now, captured_output &output) {
   std::string found;
   test_host host(guest, now.conduct);
   const auto watch = [&](const char *entry, const std::function<void()> &call) {
      const process_state before = current_process_state();
      output.written(); // what the host said between calls is its own
      call();
      std::string change = changes(before, current_process_state());
      if (change.empty())
         change = output.written();
      if (!change.empty() && found.empty())
         found = fmt::format("{}{} {}", entry, now.when, change);
   };
   if (guest.table.probe)
      watch("probe", [&] { probed(host); });
   lives.run(host, watch);
   return found;
}

} // namespace

finding check_process_state(const subject &given) {
   const auto [width, height] = size_for(*given.plugin, 64, 48);
   const test_clip clip = make_clip(width, height, 2, given.seed);
   life lives(*given.plugin, clip, given.folder);
   captured_output output(given.folder);
   for (const situation &now : situations(given))
      if (const std::string found = rudeness(lives, *given.plugin, now, output); !found.empty())
         return failed_check(found + ": a call leaves the process as it found it (giflab/abi.h); other plugins "
                                     "run in it. What there is to say goes to host->log");
   return passed();
}

// ---- R04

namespace {

// In a process that ends here. What was refused, a line each; or why nothing could be watched, behind '!'.
std::string trespasses(const subject &given, const test_clip &clip) {
   life lives(*given.plugin, clip, given.folder);
   host_conduct conduct = conduct_of(given);
   conduct.processes = host_conduct::process_fault::missing; // programs that the host starts are not watched
   test_host host(*given.plugin, conduct);
   if (const std::string refused = watch_system_calls(given.folder); !refused.empty())
      return "!" + refused;
   const auto watch = [](const char *entry, const std::function<void()> &call) {
      system_calls_during(entry);
      call();
      system_calls_during("no call");
   };
   if (given.plugin->table.probe)
      watch("probe", [&] { probed(host); });
   lives.run(host, watch);
   return fmt::format("{}", fmt::join(refused_system_calls(), "; "));
}

finding judge_trespasses(const isolated_outcome &ended) {
   if (!ended.finished)
      return failed_check(fmt::format("it ends its process ({}) where it may write to its own folder only and "
                                      "start nothing, in {}: an attempt that fails is no reason to die",
                                      ended.timed_out ? "too slow" : fmt::format("signal {}", ended.signal),
                                      ended.doing.empty() ? "no call" : ended.doing));
   if (ended.text.empty())
      return passed();
   if (ended.text[0] == '!')
      return skipped("system calls cannot be watched here: " + ended.text.substr(1));
   return failed_check(ended.text +
                       ": files come from giflab.files/1, programs run by giflab.processes/1, and a "
                       "plugin reaches no network");
}

} // namespace

finding check_system_calls(const subject &given) {
   const auto [width, height] = size_for(*given.plugin, 64, 48);
   const test_clip clip = make_clip(width, height, 2, given.seed);
   finding found = skipped("nothing ran");
   // What is forbidden stays forbidden: hence a process that ends with the check.
   run_isolated({{[&] { return trespasses(given, clip); }, std::chrono::seconds(20)}}, 1, {},
                [&](std::size_t, const isolated_outcome &ended) { found = judge_trespasses(ended); });
   return found;
}

} // namespace giflab::validator
