#pragma once
// Values that were worked out before, by key, in a file that outlives the program.

#include "error.hpp"
#include "results/database.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace giflab::results {

// What it may hold. What was not asked for longest goes first.
struct store_limits {
   int64_t bytes = int64_t{256} << 20;
   int64_t entries = 200'000;
};

struct store_status {
   std::string path;
   int64_t entries = 0, bytes = 0, file_bytes = 0;
   store_limits limits;
};

// A SQLite file in a folder, of several processes at once. Every value carries a checksum; whatever of the file
// is damaged is dropped with a warning, a value or all of them, and never given out. A process that is killed
// costs what it was writing. Once something else is wrong (a full disk, a folder that cannot be written to)
// that is told once, and from then on nothing is found or kept. All functions: any thread.
class value_store {
 public:
   // Makes folder and file where they are not there. An error says why there can be none.
   static result<std::unique_ptr<value_store>> open(const std::string &folder, const store_limits &limits);
   ~value_store(); // writes down what was asked for
   value_store(const value_store &) = delete;
   value_store &operator=(const value_store &) = delete;

   std::optional<std::string> find(const std::string &key);

   // All or none. What is there under a key already is replaced.
   using entry = std::pair<std::string, std::string>; // key and value
   void keep(const std::vector<entry> &entries);

   result<store_status> status();
   result<void> clear();

   // Reads everything; gives what was wrong, one sentence each, after dropping it.
   result<std::vector<std::string>> verify();

   // The name of the file in its folder; that of another schema has another.
   static constexpr const char *file_name = "results-1.sqlite";

 private:
   value_store(std::string path, const store_limits &limits) : path_(std::move(path)), limits_(limits) {}
   result<void> connect();
   result<void> connect_anew(const std::string &why);
   result<std::optional<std::string>> look_up(const std::string &key);
   result<void> write(const std::vector<entry> &entries);
   result<void> note_uses();
   result<void> evict();
   bool is_sound();
   void mend(const error &trouble);

   const std::string path_;
   const store_limits limits_;
   std::mutex mutex_; // guards all below
   std::optional<database> open_;
   bool dropped_all_ = false;            // as the file was damaged
   std::map<std::string, int64_t> used_; // not yet written down: when each was asked for
};

} // namespace giflab::results
