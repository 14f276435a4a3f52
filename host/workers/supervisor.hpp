#pragma once
// The supervisor: loads no module itself, has workers do it, and outlives them.

#include "engine/workshop.hpp"
#include "services/task_pool.hpp"
#include "workers/places.hpp"
#include "workers/requests.hpp"
#include "workers/worker_process.hpp"

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace giflab::workers {

struct supervisor_options {
   std::string program = "/proc/self/exe"; // whose main() becomes a worker where worker_command says so
   set_up_request set_up;                  // of every worker
   bool keep_core = false;
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
   // turned away for that. [main]
   result<modules::catalogue> scan(const std::vector<std::string> &folders, std::size_t required);

   // So many threads has each worker from now on. No work is under way.
   void set_threads(std::size_t threads);

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
   outcome mourn(worker_pointer dead, const std::string &target);
   result<worker_pointer> borrow(const std::string &home);
   result<worker_pointer> start();
   void give_back(const std::string &home, worker_pointer used);
   void keep_scanner(const modules::catalogue &found);

   result<engine::processing_report> process_to_file(const process_request &request,
                                                     const std::vector<const modules::plugin *> &steps,
                                                     const engine::processing_listener &progress);

   supervisor_options options_;
   const services::cancellation &cancelled_;
   places places_;
   services::sandbox files_;
   mutable std::mutex mutex_; // guards what follows
   std::map<std::string, std::vector<worker_pointer>>
       idle_; // by the module whose own they are; "": of all others
   std::set<std::string> private_folders_;
   std::set<pid_t> processes_;
   services::task_pool starter_{
       2}; // its one thread starts them all: a worker dies with the thread that started it
};

} // namespace giflab::workers
