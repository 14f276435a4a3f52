// F01: memory that is not there.
#include "modules/call.hpp"
#include "validator/fault_checks.hpp"
#include "validator/interposed.hpp"
#include "validator/trial.hpp"

#include <fmt/format.h>

#include <optional>

namespace giflab::validator {

namespace {

using std::chrono::milliseconds;

constexpr uint64_t most_requests = 300;
constexpr milliseconds longest_loop{700};

// Which memory fails, and whether for once or from then on.
struct fault {
   bool heap;
   bool for_good;
};

class failing_memory {
 public:
   failing_memory(const subject &given, const trying &tries)
       : given_(given), guest_(*given.plugin), tries_(tries), clip_(clip_of(given)),
         shown_(clip_, guest_.table) {
      if (interposed::unavailable().empty())
         heap_.emplace(given.module);
      expected_ = evaluate(guest_, conduct_of(given), clip_);
      if (expected_.ok()) // what is made once for all is made by now
         evaluate(guest_, conduct_of(given), clip_);
   }
   const evaluation &expected() const { return expected_; }
   uint64_t failed(bool heap) const { return heap ? heap_failures_ : scratch_failures_; }

   // Lets the 1st, 2nd, 3rd... request fail until there are no more. "" or what went wrong.
   std::string fail_each(fault kind) {
      if (kind.heap && !heap_)
         return {};
      const time_allowance allowance(longest_loop);
      for (uint64_t request = 1; request <= most_requests && !allowance.spent(); ++request) {
         reached_ = false;
         if (std::string found = fail_one(kind, request); !found.empty())
            return found;
         if (!reached_)
            return {};
         ++(kind.heap ? heap_failures_ : scratch_failures_);
      }
      return {};
   }

 private:
   static test_clip clip_of(const subject &given) {
      const auto [width, height] = size_for(*given.plugin, 48, 32);
      return make_clip(width, height, 2, given.seed);
   }

   std::string fail_one(fault kind, uint64_t request) {
      const std::string what =
          fmt::format("when request {}{} for {} fails", request, kind.for_good ? " and every later one" : "",
                      kind.heap ? "the heap" : "scratch");
      tries_(what);
      const std::size_t before = blocks();
      if (const std::string found = run(kind, request); !found.empty())
         return fmt::format("{}{}: {}", what, which_request_, found);
      if (blocks() <= before)
         return {};
      // Once may be something that is kept for all time; twice is a leak.
      const std::size_t between = blocks();
      run(kind, request);
      if (blocks() <= between)
         return {};
      const std::size_t left = blocks() - between;
      return fmt::format(
          "{}{}: {} after destroy; free on the way out what was made on the way in", what, which_request_,
          left == 1 ? "a block of memory is left" : fmt::format("{} blocks of memory are left", left));
   }

   std::size_t blocks() const { return heap_ ? heap_->live().blocks : 0; }

   // The faulty run, and another on the same instance when memory is back.
   std::string run(fault kind, uint64_t request) {
      host_conduct conduct = conduct_of(given_);
      if (!kind.heap)
         (kind.for_good ? conduct.scratch_fails_from : conduct.scratch_fails_at) = request;
      test_host host(guest_, conduct);
      test_instance instance(host, shown_.facts());
      if (kind.heap)
         heap_->fail_at(request, kind.for_good);
      const bool created = instance.create() == GIFLAB_OK;
      evaluation faulty = instance.creation();
      if (created)
         evaluate_on(instance, host, clip_, shown_, faulty);
      memory_is_back(kind, request, host);
      if (const std::string found = judged(faulty); !found.empty() || !reached_)
         return found;
      evaluation next;
      if (created)
         evaluate_on(instance, host, clip_, shown_, next);
      else
         next = evaluate(host, clip_, shown_);
      const std::string changed = difference(guest_, expected_, next);
      return changed.empty() ? changed
                             : fmt::format("the {} clip afterwards is not as new: {}",
                                           created ? "same instance's next" : "next instance's", changed);
   }

   void memory_is_back(fault kind, uint64_t request, test_host &host) {
      host.relent();
      which_request_.clear();
      if (heap_)
         heap_->fail_never();
      if (!kind.heap) {
         reached_ = host.seen().scratch_requests >= request;
         return;
      }
      reached_ = !heap_->failed_request().empty();
      which_request_ = reached_ ? fmt::format(" ({})", heap_->failed_request()) : "";
   }

   std::string judged(const evaluation &faulty) const {
      if (faulty.status == GIFLAB_NO_MEMORY)
         return {};
      if (!faulty.ok())
         return fmt::format("{}; a lack of memory is GIFLAB_NO_MEMORY, which the host may retry",
                            said_by(faulty));
      const std::string differs = difference(guest_, expected_, faulty);
      return differs.empty()
                 ? differs
                 : fmt::format("it returns GIFLAB_OK with another result: {}; return GIFLAB_NO_MEMORY",
                               differs);
   }

   const subject &given_;
   const modules::plugin &guest_;
   const trying &tries_;
   const test_clip clip_;
   laid_out_clip shown_;
   std::optional<interposed> heap_;
   evaluation expected_;
   bool reached_ = false;
   std::string which_request_;
   uint64_t scratch_failures_ = 0, heap_failures_ = 0;
};

finding fail_all(const subject &given, const trying &tries) {
   failing_memory memory(given, tries);
   if (!memory.expected().ok())
      return skipped("nothing to compare with: " + said_by(memory.expected()));
   for (const fault kind : {fault{false, false}, fault{false, true}, fault{true, false}, fault{true, true}})
      if (const std::string found = memory.fail_each(kind); !found.empty())
         return failed_check(found);
   const std::string done =
       fmt::format("{} requests for scratch and {} for the heap failed, at most {} in {} ms of "
                   "each kind",
                   memory.failed(false), memory.failed(true), most_requests, longest_loop.count());
   if (!interposed::unavailable().empty())
      return skipped(fmt::format("{}; the heap was left alone: {}", done, interposed::unavailable()));
   if (memory.failed(false) + memory.failed(true) == 0)
      return skipped("it asks for no memory");
   return passed(done);
}

} // namespace

finding check_no_memory(const subject &given) {
   return survived([&given](const trying &tries) { return fail_all(given, tries); });
}

} // namespace giflab::validator
