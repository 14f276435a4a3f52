#include "validator/isolated.hpp"

#include "services/descriptor.hpp"
#include "validator/blame.hpp"

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
#include <charconv>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <system_error>

namespace giflab::validator {

namespace {

using clock = std::chrono::steady_clock;
using services::descriptor;
using std::chrono::milliseconds;

constexpr std::size_t output_bytes = 4096;   // of the end of what a child prints
constexpr milliseconds patience{50};         // between two looks at the wish to stop
constexpr std::size_t pipe_bytes = 64 << 10; // what a pipe of Linux holds
constexpr std::string_view finish_mark = "\n<whole>\n";
constexpr std::size_t most_result_bytes = 64 << 20; // more is no result, and must not fill the memory

constexpr int longest_wait = 5;            // limits that a job on a busy machine may take in all
constexpr milliseconds worth_waiting{100}; // without a processor: less is the ordinary course of things

struct both_ends {
   descriptor reader, writer;
};

[[noreturn]] void refused(const char *what) {
   throw std::system_error(errno, std::generic_category(), fmt::format("no {} for a process", what));
}

both_ends make_pipe() {
   int ends[2];
   if (pipe2(ends, O_CLOEXEC) != 0)
      refused("pipe");
   both_ends made{descriptor(ends[0]), descriptor(ends[1])};
   if (!made.reader.move_above_standard() || !made.writer.move_above_standard() ||
       fcntl(made.reader.get(), F_SETFL, O_NONBLOCK) != 0)
      refused("pipe");
   return made;
}

// ---- The child

// Told by its length, so that what a plugin writes where it has no business is not taken for a part of it.
std::string framed(const std::string &text) { return fmt::format("{}\n{}{}", text.size(), text, finish_mark); }

// Nothing if there is anything but one framed text.
std::optional<std::string> unframed(std::string_view bytes) {
   std::size_t length = 0;
   const auto [end, trouble] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), length);
   const auto begin = static_cast<std::size_t>(end - bytes.data()) + 1;
   if (trouble != std::errc{} || begin > bytes.size() || length > bytes.size() - begin)
      return std::nullopt;
   std::string text(bytes.substr(begin, length));
   return bytes == framed(text) ? std::optional(std::move(text)) : std::nullopt;
}

void write_all(int file, std::string_view text) {
   while (!text.empty()) {
      const ssize_t written = write(file, text.data(), text.size());
      if (written < 0 && errno != EINTR)
         _exit(EXIT_FAILURE); // the parent finds no whole result, and says so
      text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
   }
}

// What a process inherits that a job should not see: the parent's descriptors, handlers and core files.
void settle(pid_t parent, int output, int result) {
   setpgid(0, 0);
   if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
      _exit(EXIT_FAILURE);
   const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
   if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
       dup2(output, STDERR_FILENO) < 0)
      _exit(EXIT_FAILURE);
   if (result > STDERR_FILENO + 1)
      close_range(STDERR_FILENO + 1, static_cast<unsigned>(result) - 1, 0);
   close_range(static_cast<unsigned>(result) + 1, UINT_MAX, 0);
   const rlimit no_core{0, 0};
   setrlimit(RLIMIT_CORE, &no_core);
   for (const int signal : {SIGINT, SIGTERM, SIGPIPE})
      std::signal(signal, SIG_DFL);
}

// Whatever work() throws ends here: the frames above belong to the parent.
[[noreturn]] void live(const isolated_job &job, blame_page *page, pid_t parent, int output,
                       int result) noexcept {
   settle(parent, output, result);
   blame_on(page);
   const std::string text = job.work();
   std::fflush(nullptr);
   write_all(result, framed(text));
   _exit(EXIT_SUCCESS);
}

// ---- The parent

struct drop_page {
   void operator()(blame_page *page) const { drop_blame_page(page); }
};

