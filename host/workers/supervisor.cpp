#include "workers/supervisor.hpp"

#include "modules/catalogue.hpp"
#include "results/output_file.hpp"
#include "services/log.hpp"
#include "workers/comparison_job.hpp"
#include "workers/descriptors.hpp"
#include "workers/sending.hpp"
#include "workers/sent_path.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <future>

namespace giflab::workers {

namespace fs = std::filesystem;

namespace {

constexpr int cancellation_interval_ms = 20;

using steady_clock = std::chrono::steady_clock;

// How long a worker is at one thing.
class watch {
 public:
   explicit watch(const time_limits &most) : most_(most) {}

   // What it is to be killed for; nothing as long as it is in time.
   std::optional<std::string> complaint(const blame &doing) {
      const bool loads = !doing.loading.empty();
      std::string now = doing.loading;
      for (const blamed_call &call : doing.calls)
         if (!loads && call.entry == "probe")
            now = call.plugin;
      if (now != what_) {
         what_ = std::move(now);
         since_ = steady_clock::now();
      }
      const auto most = loads ? most_.loading : most_.probing;
      if (what_.empty() || steady_clock::now() - since_ < most)
         return std::nullopt;
      return fmt::format("did not answer within {:g} s", std::chrono::duration<double>(most).count());
   }

   // Asks it to stop, the first time. False once it had time enough for that.
   bool stops_in_time(const worker_process &asked) {
      if (!told_) {
         asked.interrupt();
         told_ = steady_clock::now();
      }
      return steady_clock::now() - *told_ < most_.stopping;
   }

