#pragma once
// One plugin in one comparison: its instances, its calls, and what came of them.

#include "engine/batch.hpp"
#include "engine/machine.hpp"
#include "engine/score_table.hpp"
#include "engine/selection.hpp"
#include "modules/call.hpp"
#include "results/comparison.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace giflab::engine {

// What every call of a comparison has in common.
struct run_conditions {
   machine *on = nullptr;
   giflab_clip clip{};
   int level = 2;
   std::size_t batch_size = 8, device_batch_size = 32;
   media::colour background;
   uint64_t seed = 0;             // of metrics that are seeded
   std::size_t memory_beside = 0; // bytes that pictures take while a call runs
};

// A value of that column as far as it is known before anything is measured, on the processor.
results::metric_value unmeasured(const planned_metric &metric, const planned_metric::column &column);

// measure() of FRAME scope may be called by any threads at once; of CLIP scope in the order of the pairs, one
// at a time. finish() comes after all of them.
class metric_run {
 public:
   // `device_failure`: why it was given up on the device before, empty if it was not. `known`: what it measured
   // in the same files before; then it measures nothing. Null if it has to.
   metric_run(const planned_metric &metric, const run_conditions &conditions, std::string device_failure = {},
              const measured_scores *known = nullptr);
   ~metric_run();
   metric_run(const metric_run &) = delete;
   metric_run &operator=(const metric_run &) = delete;

   const giflab_plugin &table() const { return metric_.plugin->table; }
   const planned_metric &metric() const { return metric_; }

   // Could it take its pictures on a device?
   bool suits_device() const;

   // Where its pictures are: GIFLAB_MEMORY_*. Said once, before the first measure; CUDA only if that suits.
   // `loss`: why the device is not used any more, if it once was.
   void settle(uint32_t memory, std::string loss);
   uint32_t memory() const { return memory_; }

   // Not empty once the device failed it: it has ended, and is to be measured again, as a new run in host
   // memory.
   std::string device_failure() const;

   // What it measured, in host memory and without any failure; else nothing.
   std::optional<measured_scores> measured() const;

   // Bytes that one call takes, as the plugin declares.
   std::size_t call_bytes() const;

   // The forms of pictures that it wants; 0 if it takes none, or has ended: it cannot run on these pictures
   // or this machine, or went wrong for good. values() say why.
   uint32_t inputs() const;
   // The same for pictures in host memory that have INDEX8.
   uint32_t inputs_of_indexed() const;

   // Measures the pairs of a batch behind its history, but for those that it scores like an earlier one.
   void measure(const batch &given);

   // Ends: fills in what is scored alike; ends a clip (CLIP scope) or inspects the files (FILE scope).
   void finish(const giflab_comparison &files);

   // One value a column. `times` has one entry a pair.
   std::vector<results::metric_value> values(std::span<const pair_time> times) const;

   // The value of a column for a pair; NaN if there is none.
   double value_of(std::size_t column, int64_t pair) const;

 private:
   struct instance;
   using instance_pointer = std::shared_ptr<instance>;
   struct end {
      results::status status;
      std::string reason;
   };
   using entry = std::function<giflab_status(const giflab_call *call, void *object)>;

   uint32_t run_length() const;
   uint64_t seed_of(const batch_pair &pair) const;
   shown_forms forms_of(const batch_side &side) const;
   image_list show(const batch &given, std::span<const std::size_t> positions) const;

   bool scores_by_content() const;
   std::vector<std::size_t> to_measure(const batch &given);
   void measure_some(const batch &given, std::span<const std::size_t> positions, instance &with);
   result<machine::borrowed_lane> borrow_lane() const;
   result<machine::borrowed_lane> borrow_lane_for(const batch &given) const;
   giflab_status enter(modules::call_context &call, instance &with, const entry &run) const;
   bool failed_on_device(giflab_status status, const std::string &text);
   void give_up_device(const std::string &why);
   std::string breach_of_scores(const modules::call_context &call, uint32_t pairs, uint32_t level) const;
   void keep_scores(const batch &given, std::span<const std::size_t> positions,
                    const modules::call_context &call);
   void call_for_clip(const char *name, const entry &run, bool scores);
   modules::borrowed_services services_with(const machine::borrowed_arena &arena,
                                            const machine::borrowed_lane &lane) const;

   void check_memory();
   bool shares_instance() const;
   instance_pointer borrow_instance();
   instance_pointer make_instance();
   std::unique_lock<std::mutex> lock_module() const;
   void return_instance(instance_pointer used);
   void note_seconds(double seconds);
   void note_problem(int64_t pair, giflab_status status, const std::string &text);
   void end_with(results::status status, std::string reason);
   bool has_ended() const;

   results::metric_value described(const planned_metric::column &column) const;

   const planned_metric &metric_;
   run_conditions conditions_;
   std::string earlier_device_failure_;
   const std::string blob_space_;
   const std::vector<uint8_t> wanted_; // by output
   const bool restored_;               // it has its scores from before
   uint32_t memory_ = GIFLAB_MEMORY_HOST;
   score_table scores_;

   mutable std::mutex mutex_; // guards all below
   std::vector<instance_pointer> idle_;
   std::optional<end> end_;
   std::string device_failure_;
   double seconds_ = 0; // of the processor, in measure()
   bool begun_ = false;
};

} // namespace giflab::engine
