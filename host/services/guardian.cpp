#include "services/guardian.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <system_error>

namespace giflab::services {

namespace {

constexpr char terminate_order = 't', kill_order = 'k';

// The guardian's own descriptors.
struct guardian_ends {
   int report, orders;
   std::array<int, 4> kept; // these two and the program's, the lowest first
};

// ---- Between fork and exec, and in the guardian: async-signal-safe calls only, and no memory of their own.

[[noreturn]] void give_up(int report, start_step at) {
   program_end told;
   told.failed_at = at;
   told.reason = errno;
   // A pipe takes this little whole; if even that fails, the exit code is all there is to tell.
   const ssize_t written = write(report, &told, sizeof told);
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

// Not inlined, like guard(): what it writes stays below the frame of whoever called vfork.
[[noreturn, gnu::noinline]] void become(const start_plan &plan, int report, pid_t parent) {
   if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
      give_up(report, start_step::parent);
   if (setpgid(0, 0) != 0)
      give_up(report, start_step::group);
   if (dup2(plan.nothing, 0) < 0 || dup2(plan.output, 1) < 0 || dup2(plan.output, 2) < 0 ||
       close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC) != 0)
      give_up(report, start_step::streams);
   if (plan.directory && chdir(plan.directory) != 0)
      give_up(report, start_step::directory);
   if (!set_limit(RLIMIT_CORE, 0) || (plan.memory_limit && !set_limit(RLIMIT_AS, plan.memory_limit)))
      give_up(report, start_step::limits);
   if (!reset_signals())
      give_up(report, start_step::signals);
   execve(plan.argv[0], plan.argv, plan.environment);
   give_up(report, start_step::program);
}

bool close_all_but(const std::array<int, 4> &kept) {
   auto next = static_cast<unsigned>(STDERR_FILENO + 1);
   for (const int one : kept) {
      const auto number = static_cast<unsigned>(one);
      if (number > next && close_range(next, number - 1, 0) != 0)
         return false;
      next = number + 1;
   }
   return close_range(next, UINT_MAX, 0) == 0;
}

// Signals each child of this process; false, with errno, where they are not told or one may not be signalled.
bool kill_children() {
   const descriptor list(open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC));
   if (!list)
      return false;
   std::array<char, 512> text;
   pid_t child = 0;
   bool all = true;
   for (ssize_t count = 0; (count = read(list.get(), text.data(), text.size())) > 0;)
      for (ssize_t i = 0; i < count; ++i) {
         const char letter = text[static_cast<std::size_t>(i)];
         if (letter >= '0' && letter <= '9') {
            child = 10 * child + (letter - '0');
            continue;
         }
         all &= child == 0 || ::kill(child, SIGKILL) == 0; // a zombie takes it too
         child = 0;
      }
   return all;
}

// Ends what the program left, and what that left in turn: each orphan becomes a child of this process. 0, or
// errno where one is out of reach.
int end_descendants() {
   for (;;) {
      const pid_t dead = waitpid(-1, nullptr, WNOHANG);
      if (dead < 0 && errno == ECHILD)
         return 0;
      if (dead > 0)
         continue;
      if (!kill_children())
         return errno;
      while (waitpid(-1, nullptr, 0) < 0 && errno == EINTR) {
      }
   }
}

// Reaps orphans; true once the program has ended, which stays a zombie until its group is ended, so that its
// number cannot be another's.
bool has_ended(pid_t program) {
   for (;;) {
      siginfo_t dead{};
      if (waitid(P_ALL, 0, &dead, WEXITED | WNOHANG | WNOWAIT) != 0 || dead.si_pid == 0)
         return false;
      if (dead.si_pid == program)
         return true;
      waitpid(dead.si_pid, nullptr, 0);
   }
}

void obey(const descriptor &orders, pid_t program) {
   char what = kill_order;
   const ssize_t count = read(orders.get(), &what, 1); // nothing: whoever gave orders is gone
   if (count == 1 && what == terminate_order) {
      ::kill(-program, SIGTERM);
      return;
   }
   ::kill(-program, SIGKILL);
   ::kill(program, SIGKILL); // it may have joined another group
}

void watch(pid_t program, const descriptor &signals, const descriptor &orders) {
   for (bool hung_up = false; !has_ended(program);) {
      std::array<pollfd, 2> watched = {pollfd{signals.get(), POLLIN, 0},
                                       pollfd{hung_up ? -1 : orders.get(), POLLIN, 0}};
      if (poll(watched.data(), watched.size(), -1) < 0)
         continue;
      signalfd_siginfo told;
      if (watched[0].revents != 0 && read(signals.get(), &told, sizeof told) < 0)
         continue;
      if (watched[1].revents != 0) {
         hung_up = (watched[1].revents & POLLIN) == 0; // and would be told of for ever
         obey(orders, program);
      }
   }
}

descriptor signals_of_children() {
   struct sigaction standard {};
   standard.sa_handler = SIG_DFL; // else children vanish unseen
   sigset_t children;
   sigemptyset(&children);
   sigaddset(&children, SIGCHLD);
   return descriptor(sigaction(SIGCHLD, &standard, nullptr) == 0 ? signalfd(-1, &children, SFD_CLOEXEC) : -1);
}

[[noreturn, gnu::noinline]] void guard(const start_plan &plan, const guardian_ends &own) {
   const descriptor orders(own.orders);
   if (setpgid(0, 0) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || !close_all_but(own.kept))
      give_up(own.report, start_step::guardian);
   const descriptor signals = signals_of_children();
   if (!signals)
      give_up(own.report, start_step::guardian);
   const pid_t self = getpid(), program = vfork();
   if (program == 0)
      become(plan, own.report, self);
   if (program < 0)
      give_up(own.report, start_step::guardian);
   close(plan.nothing);
   close(plan.output);
   watch(program, signals, orders);
   ::kill(-program, SIGKILL);
   program_end told;
   told.started = true;
   while (wait4(program, &told.status, 0, &told.used) < 0 && errno == EINTR) {
   }
   told.left_behind = end_descendants();
   _exit(write(own.report, &told, sizeof told) == sizeof told ? 0 : 1);
}

// ---- In this process

// Blocks every signal, so that no handler of this process runs in the guardian or before the program's exec.
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

// The address sanitizer loses its way where a vfork is followed by another, and may copy memory.
#ifdef __SANITIZE_ADDRESS__
#   define GIFLAB_FORK_GUARDIAN fork
#else
#   define GIFLAB_FORK_GUARDIAN vfork
#endif

// The thread that is suspended. When it returns, nobody can report any more.
void fork_and_wait(const start_plan &plan, const guardian_ends &own) {
   const descriptor report(own.report);
   const pid_t process = GIFLAB_FORK_GUARDIAN();
   if (process == 0)
      guard(plan, own);
   if (process < 0) {
      program_end told;
      told.failed_at = start_step::guardian;
      told.reason = errno;
      (void)!write(report.get(), &told, sizeof told); // else its end says the same without a reason
      return;
   }
   while (waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
   }
}

struct both_ends {
   descriptor reader, writer;
};

// Neither end is one of the standard three, even if those are closed.
bool make_pipe(both_ends &made) {
   int ends[2];
   if (pipe2(ends, O_CLOEXEC) != 0)
      return false;
   made = {descriptor(ends[0]), descriptor(ends[1])};
   return made.reader.move_above_standard() && made.writer.move_above_standard();
}

} // namespace

