#pragma once
// The supervisor: loads no module itself, has workers do it, and outlives them.

#include "engine/workshop.hpp"
#include "services/task_pool.hpp"
#include "workers/module_index.hpp"
#include "workers/places.hpp"
#include "workers/requests.hpp"
#include "workers/worker_process.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace giflab::workers {

// For how long a worker may do what takes no time if all is well; then it is killed. Calls of other entries may
// take as long as they like, as nobody knows how long that should be.
struct time_limits {
   std::chrono::milliseconds loading{30'000}; // one module
   std::chrono::milliseconds probing{10'000}; // one plugin, which promises a second
   std::chrono::milliseconds stopping{2'000}; // after a wish to stop, which plugins hear of within 10 ms
};

struct supervisor_options {
   worker_start start;
   set_up_request set_up;        // of every worker
   std::string temporary_folder; // empty: the system's
   time_limits limits = {};
};

// One job a worker at a time; as many workers as there are callers at once. A worker that died is buried, and
// what it did is done again: the metric that was called then alone, the others without it, so that a crash
// costs its own values and no others.
class supervisor final : public engine::workshop {
 public:
   // `cancelled` outlives it. Nothing is started yet.
   supervisor(supervisor_options options, const services::cancellation &cancelled);
   ~supervisor() override;

   // What modules::catalogue::discover finds in these folders; a file that ends the process which loads it is
   // turned away for that. What comes with the program is not loaded if it is known from before. [main]
   result<modules::catalogue> scan(const std::vector<std::string> &folders, std::size_t required);

   // So many jobs will be asked for at once, each on so many threads and with such a share of memory: has that
   // many workers ready. While this process has one thread they come cheapest. No work is under way. [main]
   void prepare(std::size_t at_once, std::size_t threads, const engine::memory_share &memory);

   // Plans are of what scan() gave.
   engine::readiness probe(const modules::plugin &chosen) override;
   result<results::comparison> compare(const std::string &reference, const std::string &distorted,
                                       const std::vector<engine::planned_metric> &plan,
                                       const engine::comparison_options &options,
                                       const engine::progress_listener &progress) override;
   result<engine::processing_report> process(const std::string &source, const std::string &target,
                                             const std::vector<engine::pipeline_stage> &stages,
                                             const engine::processing_options &options,
                                             const engine::processing_listener &progress) override;
   const services::cancellation &cancelled() const override { return cancelled_; }
   std::set<std::string> private_folders() const override;
   engine::result_cache::counts cache_counts() const override;

   // The processes that live now.
   std::vector<pid_t> processes() const;

 private:
   friend class comparison_job;
   using worker_pointer = std::unique_ptr<worker_process>;
   using note_listener = std::function<void(double fraction, int64_t count)>;
   // The fields of an answer, what was wrong with the question, or how its worker died.
   using outcome = std::variant<std::string, error, death>;

   outcome ask(const std::string &home, const std::string &message, const note_listener &listener,
               const std::string &target = {});
   outcome await(worker_pointer &asked, const note_listener &listener);
   std::optional<std::string> answer_in(worker_process &asked, const note_listener &listener);
   void note(const answer_head &head, pid_t of);
   outcome mourn(worker_pointer dead, const std::string &target);
   result<worker_pointer> borrow(const std::string &home);
   result<worker_pointer> start();
   void post_to_starter(std::function<void()> work);
   void give_back(const std::string &home, worker_pointer used);
   result<modules::catalogue> load_all(const std::vector<std::string> &folders, std::size_t required);
   result<modules::catalogue> own_modules(const std::string &folder);
   void keep_scanner(const modules::catalogue &found);

   result<engine::processing_report> process_to_file(const process_request &request,
                                                     const std::vector<const modules::plugin *> &steps,
                                                     const engine::processing_listener &progress);

   supervisor_options options_;
   const services::cancellation &cancelled_;
   places places_;
   const module_index own_index_;
   services::sandbox files_;
   mutable std::mutex mutex_; // guards what follows
   std::map<std::string, std::vector<worker_pointer>>
       idle_; // by the module whose own they are; "": of all others
   std::set<std::string> private_folders_;
   std::set<pid_t> processes_;
   std::map<pid_t, engine::result_cache::counts> cached_; // by worker, also of those that are gone
   const std::thread::id main_thread_ = std::this_thread::get_id();
   // Its one thread starts workers for other threads than the main one: a worker dies with the thread that
   // started it.
   std::optional<services::task_pool> starter_;
};

} // namespace giflab::workers
