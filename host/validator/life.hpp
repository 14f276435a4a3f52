#pragma once
// The life of one instance, call by call, with something done around each call.

#include "validator/evaluation.hpp"

#include <functional>

namespace giflab::validator {

// Runs `call`, which is an entry of the plugin or, for filters, plan and every apply. The name is a literal.
using around_call = std::function<void(const char *entry, const std::function<void()> &call)>;

// What an instance is shown, made once for many lives: the pictures and, for what works on files, the files,
// in the host's folder. `clip` must outlive it.
class life {
 public:
   // Throws std::runtime_error if the files cannot be written.
   life(const modules::plugin &guest, const test_clip &clip, const std::string &folder);

   // Create, the calls over the whole clip `rounds` times, destroy. The evaluation is that of the last round,
   // or the first that was not OK. An encoder's file stays at target().
   evaluation run(test_host &host, const around_call &around, int rounds = 1,
                  const std::map<std::string, giflab_value> &parameters = {});

   const laid_out_clip &shown() const { return shown_; }
   const std::string &source() const { return distorted_; }
   const std::string &target() const { return target_; }

 private:
   void run_round(test_instance &with, const around_call &around, evaluation &into);
   void run_metric(test_instance &with, const around_call &around, evaluation &into);

   const modules::plugin &guest_;
   laid_out_clip shown_;
   std::string reference_, distorted_, target_;
   giflab_comparison comparison_{};
};

// Does nothing but the call.
void just_call(const char *entry, const std::function<void()> &call);

} // namespace giflab::validator
