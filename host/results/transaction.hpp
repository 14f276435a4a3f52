#pragma once
// Several statements that count together or not at all.

#include "results/database.hpp"

namespace giflab::results {

// Undone unless it was committed.
class transaction {
 public:
   explicit transaction(database &in) : in_(&in) {}
   ~transaction() {
      if (in_)
         in_->roll_back();
   }
   transaction(const transaction &) = delete;
   transaction &operator=(const transaction &) = delete;

   result<void> begin() { return in_->execute("BEGIN IMMEDIATE"); }
   result<void> commit() {
      auto done = in_->execute("COMMIT");
      if (done)
         in_ = nullptr;
      return done;
   }

 private:
   database *in_;
};

} // namespace giflab::results