// How long the threads of a process, and what it started and lives, were ready to run without a processor.
std::chrono::nanoseconds time_in_queues(pid_t process) {
   std::chrono::nanoseconds total{0};
   std::error_code gone; // whatever ends meanwhile waits no longer
   std::filesystem::directory_iterator task(fmt::format("/proc/{}/task", process), gone);
   for (; !gone && task != std::filesystem::directory_iterator(); task.increment(gone)) {
      std::ifstream times(task->path() / "schedstat"), children(task->path() / "children");
      if (int64_t ran = 0, waited = 0; times >> ran >> waited)
         total += std::chrono::nanoseconds(waited);
      for (pid_t started; children >> started;)
         total += time_in_queues(started);
   }
   return total;
}

// One running job. Never left running, nor as a zombie.
class child {
 public:
   child(std::size_t index, const isolated_job &job)
       : index_(index), page_(share_blame_page()), began_(clock::now()), deadline_(began_ + job.limit),
         last_(began_ + longest_wait * job.limit) {
      both_ends output = make_pipe(), result = make_pipe();
      std::fflush(nullptr); // or it would be written twice
      const pid_t parent = getpid();
      process_ = fork();
      if (process_ == 0)
         live(job, page_.get(), parent, output.writer.get(), result.writer.get());
      if (process_ < 0)
         refused("room");
      setpgid(process_, process_); // the child does so itself; whoever is first
      output_ = std::move(output.reader);
      result_ = std::move(result.reader);
      // By number, as glibc 2.36 declares pidfd_open without C linkage.
      ended_ = descriptor(static_cast<int>(syscall(SYS_pidfd_open, process_, 0)));
      if (!ended_) {
         end_group();
         refused("watch");
      }
   }
   ~child() { end_group(); }
   child(const child &) = delete;
   child &operator=(const child &) = delete;

   std::size_t index() const { return index_; }
   clock::time_point deadline() const { return deadline_; }
   std::array<pollfd, 3> watched() const {
      return {pollfd{ended_.get(), POLLIN, 0}, pollfd{output_.get(), POLLIN, 0},
              pollfd{result_.get(), POLLIN, 0}}; // poll passes over negative ones
   }

   void read_output() {
      if (!read_some(output_, printed_))
         output_ = descriptor(); // everybody closed it; the leader may well live on
      if (printed_.size() > 2 * output_bytes)
         printed_.erase(0, printed_.size() - output_bytes);
   }
   void read_result() {
      if (!read_some(result_, told_))
         result_ = descriptor();
      told_.resize(std::min(told_.size(), most_result_bytes));
   }

   void time_out() {
      if (waited_in_vain())
         return;
      timed_out_ = true;
      deadline_ = clock::time_point::max();
      kill(-process_, SIGKILL);
   }

   // After the leader has ended.
   isolated_outcome outcome() {
      const int status = end_group();
      read_output(); // what the pipes still hold: never more than fits in one read
      read_result();
      isolated_outcome told;
      told.wall = std::chrono::duration_cast<milliseconds>(clock::now() - began_);
      told.timed_out = timed_out_;
      const auto text = timed_out_ ? std::nullopt : unframed(told_);
      told.finished = text.has_value();
      if (text)
         told.text = *text;
      else if (!timed_out_) {
         told.garbled = told_.ends_with(finish_mark);
         told.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
         told.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
         told.place = static_cast<int>(page_->place);
         told.address = page_->address;
      }
      told.doing.assign(page_->doing, strnlen(page_->doing, sizeof page_->doing));
      told.output = printed_.substr(printed_.size() - std::min(printed_.size(), output_bytes));
      return told;
   }

 private:
   // Whether a busy machine has kept the job from its processor: that time is given to it, not held against it.
   bool waited_in_vain() {
      const std::chrono::nanoseconds queued = time_in_queues(process_);
      const auto since = queued >= queued_ ? queued - queued_ : queued; // less: of some that have ended
      queued_ = queued;
      if (since < worth_waiting || clock::now() >= last_)
         return false;
      deadline_ = std::min(last_, clock::now() + std::max<clock::duration>(since, std::chrono::seconds(1)));
      return true;
   }

