#include "engine/placement.hpp"

#include "engine/crossover.hpp"
#include "services/log.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace giflab::engine {

placement::placement(std::span<const std::unique_ptr<metric_run>> metrics, const comparison_options &options,
                     machine &on)
    : metrics_(metrics), options_(options), on_(on) {
   const bool may_use_device = on.device() && options.device != device_use::never && options.level >= 2;
   for (const auto &metric : metrics_)
      if (may_use_device && metric->suits_device())
         device_costs_.push_back(metric->table().cost);
   undecided_ = !device_costs_.empty() && !must_use_device();
   if (!undecided_)
      settle(must_use_device() && on.device()->absence().empty() ? GIFLAB_MEMORY_CUDA : GIFLAB_MEMORY_HOST);
}

// It was asked for, or some metric has nowhere else to go.
bool placement::must_use_device() const {
   return !device_costs_.empty() &&
          (options_.device == device_use::always || std::ranges::any_of(metrics_, [](const auto &metric) {
              return metric->suits_device() && !(metric->table().memory & GIFLAB_BIT(GIFLAB_MEMORY_HOST));
           }));
}

bool placement::is_worth_a_device(const amount_of_work &work) const {
   const device_job job{work.pixels, work.pairs, device_costs_, on_.threads().threads()};
   services::log(
       services::log_level::debug,
       fmt::format("device: some {:.0f} pairs of {} pixels, which the processor takes some {:.3f} s for",
                   job.pairs, job.pixels, host_seconds(job)));
   if (engine::is_worth_a_device(job, on_.spent_beside_device(), on_.device()->begun()) &&
       on_.device()->absence().empty())
      return true;
   on_.spend_beside_device(host_seconds(job));
   return false;
}

void placement::decide(const amount_of_work &work) {
   settle(is_worth_a_device(work) ? GIFLAB_MEMORY_CUDA : GIFLAB_MEMORY_HOST);
}

// The metrics that may have their pictures on a device have them there; the others have them in host memory.
void placement::settle(uint32_t memory) {
   undecided_ = false;
   // A device that was in use and is not any more is told of with every value that it would have given.
   const bool used_before = !device_costs_.empty() && on_.device()->begun();
   const std::string loss = used_before ? on_.device()->absence() : std::string();
   for (const auto &metric : metrics_) {
      const bool there = memory == GIFLAB_MEMORY_CUDA && metric->suits_device();
      metric->settle(there ? GIFLAB_MEMORY_CUDA : GIFLAB_MEMORY_HOST, metric->suits_device() ? loss : "");
      (there ? device_inputs_ : host_inputs_) |= metric->inputs();
      if (!there)
         indexed_host_inputs_ |= metric->inputs_of_indexed();
   }
   if (device_inputs_ != 0)
      on_.device()->begin();
}

} // namespace giflab::engine
