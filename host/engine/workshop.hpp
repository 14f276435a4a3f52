#pragma once
// Where plugins are called: in this process, or in others that a crash ends in place of it.

#include "engine/compare.hpp"
#include "engine/process.hpp"

#include <set>

namespace giflab::engine {

// All functions: any thread, any number at a time, but for probe(). [main]
class workshop {
 public:
   virtual ~workshop() = default;

   // As engine::probe, compare and process do, and with the same results to the bit. A crash of a plugin is an
   // absent value, or an error, in workshops that outlive it.
   virtual readiness probe(const modules::plugin &chosen) = 0;
   virtual result<results::comparison> compare(const std::string &reference, const std::string &distorted,
                                               const std::vector<planned_metric> &plan,
                                               const comparison_options &options,
                                               const progress_listener &progress) = 0;
   virtual result<processing_report> process(const std::string &source, const std::string &target,
                                             const std::vector<pipeline_stage> &stages,
                                             const processing_options &options,
                                             const processing_listener &progress) = 0;

   // The wish to stop that its work heeds.
   virtual const services::cancellation &cancelled() const = 0;

   // Where temporary files of calls lay so far.
   virtual std::set<std::string> private_folders() const = 0;
};

// In this process, where a crash ends it.
class local_workshop final : public workshop {
 public:
   explicit local_workshop(machine &on) : on_(&on) {} // which outlives it

   readiness probe(const modules::plugin &chosen) override { return engine::probe(chosen, on_); }
   result<results::comparison> compare(const std::string &reference, const std::string &distorted,
                                       const std::vector<planned_metric> &plan,
                                       const comparison_options &options,
                                       const progress_listener &progress) override {
      return engine::compare(reference, distorted, plan, options, *on_, progress);
   }
   result<processing_report> process(const std::string &source, const std::string &target,
                                     const std::vector<pipeline_stage> &stages,
                                     const processing_options &options,
                                     const processing_listener &progress) override {
      return engine::process(source, target, stages, options, *on_, progress);
   }
   const services::cancellation &cancelled() const override { return on_->cancelled(); }
   std::set<std::string> private_folders() const override {
      const std::string folder = on_->private_folder().string();
      return folder.empty() ? std::set<std::string>() : std::set{folder};
   }

 private:
   machine *on_;
};

} // namespace giflab::engine
