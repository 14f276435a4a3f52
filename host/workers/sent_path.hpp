#pragma once
// Paths for processes that may stand elsewhere: a plugin may change the folder that its worker stands in.

#include <string>

namespace giflab::workers {

// A path as a person gave it, and the same from the root, for workers.
class sent_path {
 public:
   explicit sent_path(std::string given);

   const std::string &given() const { return given_; }
   const std::string &from_root() const { return from_root_; }

   // Puts the name that was given wherever a worker's words have the other.
   void restore_in(std::string &text) const;

 private:
   std::string given_, from_root_;
};

} // namespace giflab::workers
