#include "validator/blame.hpp"
#include "validator/fault_checks.hpp"
#include "validator/plain_call.hpp"

#include <fmt/format.h>

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace giflab::validator {

namespace {

constexpr std::chrono::seconds survival_limit{10};

std::string in_what(const isolated_outcome &outcome) {
   return outcome.doing.empty() ? std::string("outside of calls") : "in " + outcome.doing;
}

std::string signal_text(int signal) {
   const char *name = sigabbrev_np(signal);
   return name ? fmt::format("SIG{} ({})", name, sigdescr_np(signal)) : fmt::format("signal {}", signal);
}

const char *place_text(int place) {
   switch (static_cast<fault_place>(place)) {
   case fault_place::null_page:
      return ", through a null pointer";
   case fault_place::guard:
      return ", beside a plane";
   case fault_place::input:
      return ", writing to a picture";
   case fault_place::old_scratch:
      return ", touching scratch memory of a call that is over";
   case fault_place::stack:
      return ", with the stack at its end";
   case fault_place::none:
   case fault_place::elsewhere:
      break;
   }
   return "";
}

// The last line of what it printed: a sanitizer's or the C++ library's last words.
std::string last_words(const isolated_outcome &outcome) {
   const std::size_t end = outcome.output.find_last_not_of(" \n");
   if (end == std::string::npos)
      return {};
   const std::size_t before = outcome.output.rfind('\n', end);
   const std::size_t start = before == std::string::npos ? 0 : before + 1;
   return fmt::format(" (it printed \"{}\")", outcome.output.substr(start, end + 1 - start));
}

} // namespace

std::string death_of(const isolated_outcome &outcome) {
   if (outcome.timed_out)
      return fmt::format("did not end within {} s {}", outcome.wall.count() / 1000, in_what(outcome));
   if (outcome.signal)
      return fmt::format("died of {} {}{}{}", signal_text(outcome.signal), in_what(outcome),
                         place_text(outcome.place), last_words(outcome));
   if (outcome.garbled)
      return "wrote to a descriptor that is not its own";
   return fmt::format("ended the process with exit code {} {}{}", outcome.exit_code, in_what(outcome),
                      last_words(outcome));
}

namespace {

// Words that outlive the process that wrote them.
class shared_words {
 public:
   shared_words()
       : text_(static_cast<char *>(
             mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
      if (text_ == MAP_FAILED)
         throw std::bad_alloc();
   }
   ~shared_words() { munmap(text_, bytes); }
   shared_words(const shared_words &) = delete;
   shared_words &operator=(const shared_words &) = delete;

   void write(const std::string &what) { text_[what.copy(text_, bytes - 1)] = '\0'; }
   std::string read() const { return text_; }

 private:
   static constexpr std::size_t bytes = 4096;
   char *text_;
};

// A finding as a text: its verdict is the first character.
std::string packed(const finding &found) {
   return static_cast<char>('0' + static_cast<int>(found.verdict)) + found.sentence;
}
finding unpacked(const std::string &text) { return {static_cast<verdict>(text.at(0) - '0'), text.substr(1)}; }

finding caught(const std::function<finding(const trying &)> &work, const trying &tries) {
   try {
      return work(tries);
   } catch (const std::exception &thrown) {
      return failed_check(fmt::format("it threw: {}", thrown.what()));
   } catch (...) {
      return failed_check("it threw something that is no std::exception");
   }
}

} // namespace

finding survived(const std::function<finding(const trying &tries)> &work) {
   shared_words words;
   const auto job = [&] {
      return packed(caught(work, [&words](const std::string &what) { words.write(what); }));
   };
   finding told;
   const services::cancellation nobody;
   run_isolated({{job, survival_limit}}, 1, nobody, [&](std::size_t, const isolated_outcome &outcome) {
      if (outcome.finished)
         told = unpacked(outcome.text);
      else
         told = failed_check(
             fmt::format("{}{}it {}", words.read(), words.read().empty() ? "" : ": ", death_of(outcome)));
   });
   return told;
}

namespace {

finding judge_survival(const isolated_outcome &outcome) {
   if (outcome.timed_out)
      return skipped("it hangs: F09 tells of it");
   if (threw(outcome))
      return failed_check(
          fmt::format("{} it {}: nothing may be thrown across the boundary; catch it and return "
                      "call->fail",
                      in_what(outcome), outcome.text));
   if (!outcome.finished)
      return failed_check(fmt::format("it {}: the host lives in the same process; return call->fail instead",
                                      death_of(outcome)));
   return passed();
}

finding judge_ending(const isolated_outcome &outcome, std::chrono::seconds limit, const char *advice) {
   if (outcome.timed_out)
      return failed_check(
          fmt::format("it did not end within {} s {}: {}", limit.count(), in_what(outcome), advice));
   return outcome.finished ? passed() : skipped("it dies before: see F08 and D10");
}

// What was found of the calls, unless they passed for all that is known and the probe does not.
template <class Judge> finding or_of_probe(finding of_calls, const subject &given, Judge &&judge) {
   if (of_calls.verdict == verdict::fail || !given.plugin->table.probe)
      return of_calls;
   finding of_probe = judge(probe_call(given));
   return of_probe.verdict == verdict::pass ? of_calls : of_probe;
}

} // namespace

finding check_survival(const subject &given) {
   const isolated_outcome outcome = plain_call(given);
   return or_of_probe(touched_null(outcome) ? skipped("it follows a null pointer: D10 tells of it")
                                            : judge_survival(outcome),
                      given, judge_survival);
}

finding check_ending(const subject &given) {
   return or_of_probe(judge_ending(plain_call(given), plain_call_limit, "poll call->cancelled and return"),
                      given, [](const isolated_outcome &outcome) {
                         return judge_ending(outcome, probe_limit, "probe must answer within a second");
                      });
}

finding check_device(const subject &given) {
   return skipped(given.plugin->table.memory & GIFLAB_BIT(GIFLAB_MEMORY_CUDA)
                      ? "plugins are checked in host memory only"
                      : "it runs in host memory only");
}

} // namespace giflab::validator
