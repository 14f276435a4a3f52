#include "services/supervised_process.hpp"

#include "services/descriptor.hpp"
#include "services/guardian.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace giflab::services {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t tail_bytes = std::size_t{64} << 10; // also what a pipe of Linux holds
constexpr milliseconds grace{500};                        // between SIGTERM and SIGKILL
constexpr milliseconds cancellation_interval{10}, objection_interval{100};

tl::unexpected<error> not_started(const std::string &program, std::string_view what, int reason) {
   return failed(problem::input,
                 fmt::format("'{}' cannot be started: {}: {}", program, what, std::strerror(reason)));
}

// This process's environment with additions.
std::vector<std::string> merged_environment(const std::vector<std::pair<std::string, std::string>> &extra) {
   std::vector<std::string> merged;
   for (char **variable = environ; *variable; ++variable) {
      const std::string_view text = *variable;
      if (std::none_of(extra.begin(), extra.end(), [&](const auto &added) {
             return text.starts_with(added.first) && text.substr(added.first.size()).starts_with('=');
          }))
         merged.emplace_back(text);
   }
   for (const auto &[name, value] : extra)
      merged.push_back(fmt::format("{}={}", name, value));
   return merged;
}

std::vector<char *> pointers_to(std::vector<std::string> &texts) {
   std::vector<char *> pointers;
   pointers.reserve(texts.size() + 1);
   for (std::string &text : texts)
      pointers.push_back(text.data());
   pointers.push_back(nullptr);
   return pointers;
}

// The end of an output without end.
class tail {
 public:
   void add(const char *bytes, std::size_t count) {
      text_.append(bytes, count);
      if (text_.size() > 2 * tail_bytes)
         text_.erase(0, text_.size() - tail_bytes);
   }
   std::string take() {
      if (text_.size() > tail_bytes)
         text_.erase(0, text_.size() - tail_bytes);
      return std::move(text_);
   }

 private:
   std::string text_;
};

std::chrono::microseconds duration_of(const timeval &time) {
   return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

// Waits for a program, empties its pipe and keeps its limits.
class supervision {
 public:
   // `started`: before the program was.
   supervision(const process_request &request, guardian &program, descriptor output, clock::time_point started)
       : request_(request), program_(program), output_(std::move(output)), started_(started) {}

   process_outcome watch() {
      while (!wait_a_while())
         keep_limits();
      read_some(); // what the pipe still holds: never more than fits in one read
      outcome_.output = tail_.take();
      outcome_.wall = std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - started_);
      return std::move(outcome_);
   }

 private:
   // True once the program has ended.
   bool wait_a_while() {
      std::array<pollfd, 2> watched = {pollfd{program_.end_descriptor(), POLLIN, 0},
                                       pollfd{output_.get(), POLLIN, 0}};
      if (poll(watched.data(), watched.size(), time_left()) <= 0)
         return false;
      if (watched[1].revents != 0)
         read_some();
      return watched[0].revents != 0;
   }

   // This process holds a writer's end of the pipe: its end never comes.
   void read_some() {
      const ssize_t count = read(output_.get(), buffer_.data(), buffer_.size());
      if (count <= 0)
         return;
      tail_.add(buffer_.data(), static_cast<std::size_t>(count));
      last_output_ = clock::now();
   }

   // Milliseconds until a limit must be looked at; -1 if there is none.
   int time_left() const {
      std::optional<clock::time_point> next;
      const auto consider = [&](clock::time_point moment) { next = next ? std::min(*next, moment) : moment; };
      if (stopping_)
         consider(*stopping_ + grace);
      if (!stopping_ && request_.deadline.count() > 0)
         consider(started_ + request_.deadline);
      if (!stopping_ && request_.stall.count() > 0)
         consider(last_output_ + request_.stall);
      if (!stopping_ && request_.cancelled)
         consider(clock::now() + cancellation_interval);
      if (!stopping_ && request_.objection)
         consider(asked_ + objection_interval);
      if (!next || killed_)
         return -1;
      const auto left = std::chrono::ceil<milliseconds>(*next - clock::now()).count();
      return static_cast<int>(std::clamp<decltype(left)>(left, 0, INT_MAX));
   }

   void keep_limits() {
      const clock::time_point now = clock::now();
      if (stopping_) {
         if (!killed_ && now >= *stopping_ + grace) {
            program_.kill();
            killed_ = true;
         }
      } else if (request_.cancelled && request_.cancelled->requested())
         stop(process_end::cancelled);
      else if (request_.deadline.count() > 0 && now >= started_ + request_.deadline)
         stop(process_end::timed_out);
      else if (request_.stall.count() > 0 && now >= last_output_ + request_.stall)
         stop(process_end::stalled);
      else if (request_.objection && now >= asked_ + objection_interval)
         ask(now);
   }

   void ask(clock::time_point now) {
      asked_ = now;
      if (auto why = request_.objection()) {
         outcome_.objection = std::move(*why);
         stop(process_end::objected_to);
      }
   }

   void stop(process_end why) {
      outcome_.end = why;
      stopping_ = clock::now();
      program_.terminate();
   }

   const process_request &request_;
   guardian &program_;
   descriptor output_;
   const clock::time_point started_;
   clock::time_point last_output_ = started_, asked_ = started_;
   std::optional<clock::time_point> stopping_;
   bool killed_ = false;
   tail tail_;
   process_outcome outcome_;
   std::array<char, tail_bytes> buffer_;
};

