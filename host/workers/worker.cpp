#include "workers/worker.hpp"

#include "workers/blame.hpp"
#include "workers/channel.hpp"
#include "workers/descriptors.hpp"

#include <fmt/format.h>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <map>
#include <new>

namespace giflab::workers {

namespace {

using steady_clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds note_interval{50}; // between two words on progress

class worker {
 public:
   worker(channel talk, blame_page &page, const machine_maker &make)
       : talk_(std::move(talk)), page_(page), make_(make) {}

   void live() {
      while (auto message = talk_.wait())
         obey(*message);
   }

 private:
   void obey(const std::string &message);
   void set_up(const set_up_request &wanted);
   void scan(const scan_request &asked);
   void probe(const probe_request &asked);
   void compare(const compare_request &asked);
   void process(const process_request &asked);

   void answer(const std::optional<error> &failure, writer fields = {});
   std::function<void(double, int64_t)> note_sender();

   modules::catalogue &home_of(const plugin_name &wanted);
   void note_digests(const modules::catalogue &loaded);
   result<const modules::plugin *> plugin_called(const plugin_name &wanted);
   result<engine::planned_metric> metric_of(const sent_metric &sent);
   result<engine::pipeline_step> step_of(const sent_step &sent);
   result<std::vector<engine::pipeline_stage>> stages_of(const std::vector<sent_stage> &sent);