const char *name_of(start_step step) {
   constexpr const char *names[] = {"no process to watch over it",     "its supervisor is gone",
                                    "no process group for it",         "its signals could not be reset",
                                    "its streams could not be set up", "its directory cannot be entered",
                                    "its limits could not be set",     "the program could not be executed"};
   return names[static_cast<int>(step)];
}

guardian::guardian(const start_plan &plan) {
   both_ends report, orders;
   if (!make_pipe(report) || !make_pipe(orders)) {
      trouble_ = errno;
      return;
   }
   guardian_ends own{report.writer.get(), orders.reader.get(), {}};
   own.kept = {own.report, own.orders, plan.nothing, plan.output};
   std::sort(own.kept.begin(), own.kept.end());
   const signals_held held;
   try {
      thread_ = std::thread([&plan, own] { fork_and_wait(plan, own); });
   } catch (const std::system_error &refused) {
      trouble_ = refused.code().value();
      return;
   }
   (void)report.writer.release(); // the thread's now
   report_reader_ = std::move(report.reader);
   orders_reader_ = std::move(orders.reader);
   orders_writer_ = std::move(orders.writer);
}

guardian::~guardian() {
   if (!thread_.joinable())
      return;
   kill();
   (void)end(); // nobody is there to hear it
}

// This process has a reader of the pipe too: nobody is told of a broken one.
void guardian::order(char what) { (void)!write(orders_writer_.get(), &what, 1); }

void guardian::terminate() { order(terminate_order); }

void guardian::kill() { order(kill_order); }

std::optional<program_end> guardian::end() {
   program_end told;
   ssize_t count = 0;
   while ((count = read(report_reader_.get(), &told, sizeof told)) < 0 && errno == EINTR) {
   }
   thread_.join();
   return count == sizeof told ? std::optional(told) : std::nullopt;
}

} // namespace giflab::services
