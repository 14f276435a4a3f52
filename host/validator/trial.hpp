#pragma once
// What the checks of a plugin's behaviour have in common: the host they run it under, how they tell what a run
// said, and how long they go on.

#include "validator/check.hpp"
#include "validator/evaluation.hpp"

#include <chrono>
#include <string>

namespace giflab::validator {

// A host for this subject that fails nothing.
host_conduct conduct_of(const subject &given);

// "33x9"
std::string size_text(int32_t width, int32_t height);

// What a run that was not OK said: "create gave GIFLAB_NO_MEMORY ("no room")".
std::string said_by(const evaluation &outcome);

// False for metrics of files and for what declares no .inputs: how pixels lie in memory is nothing to them.
bool sees_pixels(const modules::plugin &guest);

// Whether it lists this service as one that it cannot work without: no host loads it without.
bool needs(const modules::plugin &guest, const std::string &service);

// Why one of its models cannot be had here; "" if all can be, or if it declares none.
std::string missing_model(const subject &given);

// Time that a check may still spend on more of the same, so that slow plugins get fewer cases and no less care.
class time_allowance {
 public:
   explicit time_allowance(std::chrono::milliseconds all) : end_(std::chrono::steady_clock::now() + all) {}
   bool spent() const { return std::chrono::steady_clock::now() >= end_; }

 private:
   std::chrono::steady_clock::time_point end_;
};

// Runs of one clip that must all give what the first gave; the first run that does not decides.
class comparison_of_runs {
 public:
   comparison_of_runs(const modules::plugin &guest, evaluation first);

   // `how` completes "results differ ...": "with rows 64 bytes further apart". False once there is a finding.
   bool add(const evaluation &again, const std::string &how);

   bool comparable() const { return first_.ok(); }
   const evaluation &first() const { return first_; }

   // Skipped if the first run gave nothing to compare with; else failed with what was found and `advice`, or
   // passed.
   finding result(const std::string &advice) const;

 private:
   const modules::plugin &guest_;
   evaluation first_;
   std::string found_;
};

} // namespace giflab::validator
