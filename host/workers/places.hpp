#pragma once
// Where each plugin runs: with all others, in a worker of its module's own, or nowhere any more.

#include "modules/plugin.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace giflab::workers {

// Any thread.
class places {
 public:
   // Modules in `own_folder` come with the program, whose build checks them, and count as checked.
   explicit places(std::string own_folder);

   struct place {
      std::string worker;   // the path of the module whose worker it has; empty: with others
      bool trusted = true;  // else its module takes one call at a time (rule B6)
      bool alone = false;   // no other metric beside it, and one pair a call: it crashed before
      std::string excluded; // why it does not run any more; empty if it does
   };
   place of(const modules::plugin &asked);

   // Does the file come with the program?
   bool is_own(const std::string &path) const;

   // After so many crashes of a plugin in a run it is moved to a worker of its own,
   static constexpr int crashes_in_company = 2;
   // and after so many more it is put in quarantine.
   static constexpr int crashes_alone = 3;

   // Notes a crash. True if that puts the plugin in quarantine.
   bool crashed(const modules::plugin &guilty, const std::string &reason);

 private:
   struct record {
      bool trusted = false; // its module
      int crashes = 0;      // in this run
      std::string excluded;
   };
   record &record_of(const modules::plugin &asked); // with mutex_ held
   bool is_trusted(const std::string &path);

   std::string own_folder_, own_resolved_;
   std::mutex mutex_;
   std::map<std::string, bool> trusted_;                           // modules, by path
   std::map<std::pair<std::string, std::string>, record> plugins_; // by path and id
};

} // namespace giflab::workers
