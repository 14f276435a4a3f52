#pragma once
// The folder of a run: whose it is, and whether what is in it can be gone on with.

#include "results/journal.hpp"
#include "services/descriptor.hpp"

#include <optional>
#include <string>
#include <vector>

namespace giflab::experiments {

// What is asked for.
struct folder_wish {
   std::string output;  // a folder; empty: numbered ones in `runs`
   std::string name;    // of the run, behind the number
   bool resume = false; // there must be a run to go on with
};

// One line for each fact in which two runs differ: "setting background: was #ffffff, is #000000".
std::vector<std::string> differences(const results::run_facts &was, const results::run_facts &is);

// The newest of the numbered folders of that name; empty if there is none.
std::string newest_numbered(const std::string &name);

// A folder that nobody else works in for as long as this lives.
class run_folder {
 public:
   // Goes on with the run that the folder holds if it has the same facts, or begins one. What failed is tried
   // again: who repeats a run has freed memory or made room, and the journal cannot know. Of numbered folders
   // (runs/001-NAME, with runs/latest as a link to the newest), the newest of that name is gone on with if it
   // has the same facts and is not done, or if `resume` says so; else the next number is taken. Where it
   // refuses, `differences` tells why.
   static result<run_folder> open(const folder_wish &wish, const results::run_facts &facts,
                                  const std::vector<results::experiment_source> &sources,
                                  const std::vector<results::experiment_pipeline> &pipelines,
                                  std::vector<std::string> &differences);

   // What open() would refuse of a run that is there or should be, without making anything.
   static result<void> check(const folder_wish &wish, const results::run_facts &facts,
                             std::vector<std::string> &differing);

   const std::string &path() const { return path_; }
   std::string files() const { return path_ + "/files"; }
   results::journal &journal() { return *journal_; }

   // Numbers of source and pipeline of the cells that were done before, and did not fail.
   const std::set<std::pair<int64_t, int64_t>> &done() const { return done_; }

 private:
   run_folder(std::string path, services::descriptor lock) : path_(std::move(path)), lock_(std::move(lock)) {}

   // Nothing where another works in it.
   static result<std::optional<run_folder>> lock(const std::string &path);
   static result<run_folder> named(const std::string &path);
   static result<run_folder> numbered(const std::string &name, const results::run_facts &facts,
                                      std::size_t cells);
   static result<run_folder> next_numbered(const std::string &name);
   result<results::run_facts> load();
   void sweep() const;

   std::string path_;
   services::descriptor lock_;
   std::optional<results::journal> journal_;
   std::set<std::pair<int64_t, int64_t>> done_;
};

// An error where the folder cannot take any more bytes: what failed because of that says nothing of a pipeline.
result<void> check_room(const std::string &folder);

} // namespace giflab::experiments
