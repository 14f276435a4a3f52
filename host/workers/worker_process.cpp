#include "workers/worker_process.hpp"

#include "workers/worker.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <system_error>

namespace giflab::workers {

namespace {

using services::descriptor;

constexpr int patience_ms = 2000;           // with an idle worker that was asked to end
constexpr int first_free = worker_page + 1; // above what a worker gets

tl::unexpected<error> not_started(std::string_view what, int reason) {
   return failed(problem::internal,
                 fmt::format("a worker process cannot be started: {}: {}; --in-process does without", what,
                             std::strerror(reason)));
}

// A copy whose number is none that the worker's descriptors will get.
descriptor moved_up(const descriptor &file) {
   return descriptor(fcntl(file.get(), F_DUPFD_CLOEXEC, first_free));
}

// posix_spawn's lists, which want to be destroyed. The calls that fill them fail for lack of memory alone; then
// the start fails.
class spawn_plan {
 public:
   spawn_plan() {
      posix_spawn_file_actions_init(&actions_);
      posix_spawnattr_init(&attributes_);
   }
   ~spawn_plan() {
      posix_spawn_file_actions_destroy(&actions_);
      posix_spawnattr_destroy(&attributes_);
   }
   spawn_plan(const spawn_plan &) = delete;
   spawn_plan &operator=(const spawn_plan &) = delete;

   void streams(int socket, int page) {
      const bool told = fcntl(STDERR_FILENO, F_GETFD) >= 0;
      add(posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0));
      if (!told)
         add(posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0));
      // What plugins print is no result.
      add(posix_spawn_file_actions_adddup2(&actions_, STDERR_FILENO, STDOUT_FILENO));
      add(posix_spawn_file_actions_adddup2(&actions_, socket, worker_socket));
      add(posix_spawn_file_actions_adddup2(&actions_, page, worker_page));
      add(posix_spawn_file_actions_addclosefrom_np(&actions_, first_free));
   }

   // Signals as a program expects them, and a group of its own: Ctrl-C is the supervisor's to hear.
   void manners() {
      sigset_t all, none;
      sigfillset(&all);
      sigemptyset(&none);
      add(posix_spawnattr_setsigdefault(&attributes_, &all));
      add(posix_spawnattr_setsigmask(&attributes_, &none));
      add(posix_spawnattr_setpgroup(&attributes_, 0));
      add(posix_spawnattr_setflags(&attributes_,
                                   POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP));
   }

   // 0, or why not.
   int start(const std::string &program, char *const *argv, pid_t &process) const {
      return trouble_ ? trouble_
                      : posix_spawn(&process, program.c_str(), &actions_, &attributes_, argv, environ);
   }

 private:
   void add(int trouble) { trouble_ = trouble_ ? trouble_ : trouble; }

   posix_spawn_file_actions_t actions_;
   posix_spawnattr_t attributes_;
   int trouble_ = 0;
};

// The command line of a worker of this process.
class command_line {
 public:
   explicit command_line(bool keep_core)
       : words_{"giflab", std::string(worker_command), std::to_string(getpid()), std::string(keep_core_word)},
         count_(keep_core ? 4 : 3) {
      for (std::size_t i = 0; i < count_; ++i)
         argv_[i] = words_[i].data();
   }
   command_line(const command_line &) = delete;
   command_line &operator=(const command_line &) = delete;

   int count() const { return static_cast<int>(count_); }
   char *const *words() const { return argv_.data(); }

 private:
   std::array<std::string, 4> words_;
   std::size_t count_;
   std::array<char *, 5> argv_{};
};

int spawn(const std::string &program, const command_line &command, int socket, int page, pid_t &process) {
   spawn_plan plan;
   plan.streams(socket, page);
   plan.manners();
   return plan.start(program, command.words(), process);
}

// ---- Without a program: the same by hand, in a process that was forked.

bool has_one_thread() {
   std::error_code trouble;
   const auto threads = std::filesystem::directory_iterator("/proc/self/task", trouble);
   return !trouble && std::distance(begin(threads), end(threads)) == 1;
}

// Whether a handler is a sanitizer's own, which says where it was before it ends the process.
bool sanitizer_tells_of([[maybe_unused]] int signal) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
   return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE;