   // False at the end.
   static bool read_some(const descriptor &file, std::string &into) {
      std::array<char, pipe_bytes> buffer;
      const ssize_t count = read(file.get(), buffer.data(), buffer.size());
      if (count > 0)
         into.append(buffer.data(), static_cast<std::size_t>(count));
      return count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN));
   }

   // Kills and reaps the leader and what it left in its group; gives the leader's status. Until the leader is
   // reaped its number, and so its group's, cannot be another's.
   int end_group() {
      int status = 0;
      if (process_ <= 0)
         return status;
      kill(-process_, SIGKILL);
      kill(process_, SIGKILL);
      while (waitpid(process_, &status, 0) < 0 && errno == EINTR)
         ;
      while (waitpid(-process_, nullptr, 0) > 0 || errno == EINTR) // what became this process's children
         ;
      process_ = -1;
      return status;
   }

   std::size_t index_;
   std::unique_ptr<blame_page, drop_page> page_;
   clock::time_point began_, deadline_, last_; // last_: the deadline is never later
   std::chrono::nanoseconds queued_{0};        // of its processes, when it was last asked for
   pid_t process_ = -1;
   descriptor ended_, output_, result_;
   std::string printed_, told_; // what came through the two pipes
   bool timed_out_ = false;
};

// While this lives, what outlives its parent in a job becomes a child of this process, which can reap it.
class adoption {
 public:
   adoption() {
      prctl(PR_GET_CHILD_SUBREAPER, &before_);
      prctl(PR_SET_CHILD_SUBREAPER, 1);
   }
   ~adoption() { prctl(PR_SET_CHILD_SUBREAPER, before_); }
   adoption(const adoption &) = delete;
   adoption &operator=(const adoption &) = delete;

 private:
   int before_ = 0;
};

using children = std::vector<std::unique_ptr<child>>;

int time_to_wait(const children &running) {
   clock::time_point next = clock::now() + patience;
   for (const auto &one : running)
      next = std::min(next, one->deadline());
   const auto left = std::chrono::ceil<milliseconds>(next - clock::now()).count();
   return static_cast<int>(std::max<decltype(left)>(left, 0));
}

// Reads what there is to read; gives the first child whose leader has ended, or null.
child *wait_a_while(const children &running) {
   std::vector<pollfd> all;
   for (const auto &one : running)
      for (const pollfd &watched : one->watched())
         all.push_back(watched);
   if (poll(all.data(), all.size(), time_to_wait(running)) <= 0)
      return nullptr;
   child *ended = nullptr;
   for (std::size_t i = 0; i < running.size(); ++i) {
      if (all[3 * i + 1].revents)
         running[i]->read_output();
      if (all[3 * i + 2].revents)
         running[i]->read_result();
      if (all[3 * i].revents && !ended)
         ended = running[i].get();
   }
   return ended;
}

} // namespace

void run_isolated(const std::vector<isolated_job> &jobs, std::size_t at_once,
                  const services::cancellation &cancelled,
                  const std::function<void(std::size_t, const isolated_outcome &)> &done) {
   const adoption of_survivors;
   children running;
   std::size_t next = 0;
   while (!cancelled.requested() && (next < jobs.size() || !running.empty())) {
      while (next < jobs.size() && running.size() < std::max<std::size_t>(at_once, 1)) {
         running.push_back(std::make_unique<child>(next, jobs[next]));
         ++next;
      }
      if (child *ended = wait_a_while(running)) {
         const std::size_t index = ended->index();
         const isolated_outcome outcome = ended->outcome();
         std::erase_if(running, [&](const auto &one) { return one.get() == ended; });
         done(index, outcome);
      }
      for (const auto &one : running)
         if (clock::now() >= one->deadline())
            one->time_out();
   }
}

} // namespace giflab::validator