struct both_ends {
   descriptor reader, writer;
};

// Neither end waits on the reader's side, and neither is one of the standard three, even if those are closed.
std::optional<both_ends> make_pipe() {
   int ends[2];
   if (pipe2(ends, O_CLOEXEC) != 0)
      return std::nullopt;
   both_ends made{descriptor(ends[0]), descriptor(ends[1])};
   if (!made.reader.move_above_standard() || !made.writer.move_above_standard() ||
       fcntl(made.reader.get(), F_SETFL, O_NONBLOCK) != 0)
      return std::nullopt;
   return made;
}

// What of its end can be told is told in `outcome`.
result<process_outcome> with_end(process_outcome outcome, const std::string &program,
                                 const std::optional<program_end> &end) {
   if (!end)
      return failed(problem::internal,
                    fmt::format("how '{}' ended cannot be told: what watched over it was killed", program));
   if (!end->started)
      return not_started(program, name_of(end->failed_at), end->reason);
   if (end->left_behind != 0)
      return failed(problem::internal, fmt::format("'{}' left processes behind that cannot be ended: {}",
                                                   program, std::strerror(end->left_behind)));
   outcome.exit_code = WIFEXITED(end->status) ? WEXITSTATUS(end->status) : 0;
   outcome.signal = WIFSIGNALED(end->status) ? WTERMSIG(end->status) : 0;
   outcome.cpu = duration_of(end->used.ru_utime) + duration_of(end->used.ru_stime);
   return outcome;
}

} // namespace

result<process_outcome> run_process(const process_request &request) {
   if (request.argv.empty() || !request.argv[0].starts_with('/'))
      return failed(problem::internal, "a program to run is named by its absolute path");
   const std::string &program = request.argv[0];
   std::vector<std::string> arguments = request.argv, variables = merged_environment(request.environment);
   const std::vector<char *> argv = pointers_to(arguments), environment = pointers_to(variables);
   const std::string directory = request.directory.string();

   descriptor nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
   auto output = make_pipe();
   if (!nothing.move_above_standard() || !output)
      return not_started(program, "no descriptors for it", errno);
   const start_plan plan{
       argv.data(),          environment.data(), directory.empty() ? nullptr : directory.c_str(),
       request.memory_limit, nothing.get(),      output->writer.get()};
   const clock::time_point started = clock::now();
   guardian guarded(plan);
   if (guarded.trouble() != 0)
      return not_started(program, name_of(start_step::guardian), guarded.trouble());
   process_outcome outcome = supervision(request, guarded, std::move(output->reader), started).watch();
   return with_end(std::move(outcome), program, guarded.end());
}

std::optional<std::filesystem::path> find_program(std::string_view name) {
   const char *path = std::getenv("PATH");
   if (name.empty() || name.find('/') != std::string_view::npos || !path)
      return std::nullopt;
   std::string_view rest = path;
   while (!rest.empty()) {
      const std::size_t end = rest.find(':');
      const std::filesystem::path candidate = std::filesystem::path(rest.substr(0, end)) / name;
      std::error_code none; // what cannot be looked at cannot be run either
      if (candidate.is_absolute() && std::filesystem::is_regular_file(candidate, none) &&
          access(candidate.c_str(), X_OK) == 0)
         return candidate;
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
   }
   return std::nullopt;
}

std::string described(const process_outcome &outcome) {
   switch (outcome.end) {
   case process_end::timed_out:
      return "took longer than its limit and was stopped";
   case process_end::stalled:
      return "was silent for longer than its limit and was stopped";
   case process_end::cancelled:
      return "was stopped on request";
   case process_end::objected_to:
      return outcome.objection;
   case process_end::exited:
      break;
   }
   if (outcome.signal != 0)
      return fmt::format("was killed by signal {} ({})", outcome.signal,
                         sigdescr_np(outcome.signal) ? sigdescr_np(outcome.signal) : "unknown");
   return fmt::format("exited with {}", outcome.exit_code);
}

} // namespace giflab::services
