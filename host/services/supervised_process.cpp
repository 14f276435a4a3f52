#include "services/supervised_process.hpp"

#include "services/descriptor.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
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
constexpr milliseconds cancellation_interval{10};

tl::unexpected<error> not_started(const std::string &program, std::string_view what, int reason) {
   return failed(problem::input,
                 fmt::format("'{}' cannot be started: {}: {}", program, what, std::strerror(reason)));
}

// ---- The child, between fork and exec: async-signal-safe calls only, and no memory of its own.

enum class step : int { parent, group, signals, streams, directory, limits, program };

const char *name_of(step failed_step) {
   constexpr const char *names[] = {"its supervisor is gone",           "no process group for it",
                                    "its signals could not be reset",   "its streams could not be set up",
                                    "its directory cannot be entered",  "its limits could not be set",
                                    "the program could not be executed"};
   return names[static_cast<int>(failed_step)];
}

struct start_failure {
   step at;
   int reason; // errno
};

// What the child needs, ready before the fork.
struct start_plan {
   char *const *argv;
   char *const *environment;
   const char *directory; // null: stay
   std::size_t memory_limit;
   pid_t parent;
   int nothing, output, report; // descriptors above the standard ones
};

[[noreturn]] void give_up(const start_plan &plan, step at) {
   const start_failure told{at, errno};
   // A pipe takes this little whole; if even that fails, the exit code is all there is to tell.
   const ssize_t written = write(plan.report, &told, sizeof told);
   _exit(written == sizeof told ? 127 : 126);
}

bool reset_signals() {
   struct sigaction standard {};
   standard.sa_handler = SIG_DFL;
   for (int signal = 1; signal < NSIG; ++signal)
      sigaction(signal, &standard, nullptr); // refused for SIGKILL, SIGSTOP and libc's own: they need none
   sigset_t none;
   sigemptyset(&none);
   return sigprocmask(SIG_SETMASK, &none, nullptr) == 0;
}

bool set_limit(__rlimit_resource resource, rlim_t most) {
   const rlimit limit{most, most};
   return setrlimit(resource, &limit) == 0;
}

[[noreturn]] void become(const start_plan &plan) {
   if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != plan.parent)
      give_up(plan, step::parent);
   if (setpgid(0, 0) != 0)
      give_up(plan, step::group);
   if (dup2(plan.nothing, 0) < 0 || dup2(plan.output, 1) < 0 || dup2(plan.output, 2) < 0 ||
       close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC) != 0)
      give_up(plan, step::streams);
   if (plan.directory && chdir(plan.directory) != 0)
      give_up(plan, step::directory);
   if (!set_limit(RLIMIT_CORE, 0) || (plan.memory_limit && !set_limit(RLIMIT_AS, plan.memory_limit)))
      give_up(plan, step::limits);
   if (!reset_signals())
      give_up(plan, step::signals);
   execve(plan.argv[0], plan.argv, plan.environment);
   give_up(plan, step::program);
}

// ---- The parent

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

// Blocks every signal, so that no handler of this process runs in the child before its exec.
class signals_held {
 public:
   signals_held() {
      sigset_t all;
      sigfillset(&all);
      pthread_sigmask(SIG_SETMASK, &all, &before_);
   }
   ~signals_held() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
   signals_held(const signals_held &) = delete;
   signals_held &operator=(const signals_held &) = delete;

 private:
   sigset_t before_;
};

// A started child. Never left running, nor as a zombie.
class child {
 public:
   explicit child(pid_t process) : process_(process) {
      setpgid(process, process); // the child does so itself; whoever is first
   }
   ~child() {
      if (process_ > 0)
         reap();
   }
   child(const child &) = delete;
   child &operator=(const child &) = delete;

   pid_t process() const { return process_; }

   // Until it is reaped its number, and so its group's, cannot be another's.
   void signal_group(int signal) const { kill(-process_, signal); }

   struct remains {
      int status = 0;
      rusage used{};
      int reason = 0; // errno, where it could not be reaped
   };
   remains reap() {
      signal_group(SIGKILL);
      remains found;
      while (wait4(process_, &found.status, 0, &found.used) < 0)
         if (errno != EINTR) {
            found.reason = errno;
            break;
         }
      process_ = -1;
      return found;
   }

 private:
   pid_t process_;
};

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

// Waits for a child, empties its pipe and keeps its limits.
class supervision {
 public:
   supervision(const process_request &request, child &leader, descriptor ended, descriptor output)
       : request_(request), leader_(leader), ended_(std::move(ended)), output_(std::move(output)) {}