   channel talk_;
   blame_page &page_;
   const machine_maker &make_;
   std::unique_ptr<engine::machine> on_;
   error no_machine_{problem::internal, "a worker was given no machine"};
   modules::catalogue scanned_;
   std::map<std::string, modules::catalogue> loaded_; // by path
   std::map<const modules::plugin *, uint64_t> digests_;
   bool outdated_ = false;
   steady_clock::time_point last_note_;
};

void worker::obey(const std::string &message) {
   reader read(message);
   const auto kind = read.one<request_kind>();
   if (kind == request_kind::set_up)
      return set_up(read.one<set_up_request>());
   if (!on_)
      return answer(no_machine_);
   try {
      switch (kind) {
      case request_kind::scan:
         return scan(read.one<scan_request>());
      case request_kind::probe:
         return probe(read.one<probe_request>());
      case request_kind::compare:
         return compare(read.one<compare_request>());
      case request_kind::process:
         return process(read.one<process_request>());
      case request_kind::set_up:
         break;
      }
      throw malformed();
   } catch (const std::bad_alloc &) {
      answer(error{problem::internal, "out of memory: fewer --threads need less"});
   }
}

void worker::set_up(const set_up_request &wanted) {
   auto made = make_(wanted);
   if (made)
      on_ = std::move(*made);
   else
      no_machine_ = made.error();
}

void worker::answer(const std::optional<error> &failure, writer fields) {
   answer_head head;
   head.failure = failure;
   head.outdated = outdated_;
   if (on_) {
      head.private_folder = on_->private_folder().string();
      if (on_->results())
         head.cached = on_->results()->counted();
      head.worn_out = on_->device() && on_->device()->begun() && !on_->device()->absence().empty();
   }
   writer whole;
   whole(reply_kind::answer, head);
   talk_.send(whole.take() + fields.take()); // where nobody listens any more, the next wait() ends this life
}

std::function<void(double, int64_t)> worker::note_sender() {
   return [this](double fraction, int64_t count) {
      const auto now = steady_clock::now();
      if (now - last_note_ < note_interval)
         return;
      last_note_ = now;
      writer note;
      note(reply_kind::progress, progress_note{fraction, count});
      talk_.send(note.take());
   };
}

// ---- Plugins

void worker::scan(const scan_request &asked) {
   auto found = modules::catalogue::discover(asked.folders, asked.required,
                                             [&](const std::string &path) -> std::optional<std::string> {
                                                for (const unwanted_file &one : asked.unwanted)
                                                   if (one.path == path)
                                                      return one.reason;
                                                note_loading(page_, path);
                                                return std::nullopt;
                                             });
   note_loading(page_, "");
   if (!found)
      return answer(found.error());
   scanned_ = std::move(*found);
   note_digests(scanned_);
   writer fields;
   put_catalogue(fields, scanned_);
   answer(std::nullopt, std::move(fields));
}

// Each module that was not found by scan() is a catalogue of its own: what is shadowed was the supervisor's to
// say.
modules::catalogue &worker::home_of(const plugin_name &wanted) {
   if (const modules::plugin *one = scanned_.find(wanted.id); one && one->home->path == wanted.module)
      return scanned_;
   const auto [place, fresh] = loaded_.try_emplace(wanted.module);
   if (fresh) {
      note_loading(page_, wanted.module);
      place->second.load(wanted.module);
      note_loading(page_, "");
      note_digests(place->second);
   }
   return place->second;
}

// Before distrust() changes what they are digests of.
void worker::note_digests(const modules::catalogue &loaded) {
   for (const auto &one : loaded.plugins())
      digests_[one.get()] = digest_of(*one);
}

result<const modules::plugin *> worker::plugin_called(const plugin_name &wanted) {
   modules::catalogue &home = home_of(wanted);
   if (!wanted.trusted)
      home.distrust(wanted.module);
   const modules::plugin *one = home.find(wanted.id);
   if (one && digests_.at(one) == wanted.digest)
      return one;
   outdated_ = true;
   if (one)
      return failed(problem::plugin,
                    fmt::format("{} of {} is not what it was described as: its file was replaced, "
                                "start again",
                                wanted.id, wanted.module));
   return failed(problem::plugin,
                 fmt::format("{} has no plugin {} any more{}", wanted.module, wanted.id,
                             home.rejected().empty() ? "" : ": " + home.rejected().front().reason));
}

engine::chosen_values values_of(const modules::plugin &plugin, const std::vector<sent_value> &sent) {
   if (sent.size() != plugin.params.size())
      throw malformed();
   engine::chosen_values made;
   for (const sent_value &value : sent) {
      if (value.text)
         made.texts.push_back(std::make_shared<const std::string>(*value.text));
      made.values.push_back({value.number, value.text ? made.texts.back()->c_str() : nullptr});
   }
   return made;
}

result<engine::planned_metric> worker::metric_of(const sent_metric &sent) {
   auto plugin = plugin_called(sent.plugin);
   if (!plugin)
      return tl::unexpected(plugin.error());
   engine::chosen_values values = values_of(**plugin, sent.values);
   engine::planned_metric made;
   made.plugin = *plugin;
   made.values = std::move(values.values);
   made.texts = std::move(values.texts);
   made.columns = sent.columns;
   made.unavailable = sent.unavailable;
   made.fingerprint = sent.fingerprint;
   for (const auto &column : made.columns)
      if (column.output >= made.plugin->outputs.size())
         throw malformed();
   return made;
}

result<engine::pipeline_step> worker::step_of(const sent_step &sent) {
   auto plugin = plugin_called(sent.plugin);
   if (!plugin)
      return tl::unexpected(plugin.error());
   return engine::pipeline_step{*plugin, values_of(**plugin, sent.values), sent.fingerprint};
}

result<std::vector<engine::pipeline_stage>> worker::stages_of(const std::vector<sent_stage> &sent) {
   std::vector<engine::pipeline_stage> stages;
   for (const sent_stage &one : sent) {
      engine::pipeline_stage &stage = stages.emplace_back();
      for (const sent_step &filter : one.filters) {
         auto step = step_of(filter);
         if (!step)
            return tl::unexpected(step.error());
         stage.filters.push_back(std::move(*step));
      }
      auto encoder = step_of(one.encoder);
      if (!encoder)
         return tl::unexpected(encoder.error());
      stage.encoder = std::move(*encoder);
   }
   return stages;
}

// ---- Work

void worker::probe(const probe_request &asked) {
   auto plugin = plugin_called(asked.plugin);
   if (!plugin)
      return answer(plugin.error());
   writer fields;
   fields(engine::probe(**plugin, on_.get()));
   answer(std::nullopt, std::move(fields));
}

void worker::compare(const compare_request &asked) {
   std::vector<engine::planned_metric> plan;
   for (const sent_metric &one : asked.metrics) {
      auto metric = metric_of(one);
      if (!metric)
         return answer(metric.error());
      plan.push_back(std::move(*metric));
   }
   auto found = engine::compare(asked.reference, asked.distorted, plan, asked.options, *on_, note_sender());
   if (!found)
      return answer(found.error());
   writer fields;
   fields(*found);
   answer(std::nullopt, std::move(fields));
}

void worker::process(const process_request &asked) {
   auto stages = stages_of(asked.stages);
   if (!stages)
      return answer(stages.error());
   auto done = engine::process(asked.source, asked.target, *stages, asked.options, *on_, note_sender());
   if (!done)
      return answer(done.error());
   writer fields;
   fields(*done);
   answer(std::nullopt, std::move(fields));
}

// ---- Birth

bool is_socket(int file) {
   struct stat about {};
   return fstat(file, &about) == 0 && S_ISSOCK(about.st_mode);
}

// A worker ends with its supervisor, however that ends.
bool belongs_to(std::string_view parent) {
   pid_t number = 0;
   const auto [rest, trouble] = std::from_chars(parent.data(), parent.data() + parent.size(), number);
   return trouble == std::errc{} && rest == parent.data() + parent.size() &&
          prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == number;
}

} // namespace

result<int> work(int argc, const char *const *argv, const machine_maker &make) {
   if (argc < 3 || !is_socket(worker_socket) || !belongs_to(argv[2]))
      return failed(problem::usage, "worker-process is how giflab starts itself, and nothing for people");
   if (argc < 4 || argv[3] != keep_core_word) {
      const rlimit none{0, 0};
      setrlimit(RLIMIT_CORE, &none); // cannot be refused: it lowers
   }
   for (const int file :
        {worker_socket, worker_page}) // programs that plugins run have nothing to do with these
      fcntl(file, F_SETFD, FD_CLOEXEC);
   // Never given back: a signal may come until the process is gone.
   static shared_page page{services::descriptor(worker_page)};
   page.close_file(); // or what a plugin writes to a descriptor that is not its own would blame others
   note_calls_on(page.page());
   worker(channel(services::descriptor(worker_socket)), page.page(), make).live();
   return 0;
}

} // namespace giflab::workers
