// The services of a watched call: real ones that are counted, and that fail on demand.

#include "modules/processes.hpp"
#include "services/supervised_process.hpp"
#include "validator/watched_call_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>

namespace giflab::validator {

namespace {

using task_body = giflab_status (*)(void *user, uint32_t i, uint32_t lane);
using order = host_conduct::task_order;

watched_call::state &entered(const giflab_call *call, const char *function) {
   watched_call::state &state = host_functions::state_of(call);
   host_functions::check_thread(*state.host, function);
   return state;
}

// ---- giflab.tasks/1

uint32_t lanes(const giflab_call *call) noexcept { return entered(call, "lanes").host->conduct().lanes; }

// Draws indices until none is left or one fails.
struct drawn_tasks {
   task_body body;
   void *user;
   uint32_t count;
   std::atomic<uint32_t> next{0};
   std::atomic<giflab_status> status{GIFLAB_OK};

   void work(uint32_t lane) {
      const inside_host inside;
      for (uint32_t i = next.fetch_add(1); i < count && status == GIFLAB_OK; i = next.fetch_add(1)) {
         giflab_status none = GIFLAB_OK;
         if (const giflab_status came = body(user, i, lane); came != GIFLAB_OK)
            status.compare_exchange_strong(none, came);
      }
   }
};

giflab_status run_parallel(uint32_t threads, uint32_t count, task_body body, void *user) {
   drawn_tasks tasks{body, user, count};
   std::vector<std::jthread> others;
   for (uint32_t lane = 1; lane < std::min(threads, count); ++lane)
      others.emplace_back([&tasks, lane] { tasks.work(lane); });
   tasks.work(0);
   others.clear(); // joins
   return tasks.status;
}

// The second half of a failing run never starts.
giflab_status run_serial(order how, uint32_t count, task_body body, void *user) {
   const uint32_t ends = how == order::failing ? count / 2 : count;
   for (uint32_t i = 0; i < ends; ++i)
      if (const giflab_status status = body(user, how == order::backward ? count - 1 - i : i, 0);
          status != GIFLAB_OK)
         return status;
   return how == order::failing ? GIFLAB_NO_MEMORY : GIFLAB_OK;
}

giflab_status run_tasks(const giflab_call *call, uint32_t count, task_body body, void *user) noexcept {
   const watched_call::state &state = entered(call, "tasks.run");
   const host_conduct &conduct = state.host->conduct();
   return conduct.tasks == order::parallel ? run_parallel(conduct.lanes, count, body, user)
                                           : run_serial(conduct.tasks, count, body, user);
}

// ---- giflab.models/1

void count_held(test_host &host, int64_t models, int64_t objects) {
   host_functions::note(host, [&](observations &seen) {
      seen.models_held += models;
      seen.objects_held += objects;
   });
}

giflab_status acquire(const giflab_call *call, const char *id, uint32_t memory,
                      const giflab_model **model) noexcept {
   watched_call::state &state = entered(call, "models.acquire");
   test_host &host = *state.host;
   const auto refuse = [&](giflab_status status, const std::string &text) {
      host_functions::refuse(state, text);
      return status;
   };
   const auto &declared = host.guest().models;
   const auto source = std::find_if(declared.begin(), declared.end(), [&](const giflab_model_source &one) {
      return id && std::strcmp(one.id, id) == 0;
   });
   if (source == declared.end() || memory != GIFLAB_MEMORY_HOST)
      return refuse(GIFLAB_INVALID, fmt::format("the model {} is not declared", id ? id : "NULL"));
   switch (host.conduct().models) {
   case host_conduct::model_fault::missing:
      return refuse(GIFLAB_IO, fmt::format("the model {} is not here", id));
   case host_conduct::model_fault::damaged:
      return refuse(GIFLAB_IO, fmt::format("the file of model {} has another SHA-256 than declared", id));
   case host_conduct::model_fault::cancelled:
      return GIFLAB_CANCELLED;
   case host_conduct::model_fault::none:
      break;
   }
   auto held = host_functions::tables_of(host).models.acquire(*source, nullptr);
   if (!held)
      return refuse(GIFLAB_IO, held.error().text);
   *model = *held;
   count_held(host, 1, 0);
   return GIFLAB_OK;
}

void release(const giflab_host *table, const giflab_model *model) noexcept {
   test_host &host = host_functions::owner_of(table);
   if (host_functions::tables_of(host).models.release(model))
      count_held(host, -1, 0);
   else
      host.note_breach("R08", "released a model that it does not hold");
}

giflab_status get(const giflab_call *call, const char *key,
                  giflab_status (*make)(const giflab_call *call, void *user, void **object),
                  void (*drop)(void *object), void *user, void **object) noexcept {
   watched_call::state &state = entered(call, "models.get");
   test_host &host = *state.host;
   const std::string name = key ? key : "";
   if (!name.starts_with(host.guest().id() + "/")) { // as the host that it will meet
      const std::string text =
          fmt::format("the key '{}' of a shared object does not begin with the plugin's id and '/'", name);
      host.note_breach("R08", text);
      host_functions::refuse(state, text);
      return GIFLAB_INVALID;
   }
   const giflab_status status = host_functions::tables_of(host).models.get(
       name, [&](void **made) { return make(call, user, made); }, drop, nullptr, object);
   if (status == GIFLAB_OK)
      count_held(host, 0, 1);
   return status;
}

void put(const giflab_host *table, void *object) noexcept {
   test_host &host = host_functions::owner_of(table);
   if (host_functions::tables_of(host).models.put(object))
      count_held(host, 0, -1);
   else
      host.note_breach("R08", "put back an object that it does not hold");
}

// ---- giflab.files/1

services::sandbox::call_folder *folder_of(watched_call::state &state) {
   auto &files = host_functions::tables_of(*state.host).files;
   if (!state.folder && files)
      if (auto opened = files->open_call())
         state.folder.emplace(std::move(*opened));
   return state.folder ? &*state.folder : nullptr;
}

const char *temporary(const giflab_call *call, const char *suffix) noexcept {
   watched_call::state &state = entered(call, "files.temporary");
   host_functions::note(*state.host, [](observations &seen) { ++seen.paths_given; });
   services::sandbox::call_folder *folder = folder_of(state);
   if (!folder || state.host->conduct().quota_spent)
      return nullptr;
   auto path = folder->fresh(suffix ? suffix : "");
   return path ? state.lent.emplace_back(std::move(*path)).c_str() : nullptr;
}

// ---- giflab.processes/1

giflab_status pretended(watched_call::state &state, giflab_process &wanted) {
   using fault = host_conduct::process_fault;
   wanted.output = "";
   switch (state.host->conduct().processes) {
   case fault::missing:
      host_functions::refuse(state, fmt::format("the program '{}' is not on PATH", wanted.argv[0]));
      return GIFLAB_IO;
   case fault::timed_out:
      host_functions::refuse(state,
                             fmt::format("{} took longer than its limit and was stopped", wanted.argv[0]));
      return GIFLAB_TIMEOUT;
   case fault::exits_1:
      wanted.exit_code = 1;
      break;
   case fault::dies:
      wanted.signal = 11;
      break;
   case fault::floods:
      wanted.exit_code = 2;
      wanted.output = state.lent.emplace_back(std::size_t{64} << 10, 'x').c_str();
      break;
   case fault::none:
      break;
   }
   return GIFLAB_OK;
}

giflab_status run_really(watched_call::state &state, giflab_process &wanted) {
   const auto known = modules::known_programs();
   const auto program = services::find_program(wanted.argv[0]);
   services::sandbox::call_folder *folder = folder_of(state);
   if (std::find(known.begin(), known.end(), wanted.argv[0]) == known.end() || !program || !folder) {
      host_functions::refuse(state,
                             fmt::format("the program '{}' is not on PATH, or may not be run", wanted.argv[0]));
      return GIFLAB_IO;
   }
   services::process_request request;
   request.argv = {program->string()};
   for (const char *const *argument = wanted.argv + 1; *argument; ++argument)
      request.argv.emplace_back(*argument);
   request.directory = wanted.directory ? std::filesystem::path(wanted.directory) : folder->path();
   request.deadline = std::chrono::milliseconds(wanted.timeout_ms ? wanted.timeout_ms : 20'000);
   auto outcome = services::run_process(request);
   if (!outcome) {
      host_functions::refuse(state, outcome.error().text);
      return GIFLAB_IO;
   }
   wanted.exit_code = outcome->exit_code;
   wanted.signal = outcome->signal;
   wanted.output = state.lent.emplace_back(std::move(outcome->output)).c_str();
   return outcome->end == services::process_end::exited ? GIFLAB_OK : GIFLAB_TIMEOUT;
}

giflab_status run_program(const giflab_call *call, giflab_process *wanted) noexcept {
   watched_call::state &state = entered(call, "processes.run");
   host_functions::note(*state.host, [](observations &seen) { ++seen.processes_run; });
   if (!wanted || !wanted->argv || !wanted->argv[0])
      return GIFLAB_INVALID;
   wanted->exit_code = 0;
   wanted->signal = 0;
   return state.host->conduct().processes == host_conduct::process_fault::none ? run_really(state, *wanted)
                                                                               : pretended(state, *wanted);
}

} // namespace

const void *watched_service(test_host &host, const std::string &id) {
   static const giflab_tasks tasks = {run_tasks, lanes};
   static const giflab_models models = {acquire, release, get, put};
   static const giflab_files files = {temporary};
   static const giflab_processes processes = {run_program};
   const bool folder = !host.conduct().folder.empty();
   if (id == GIFLAB_TASKS)
      return &tasks;
   if (id == GIFLAB_MODELS)
      return &models;
   if (id == GIFLAB_FILES && folder)
      return &files;
   return id == GIFLAB_PROCESSES && folder ? &processes : nullptr;
}

} // namespace giflab::validator