   process_outcome watch() {
      while (!wait_a_while())
         keep_limits();
      leader_.signal_group(SIGKILL);
      read_some(); // what the pipe still holds: never more than fits in one read
      outcome_.output = tail_.take();
      outcome_.wall = std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - started_);
      return std::move(outcome_);
   }

 private:
   // True once the leader has ended.
   bool wait_a_while() {
      std::array<pollfd, 2> watched = {pollfd{ended_.get(), POLLIN, 0},
                                       pollfd{output_.get(), POLLIN, 0}}; // poll passes over negative ones
      if (poll(watched.data(), watched.size(), time_left()) <= 0)
         return false;
      if (watched[1].revents != 0 && !read_some())
         output_ = descriptor(); // everybody closed it; the leader may well live on
      return watched[0].revents != 0;
   }

   // False at the end of the output.
   bool read_some() {
      const ssize_t count = output_ ? read(output_.get(), buffer_.data(), buffer_.size()) : 0;
      if (count > 0) {
         tail_.add(buffer_.data(), static_cast<std::size_t>(count));
         last_output_ = clock::now();
      }
      return count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN));
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
      if (!next || killed_)
         return -1;
      const auto left = std::chrono::ceil<milliseconds>(*next - clock::now()).count();
      return static_cast<int>(std::clamp<decltype(left)>(left, 0, INT_MAX));
   }

   void keep_limits() {
      const clock::time_point now = clock::now();
      if (stopping_) {
         if (!killed_ && now >= *stopping_ + grace) {
            leader_.signal_group(SIGKILL);
            killed_ = true;
         }
      } else if (request_.cancelled && request_.cancelled->requested())
         stop(process_end::cancelled);
      else if (request_.deadline.count() > 0 && now >= started_ + request_.deadline)
         stop(process_end::timed_out);
      else if (request_.stall.count() > 0 && now >= last_output_ + request_.stall)
         stop(process_end::stalled);
   }

   void stop(process_end why) {
      outcome_.end = why;
      stopping_ = clock::now();
      leader_.signal_group(SIGTERM);
   }

   const process_request &request_;
   child &leader_;
   descriptor ended_, output_;
   const clock::time_point started_ = clock::now();
   clock::time_point last_output_ = started_;
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

void fill_exit(process_outcome &outcome, const child::remains &left) {
   outcome.exit_code = WIFEXITED(left.status) ? WEXITSTATUS(left.status) : 0;
   outcome.signal = WIFSIGNALED(left.status) ? WTERMSIG(left.status) : 0;
   outcome.cpu = duration_of(left.used.ru_utime) + duration_of(left.used.ru_stime);
}

// Forks, and runs the plan in the child.
pid_t start(const start_plan &plan) {
   const signals_held held;
   const pid_t process = fork();
   if (process == 0)
      become(plan);
   return process;
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
   auto output = make_pipe(), report = make_pipe();
   if (!nothing.move_above_standard() || !output || !report)
      return not_started(program, "no descriptors for it", errno);
   const start_plan plan{argv.data(),
                         environment.data(),
                         directory.empty() ? nullptr : directory.c_str(),
                         request.memory_limit,
                         getpid(),
                         nothing.get(),
                         output->writer.get(),
                         report->writer.get()};
   const pid_t process = start(plan);
   if (process < 0)
      return not_started(program, "no process for it", errno);
   child leader(process);
   output->writer = descriptor();
   report->writer = descriptor();
   // By number, as glibc 2.36 declares pidfd_open without C linkage.
   descriptor ended(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
   if (!ended)
      return not_started(program, "it cannot be watched", errno);

   process_outcome outcome = supervision(request, leader, std::move(ended), std::move(output->reader)).watch();
   const child::remains left = leader.reap();
   start_failure told;
   if (read(report->reader.get(), &told, sizeof told) == sizeof told)
      return not_started(program, name_of(told.at), told.reason);
   if (left.reason != 0)
      return failed(problem::internal,
                    fmt::format("how '{}' ended cannot be told: {}", program, std::strerror(left.reason)));
   fill_exit(outcome, left);
   return outcome;
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
   case process_end::exited:
      break;
   }
   if (outcome.signal != 0)
      return fmt::format("was killed by signal {} ({})", outcome.signal,
                         sigdescr_np(outcome.signal) ? sigdescr_np(outcome.signal) : "unknown");
   return fmt::format("exited with {}", outcome.exit_code);
}

} // namespace giflab::services
