#pragma once
// One comparison, shared out among workers and put together again.

#include "workers/sent_path.hpp"
#include "workers/supervisor.hpp"

#include <deque>

namespace giflab::workers {

class comparison_job {
 public:
   comparison_job(supervisor &owner, const std::string &reference, const std::string &distorted,
                  const std::vector<engine::planned_metric> &plan, const engine::comparison_options &options,
                  const engine::progress_listener &progress);

   result<results::comparison> run();

 private:
   // What one worker measures at a time: metrics by their number in the plan.
   struct share {
      std::string worker; // as places::place
      bool trusted = true, alone = false;
      std::vector<std::size_t> metrics;
      bool again = false; // its worker died before, in no plugin
   };
   struct part {
      std::vector<std::size_t> metrics;
      results::comparison found;
   };

   void share_out();
   result<void> measure(share &&next);
   bool is_whole(const results::comparison &found, const std::vector<std::size_t> &metrics) const;
   result<void> cope_with(share &&lost, const death &dead);
   result<void> cope_with(share &&lost, error wrong);
   result<void> lose(share &&lost, const error &wrong);
   void fail(const share &lost, const death &dead);
   std::string message_for(const share &sharing) const;
   results::comparison put_together();
   void name_as_given(results::comparison &found) const;
   void add_failed(results::comparison &whole, std::size_t metric) const;

   supervisor &owner_;
   const sent_path reference_, distorted_;
   const std::vector<engine::planned_metric> &plan_;
   const engine::comparison_options &options_;
   const engine::progress_listener &progress_;
   std::deque<share> waiting_;
   std::vector<part> parts_;
   std::vector<std::string> failures_; // by number in the plan; empty where there is none
};

} // namespace giflab::workers
