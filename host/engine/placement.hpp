#pragma once
// Where the metrics of one comparison have their pictures: in host memory or on the device.

#include "engine/compare.hpp"
#include "engine/metric_run.hpp"

#include <memory>
#include <span>
#include <vector>

namespace giflab::engine {

// What a comparison amounts to, as far as its first batch tells.
struct amount_of_work {
   int64_t pixels = 0; // of one picture
   double pairs = 0;
};

// Called by the thread that feeds the metrics.
class placement {
 public:
   // Decides at once where that does not depend on how much there is to do. Metrics, options and machine
   // outlive it.
   placement(std::span<const std::unique_ptr<metric_run>> metrics, const comparison_options &options,
             machine &on);

   // True until decide() was called, if it needs to be: pictures may yet be wanted on the device.
   bool undecided() const { return undecided_; }
   void decide(const amount_of_work &work);

   // The forms that metrics take, in host memory and on the device; 0 while undecided.
   uint32_t host_inputs() const { return host_inputs_; }
   uint32_t device_inputs() const { return device_inputs_; }
   // In host memory, of pictures that have INDEX8.
   uint32_t indexed_host_inputs() const { return indexed_host_inputs_; }

 private:
   bool must_use_device() const;
   bool is_worth_a_device(const amount_of_work &work) const;
   void settle(uint32_t memory);

   std::span<const std::unique_ptr<metric_run>> metrics_;
   const comparison_options &options_;
   machine &on_;
   std::vector<uint32_t> device_costs_; // of the metrics that could be on the device
   bool undecided_ = false;
   uint32_t host_inputs_ = 0, indexed_host_inputs_ = 0, device_inputs_ = 0;
};

} // namespace giflab::engine