 private:
   const time_limits &most_;
   std::string what_;
   steady_clock::time_point since_;
   std::optional<steady_clock::time_point> told_;
};

error stopped() { return {problem::cancelled, "stopped on request"}; }

// What a worker that was killed left beside the file that it was to make.
void remove_temporaries(const std::string &target, pid_t of) {
   const fs::path folder = fs::path(target).has_parent_path() ? fs::path(target).parent_path() : fs::path(".");
   std::error_code trouble; // what cannot be listed or removed stays, as after any kill
   for (fs::directory_iterator entry(folder, trouble), end; !trouble && entry != end; entry.increment(trouble))
      if (results::is_temporary_of(entry->path().filename().string(), of))
         fs::remove(entry->path(), trouble);
}

} // namespace

supervisor::supervisor(supervisor_options options, const services::cancellation &cancelled)
    : options_(std::move(options)), cancelled_(cancelled), places_(modules::own_folder()),
      own_index_(index_of_own_modules()), files_(options_.temporary_folder) {}

// All are asked to end before the first is waited for.
supervisor::~supervisor() {
   for (auto &[home, workers] : idle_)
      for (const worker_pointer &one : workers)
         one->dismiss();
   idle_.clear();
}

std::set<std::string> supervisor::private_folders() const {
   const std::lock_guard guard(mutex_);
   return private_folders_;
}

engine::result_cache::counts supervisor::cache_counts() const {
   const std::lock_guard guard(mutex_);
   engine::result_cache::counts all;
   for (const auto &[process, counts] : cached_) {
      all.found += counts.found;
      all.missed += counts.missed;
   }
   return all;
}

std::vector<pid_t> supervisor::processes() const {
   const std::lock_guard guard(mutex_);
   return {processes_.begin(), processes_.end()};
}

// ---- Workers

result<supervisor::worker_pointer> supervisor::start() {
   result<worker_pointer> made;
   if (std::this_thread::get_id() == main_thread_) {
      made = worker_process::start(options_.start);
   } else {
      std::promise<result<worker_pointer>> started;
      post_to_starter([&] { started.set_value(worker_process::start(options_.start)); });
      made = started.get_future().get();
   }
   if (!made)
      return made;
   (*made)->talk().send(
       message_of(request_kind::set_up, options_.set_up)); // its death shows in the next answer
   const std::lock_guard guard(mutex_);
   processes_.insert((*made)->process());
   return made;
}

void supervisor::post_to_starter(std::function<void()> work) {
   const std::lock_guard guard(mutex_);
   if (!starter_)
      starter_.emplace(2);
   starter_->post(std::move(work));
}

result<supervisor::worker_pointer> supervisor::borrow(const std::string &home) {
   {
      const std::lock_guard guard(mutex_);
      std::vector<worker_pointer> &idle = idle_[home];
      if (!idle.empty()) {
         worker_pointer found = std::move(idle.back());
         idle.pop_back();
         return found;
      }
   }
   return start();
}

void supervisor::prepare(std::size_t at_once, std::size_t threads, const engine::memory_share &memory) {
   options_.set_up.threads = threads;
   options_.set_up.memory = memory;
   std::size_t ready = 0;
   {
      const std::lock_guard guard(mutex_);
      for (auto &[home, workers] : idle_)
         for (const worker_pointer &one : workers)
            one->talk().send(message_of(request_kind::set_up, options_.set_up));
      ready = idle_[""].size();
   }
   for (; ready < at_once; ++ready)
      if (auto made = start()) // where it cannot be started, whoever needs it is told
         give_back("", std::move(*made));
}

void supervisor::give_back(const std::string &home, worker_pointer used) {
   const std::lock_guard guard(mutex_);
   idle_[home].push_back(std::move(used));
}

// `target`: the file that it is to make, if any.
supervisor::outcome supervisor::ask(const std::string &home, const std::string &message,
                                    const note_listener &listener, const std::string &target) {
   if (cancelled_.requested())
      return stopped();
   auto asked = borrow(home);
   if (!asked)
      return asked.error();
   (*asked)->talk().send(message);
   try {
      const auto answer = answer_in(**asked, listener);
      if (!answer)
         return mourn(std::move(*asked), target);
      reader read(*answer);
      const auto head = read.one<answer_head>();
      note(head, (*asked)->process());
      if (!head.worn_out)
         give_back(home, std::move(*asked));
      if (head.failure)
         return *head.failure;
      return std::string(read.rest());
   } catch (const malformed &) { // its memory is in ruins, or a plugin writes where it has no business
      (*asked)->condemn("sent nonsense to giflab");
      return mourn(std::move(*asked), target);
   }
}

void supervisor::note(const answer_head &head, pid_t of) {
   const std::lock_guard guard(mutex_);
   if (!head.private_folder.empty())
      private_folders_.insert(head.private_folder);
   cached_[of] = head.cached;
   if (head.outdated)
      own_index_.forget();
}

// The answer behind its kind; nothing if the worker died, or is to die.
std::optional<std::string> supervisor::answer_in(worker_process &asked, const note_listener &listener) {
   watch over(options_.limits);
   for (;;) {
      const bool ended = asked.wait(cancellation_interval_ms);
      while (auto message = asked.talk().take()) {
         reader read(*message);
         if (read.one<reply_kind>() == reply_kind::answer)
            return std::string(read.rest());
         const auto note = read.one<progress_note>();
         if (listener)
            listener(note.fraction, note.count);
      }
      if (ended || asked.talk().gone())
         return std::nullopt;
      if (cancelled_.requested() && !over.stops_in_time(asked))
         return std::nullopt;
      if (auto deed = over.complaint(asked.doing())) {
         asked.condemn(std::move(*deed));
         return std::nullopt;
      }
   }
}

supervisor::outcome supervisor::mourn(worker_pointer dead, const std::string &target) {
   const pid_t process = dead->process();
   death found = dead->bury();
   {
      const std::lock_guard guard(mutex_);
      processes_.erase(process);
   }
   std::error_code none; // without such a folder there is nothing in it
   const fs::path chosen = options_.temporary_folder;
   if (const fs::path temporary = chosen.empty() ? fs::temp_directory_path(none) : chosen; !none)
      services::sandbox::sweep(temporary);
   if (!target.empty())
      remove_temporaries(target, process);
   if (cancelled_.requested())
      return stopped();
   return found;
}

// ---- Plugins

namespace {

result<modules::catalogue> decoded_catalogue(const std::string &bytes) {
   try {
      reader read(bytes);
      return get_catalogue(read);
   } catch (const malformed &nonsense) {
      return failed(problem::internal, nonsense.what());
   }
}

} // namespace

// Other folders come first, and are always loaded: nobody has checked what is in them.
result<modules::catalogue> supervisor::scan(const std::vector<std::string> &folders, std::size_t required) {
   std::vector<std::string> others = folders;
   const std::string own = modules::own_folder();
   if (others.empty() || others.back() != own)
      return load_all(folders, required);
   others.pop_back();
   std::erase_if(others, [&](const std::string &folder) { // those that are required are named first
      return required == 0 && !fs::is_directory(folder);
   });
   auto found = own_modules(own);
   if (!found || others.empty())
      return found;
   auto first = load_all(others, required);
   if (first)
      first->join(std::move(*found));
   return first;
}

result<modules::catalogue> supervisor::own_modules(const std::string &folder) {
   if (auto known = own_index_.recall())
      return std::move(*known);
   const auto before = own_index_.look();
   auto found = load_all({folder}, 0);
   if (found)
      own_index_.keep(before, *found);
   return found;
}

// In one worker.
result<modules::catalogue> supervisor::load_all(const std::vector<std::string> &folders, std::size_t required) {
   scan_request asked{folders, required, {}};
   for (;;) {
      // In a worker of its own name: it has loaded whatever was there, and is kept for others only if all of
      // that comes with the program.
      const outcome told = ask("scan", message_of(request_kind::scan, asked), nullptr);
      if (const error *wrong = std::get_if<error>(&told))
         return tl::unexpected(*wrong);
      if (const death *dead = std::get_if<death>(&told)) {
         if (dead->told.loading.empty())
            return failed(problem::internal,
                          fmt::format("the search for plugins failed: {}", reason_of(*dead, "")));
         asked.unwanted.push_back(
             {dead->told.loading,
              (dead->condemned ? "the process that loads it " : "it ends the process that loads it: ") +
                  dead->how});
         continue;
      }
      auto found = decoded_catalogue(std::get<std::string>(told));
      if (found)
         keep_scanner(*found);
      return found;
   }
}

void supervisor::keep_scanner(const modules::catalogue &found) {
   bool ours = true;
   for (const auto &one : found.plugins())
      ours &= places_.is_own(one->home->path);
   for (const modules::rejection &one : found.rejected())
      ours &= places_.is_own(one.path);
   const std::lock_guard guard(mutex_);
   std::vector<worker_pointer> scanner = std::move(idle_["scan"]);
   idle_.erase("scan");
   if (ours)
      for (worker_pointer &one : scanner)
         idle_[""].push_back(std::move(one));
}

engine::readiness supervisor::probe(const modules::plugin &chosen) {
   const places::place where = places_.of(chosen);
   if (!chosen.table.probe || !where.excluded.empty()) // whoever runs it hears of it then
      return {};
   const std::string message = message_of(request_kind::probe, probe_request{name_of(chosen, where.trusted)});
   outcome told = ask(where.worker, message, nullptr);
   if (const death *dead = std::get_if<death>(&told); dead && !is_blamed(*dead, chosen))
      told = ask(where.worker, message, nullptr); // it may have ended before it was asked, of something else
   if (const error *wrong = std::get_if<error>(&told))
      return {wrong->text, {}};
   if (const death *dead = std::get_if<death>(&told)) {
      const std::string reason = reason_of(*dead, chosen.id());
      places_.crashed(chosen, reason);
      return {reason, {}};
   }
   auto ready = decoded<engine::readiness>(std::get<std::string>(told));
   return ready ? *ready : engine::readiness{ready.error().text, {}};
}

// ---- Work

result<results::comparison> supervisor::compare(const std::string &reference, const std::string &distorted,
                                                const std::vector<engine::planned_metric> &plan,
                                                const engine::comparison_options &options,
                                                const engine::progress_listener &progress) {
   return comparison_job(*this, reference, distorted, plan, options, progress).run();
}

namespace {

std::vector<const modules::plugin *> plugins_of(const std::vector<engine::pipeline_stage> &stages) {
   std::vector<const modules::plugin *> plugins;
   for (const engine::pipeline_stage &stage : stages) {
      for (const engine::pipeline_step &filter : stage.filters)
         plugins.push_back(filter.plugin);
      plugins.push_back(stage.encoder.plugin);
   }
   return plugins;
}

void restore_names(const sent_path &named, result<engine::processing_report> &done) {
   if (!done)
      return named.restore_in(done.error().text);
   for (std::string &warning : done->warnings)
      named.restore_in(warning);
}

result<void> copy_to_output(const std::string &path) {
   auto output = results::output_file::open("-");
   std::ifstream file(path, std::ios::binary);
   const std::string bytes{std::istreambuf_iterator<char>(file), {}};
   return output->write(bytes).and_then([&] { return output->commit(); });
}

} // namespace

result<engine::processing_report> supervisor::process(const std::string &source, const std::string &target,
                                                      const std::vector<engine::pipeline_stage> &stages,
                                                      const engine::processing_options &options,
                                                      const engine::processing_listener &progress) {
   const auto steps = plugins_of(stages);
   const sent_path from(source);
   const auto send = [&](const std::string &target_file) {
      const sent_path to(target_file);
      auto done =
          process_to_file({from.from_root(), to.from_root(), sent(stages, places_), options}, steps, progress);
      for (const sent_path *named : {&from, &to})
         restore_names(*named, done);
      return done;
   };
   if (target != "-")
      return send(target);
   auto folder = files_.open_call(); // a worker's standard output is not ours
   auto file = folder ? folder->fresh(".out") : tl::unexpected(folder.error());
   if (!file)
      return tl::unexpected(file.error());
   auto done = send(*file);
   if (done)
      if (auto copied = copy_to_output(*file); !copied)
         return tl::unexpected(copied.error());
   return done;
}

result<engine::processing_report> supervisor::process_to_file(const process_request &request,
                                                              const std::vector<const modules::plugin *> &steps,
                                                              const engine::processing_listener &progress) {
   std::string home;
   for (const modules::plugin *step : steps) {
      const places::place where = places_.of(*step);
      if (!where.excluded.empty())
         return failed(problem::plugin, where.excluded);
      if (home.empty())
         home = where.worker;
   }
   const std::string message = message_of(request_kind::process, request);
   for (bool again = false;; again = true) {
      const outcome told = ask(home, message, progress, request.target);
      if (const error *wrong = std::get_if<error>(&told))
         return tl::unexpected(*wrong);
      if (const death *dead = std::get_if<death>(&told)) {
         for (const modules::plugin *step : steps)
            if (is_blamed(*dead, *step)) {
               const std::string reason = reason_of(*dead, step->id());
               places_.crashed(*step, reason);
               return failed(problem::plugin, reason);
            }
         if (again)
            return failed(problem::internal,
                          fmt::format("the process that worked on {} ended twice, in no plugin: {}",
                                      request.source, dead->how));
         continue;
      }
      return decoded<engine::processing_report>(std::get<std::string>(told));
   }
}

} // namespace giflab::workers
