#include "modules/processes.hpp"

#include "modules/call.hpp"
#include "services/supervised_process.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace giflab::modules {

namespace {

using services::process_end;

// A program that somebody said the place of.
result<std::string> at_place(const std::string &name, const std::string &place) {
   std::error_code wrong; // what cannot be looked at cannot be run either
   const std::filesystem::path path = std::filesystem::absolute(place, wrong);
   if (wrong || !std::filesystem::is_regular_file(path, wrong) || access(path.c_str(), X_OK) != 0)
      return failed(
          problem::input,
          fmt::format("'{}' is not at {}: set GIFLAB_*_PATH to where it is, or to nothing", name, place));
   return path.string();
}

// Where a program is that may be run; else who may not, and why.
result<std::string> permitted(const process_policy &policy, const std::string &name) {
   if (std::find(policy.allowed.begin(), policy.allowed.end(), name) == policy.allowed.end())
      return failed(problem::usage,
                    fmt::format("plugins may not run '{}', only {}; name it in GIFLAB_ALLOWED_PROGRAMS if it "
                                "may be run",
                                name, fmt::join(policy.allowed, ", ")));
   if (const auto place = policy.places.find(name); place != policy.places.end())
      return at_place(name, place->second);
   const auto path = services::find_program(name);
   if (!path)
      return failed(
          problem::input,
          fmt::format("the program '{}' is not on PATH: install it, or add its folder to PATH", name));
   return path->string();
}

services::process_request request_for(const giflab_process &wanted, const process_policy &policy,
                                      std::string program, const std::filesystem::path &folder) {
   services::process_request request;
   request.argv.push_back(std::move(program));
   for (const char *const *argument = wanted.argv + 1; *argument; ++argument)
      request.argv.emplace_back(*argument);
   request.directory = wanted.directory ? std::filesystem::path(wanted.directory) : folder;
   request.environment = {{"TMPDIR", folder.string()}}; // what a program leaves goes with the call
   request.deadline = wanted.timeout_ms ? std::chrono::milliseconds(wanted.timeout_ms) : policy.time_limit;
   request.memory_limit = wanted.memory_limit ? wanted.memory_limit : policy.memory_limit;
   return request;
}

// What is wrong with a request; null if nothing is.
const char *breach_of(const giflab_process &wanted) {
   if (wanted.size < sizeof(giflab_process))
      return "a giflab_process has less than the size of ABI 1.0 (rule A4)";
   if (!wanted.argv || !wanted.argv[0])
      return "a giflab_process names no program";
   if (wanted.timeout_ms < 0)
      return "a giflab_process has a negative timeout";
   if (wanted.directory && wanted.directory[0] != '/')
      return "the directory of a giflab_process is no absolute path";
   return nullptr;
}

// Says so the second time in a row that all memory is spent: what was let go of the first time takes a moment
// to show.
std::function<std::optional<std::string>()> objection_of(services::memory_governor *memory) {
   if (!memory || memory->limit() == 0)
      return {};
   return [memory, before = false]() mutable -> std::optional<std::string> {
      const bool spent = memory->poll() == services::memory_level::emergency;
      if (std::exchange(before, spent) && spent)
         return fmt::format("took more than is left of the {} MiB of memory that it and its worker have by "
                            "GIFLAB_MAX_MEMORY_MB, and was stopped",
                            memory->limit() >> 20);
      return std::nullopt;
   };
}

giflab_status run_permitted(call_context &context, giflab_process &wanted) {
   const process_policy *policy = context.services().programs;
   if (!policy)
      return context.refuse(GIFLAB_UNSUPPORTED, "this call may run no programs");
   auto program = permitted(*policy, wanted.argv[0]);
   if (!program)
      return context.refuse(program.error().kind == problem::usage ? GIFLAB_UNSUPPORTED : GIFLAB_IO,
                            program.error().text);
   const auto folder = context.folder();
   if (!folder)
      return context.refuse(GIFLAB_IO, folder.error().text);
   services::process_request request = request_for(wanted, *policy, std::move(*program), *folder);
   request.cancelled = context.services().cancelled;
   request.objection = objection_of(context.services().memory);
   auto outcome = services::run_process(request);
   if (!outcome)
      return context.refuse(GIFLAB_IO, outcome.error().text);
   wanted.exit_code = outcome->exit_code;
   wanted.signal = outcome->signal;
   wanted.output = context.lend(std::move(outcome->output));
   if (outcome->end == process_end::cancelled)
      return GIFLAB_CANCELLED;
   if (outcome->end == process_end::exited)
      return GIFLAB_OK;
   if (outcome->end == process_end::objected_to)
      return context.refuse(GIFLAB_NO_MEMORY, fmt::format("{} {}", wanted.argv[0], outcome->objection));
   return context.refuse(GIFLAB_TIMEOUT, fmt::format("{} took longer than {} ms and was stopped",
                                                     wanted.argv[0], request.deadline.count()));
}

giflab_status run(const giflab_call *call, giflab_process *wanted) noexcept {
   try {
      call_context &context = context_of(call);
      if (const char *breach = wanted ? breach_of(*wanted) : "a giflab_process is NULL")
         return context.refuse(GIFLAB_INVALID, breach);
      wanted->exit_code = 0;
      wanted->signal = 0;
      wanted->output = "";
      return run_permitted(context, *wanted);
   } catch (const std::exception &) {
      return GIFLAB_NO_MEMORY; // the only thing that can go wrong here is an allocation
   }
}

} // namespace

std::vector<std::string> known_programs() {
   return {"animately", "convert", "ffmpeg", "ffprobe", "gifsicle", "gifski", "identify", "magick"};
}

const giflab_processes &processes_table() {
   static const giflab_processes table = {run};
   return table;
}

} // namespace giflab::modules