#else
   return false;
#endif
}

bool settle(int socket, int page) {
   struct sigaction standard {};
   standard.sa_handler = SIG_DFL;
   for (int signal = 1; signal < NSIG; ++signal)
      if (!sanitizer_tells_of(signal))
         sigaction(signal, &standard, nullptr); // refused for those that have nothing else
   sigset_t none;
   sigemptyset(&none);
   const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
   if (fcntl(STDERR_FILENO, F_GETFD) < 0)
      dup2(nothing, STDERR_FILENO);
   return setpgid(0, 0) == 0 && sigprocmask(SIG_SETMASK, &none, nullptr) == 0 &&
          dup2(nothing, STDIN_FILENO) >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 &&
          dup2(socket, worker_socket) >= 0 && dup2(page, worker_page) >= 0 &&
          close_range(first_free, UINT_MAX, 0) == 0;
}

// Whatever is thrown ends here: the frames above belong to the parent.
[[noreturn]] void live(const worker_start &how, const command_line &command, int socket, int page) noexcept {
   std::exit(settle(socket, page) ? how.life(command.count(), command.words()) : EXIT_FAILURE);
}

int fork_worker(const worker_start &how, const command_line &command, int socket, int page, pid_t &process) {
   std::fflush(nullptr); // or it would be written twice
   process = fork();
   if (process == 0)
      live(how, command, socket, page);
   return process < 0 ? errno : 0;
}

std::string described(int status) {
   if (!WIFSIGNALED(status))
      return fmt::format("exit({})", WEXITSTATUS(status));
   const char *name = sigabbrev_np(WTERMSIG(status));
   return name ? fmt::format("SIG{}", name) : fmt::format("signal {}", WTERMSIG(status));
}

} // namespace

result<std::unique_ptr<worker_process>> worker_process::start(const worker_start &how) try {
   int ends[2];
   if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      return not_started("no socket for it", errno);
   descriptor mine(ends[0]), theirs(ends[1]);
   auto page = std::make_unique<shared_page>();
   const descriptor page_file = moved_up(descriptor(dup(page->file()))), socket = moved_up(theirs);
   if (!mine.move_above_standard() || !page_file || !socket)
      return not_started("no descriptors for it", errno);
   pid_t process = -1;
   const command_line command(how.keep_core);
   if (const int trouble = how.life && has_one_thread()
                               ? fork_worker(how, command, socket.get(), page_file.get(), process)
                               : spawn(how.program, command, socket.get(), page_file.get(), process);
       trouble != 0)
      return not_started("no process for it", trouble);
   // By number, as glibc 2.36 declares pidfd_open without C linkage.
   descriptor ended(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
   const int trouble = errno;
   std::unique_ptr<worker_process> made(
       new worker_process(process, std::move(ended), channel(std::move(mine)), std::move(page)));
   if (!made->ended_) {
      made->bury();
      return not_started("it cannot be watched", trouble);
   }
   return made;
} catch (const std::system_error &refused) {
   return not_started(refused.what(), refused.code().value());
}

worker_process::~worker_process() {
   if (process_ < 0)
      return;
   dismiss();
   pollfd ended{ended_.get(), POLLIN, 0};
   while (poll(&ended, 1, patience_ms) < 0 && errno == EINTR)
      ;
   reap();
}

bool worker_process::wait(int milliseconds) const {
   std::array<pollfd, 2> watched = {pollfd{ended_.get(), POLLIN, 0}, pollfd{talk_.socket(), POLLIN, 0}};
   return poll(watched.data(), watched.size(), milliseconds) > 0 && watched[0].revents != 0;
}

void worker_process::interrupt() const { kill(process_, SIGTERM); }

// Until it is reaped its number, and so its group's, cannot be another's.
int worker_process::reap() {
   int status = 0;
   kill(-process_, SIGKILL);
   kill(process_, SIGKILL); // before it has a group
   while (waitpid(process_, &status, 0) < 0 && errno == EINTR)
      ;
   process_ = -1;
   return status;
}

death worker_process::bury() {
   death found;
   found.how = described(reap());
   found.condemned = !deed_.empty();
   if (found.condemned)
      found.how = deed_;
   found.told = page_->read();
   return found;
}

} // namespace giflab::workers
