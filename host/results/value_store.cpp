#include "results/value_store.hpp"

#include "config/printable.hpp"
#include "results/transaction.hpp"
#include "services/log.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <chrono>
#include <filesystem>

namespace giflab::results {

namespace fs = std::filesystem;

namespace {

constexpr int64_t value_schema = 1;
constexpr int64_t application = 0x67666c62; // "gflb", which tells the file from other SQLite files
constexpr int64_t row_overhead = 100;       // bytes that an entry takes besides key and value, about
constexpr std::size_t most_uses_waiting = 500;
constexpr int64_t evicted_at_once = 64;

constexpr const char *value_tables = R"(
CREATE TABLE entries(key TEXT PRIMARY KEY, used INTEGER NOT NULL, bytes INTEGER NOT NULL, checksum INTEGER NOT NULL,
   value BLOB NOT NULL);
CREATE INDEX by_use ON entries(used);
CREATE TABLE totals(entries INTEGER NOT NULL, bytes INTEGER NOT NULL);
INSERT INTO totals VALUES(0, 0);
CREATE TRIGGER added AFTER INSERT ON entries BEGIN
   UPDATE totals SET entries = entries + 1, bytes = bytes + NEW.bytes; END;
CREATE TRIGGER dropped AFTER DELETE ON entries BEGIN
   UPDATE totals SET entries = entries - 1, bytes = bytes - OLD.bytes; END;
)";

int64_t now() {
   return std::chrono::duration_cast<std::chrono::microseconds>(
              std::chrono::system_clock::now().time_since_epoch())
       .count();
}

// Of key and value together, so that no value is taken for another's.
int64_t checksum_of(std::string_view key, std::string_view value) {
   return static_cast<int64_t>(
       XXH3_64bits_withSeed(value.data(), value.size(), XXH3_64bits(key.data(), key.size())));
}

result<int64_t> number_of(database &in, const std::string &query) {
   auto row = in.prepare(query);
   if (!row)
      return tl::unexpected(row.error());
   return row->step().map([&](bool) { return row->integer(0); });
}

void remove_files(const std::string &path) {
   std::error_code gone; // what cannot be removed shows when it is opened
   for (const char *ending : {"", "-wal", "-shm"})
      fs::remove(path + ending, gone);
}

result<void> set_up(database &in) {
   if (auto set = in.write_ahead().and_then([&] { return in.execute("PRAGMA synchronous=NORMAL"); }); !set)
      return set;
   transaction all(in);
   if (auto begun = all.begin(); !begun) // so that of two that find it empty one makes the tables
      return begun;
   auto version = number_of(in, "PRAGMA user_version");
   if (!version)
      return tl::unexpected(version.error());
   if (*version == value_schema)
      return all.commit();
   return in
       .execute(fmt::format("{} PRAGMA application_id={}; PRAGMA user_version={};", value_tables, application,
                            value_schema))
       .and_then([&] { return all.commit(); });
}

} // namespace

result<std::unique_ptr<value_store>> value_store::open(const std::string &folder, const store_limits &limits) {
   if (folder.empty())
      return failed(problem::usage,
                    "there is no folder for values, as neither GIFLAB_CACHE_DIR nor HOME is set");
   std::error_code trouble;
   fs::create_directories(folder, trouble);
   if (trouble)
      return failed(problem::input, fmt::format("no results can be kept in {}: {}; set GIFLAB_CACHE_DIR to a "
                                                "folder that can be written to",
                                                config::in_quotes(folder), trouble.message()));
   std::unique_ptr<value_store> made(new value_store((fs::path(folder) / file_name).string(), limits));
   if (auto connected = made->connect(); !connected) {
      if (!made->open_ || !made->open_->is_damaged())
         return tl::unexpected(connected.error());
      if (auto anew = made->connect_anew(connected.error().text); !anew)
         return tl::unexpected(anew.error());
   }
   return made;
}

value_store::~value_store() {
   std::lock_guard lock(mutex_);
   if (open_ && !used_.empty())
      (void)note_uses(); // only the order in which entries go depends on it
}

result<void> value_store::connect() {
   auto opened = database::open(path_, database::access::write);
   if (!opened)
      return tl::unexpected(opened.error());
   open_.emplace(std::move(*opened));
   return set_up(*open_);
}

// The file is damaged: all in it is given up.
result<void> value_store::connect_anew(const std::string &why) {
   services::log(services::log_level::warning,
                 fmt::format("the results kept in {} are damaged and dropped ({})", path_, why));
   dropped_all_ = true;
   open_.reset();
   remove_files(path_);
   auto connected = connect();
   if (!connected)
      open_.reset();
   return connected;
}

bool value_store::is_sound() {
   auto check = open_->prepare("PRAGMA quick_check(1)");
   if (!check)
      return false;
   const auto row = check->step();
   return row && *row && check->text(0) == "ok";
}

// After any error: a damaged file is replaced, else nothing is kept from now on.
void value_store::mend(const error &trouble) {
   if (open_->is_damaged() && connect_anew(trouble.text))
      return;
   services::log(services::log_level::warning, fmt::format("no results are kept: {}", trouble.text));
   open_.reset();
}

result<std::optional<std::string>> value_store::look_up(const std::string &key) {
   auto row = open_->prepare("SELECT value, checksum FROM entries WHERE key = ?");
   if (!row)
      return tl::unexpected(row.error());
   auto found = row->bind(1, key).step();
   if (!found)
      return tl::unexpected(found.error());
   if (!*found)
      return std::nullopt;
   std::string value = row->blob(0);
   if (checksum_of(key, value) == row->integer(1))
      return value;
   services::log(services::log_level::warning,
                 fmt::format("a result kept in {} is damaged and dropped", path_));
   auto drop = open_->prepare("DELETE FROM entries WHERE key = ?");
   if (!drop)
      return tl::unexpected(drop.error());
   (void)row->step(); // the reader's end, before the writer begins
   return drop->bind(1, key).run().map([] { return std::optional<std::string>(); });
}

std::optional<std::string> value_store::find(const std::string &key) {
   std::lock_guard lock(mutex_);
   if (!open_)
      return std::nullopt;
   auto found = look_up(key);
   if (!found) {
      mend(found.error());
      return std::nullopt;
   }
   if (*found)
      used_[key] = now();
   if (used_.size() >= most_uses_waiting)
      if (auto noted = note_uses(); !noted)
         mend(noted.error());
   return *found;
}

result<void> value_store::note_uses() {
   auto update = open_->prepare("UPDATE entries SET used = ? WHERE key = ?");
   if (!update)
      return tl::unexpected(update.error());
   transaction all(*open_);
   auto done = all.begin();
   for (auto one = used_.begin(); done && one != used_.end(); ++one)
      done = update->bind(1, one->second).bind(2, one->first).run();
   used_.clear();
   return done ? all.commit() : done;
}

result<void> value_store::evict() {
   for (;;) {
      auto totals = open_->prepare("SELECT entries, bytes FROM totals");
      if (!totals)
         return tl::unexpected(totals.error());
      if (auto row = totals->step(); !row)
         return tl::unexpected(row.error());
      const int64_t entries = totals->integer(0), bytes = totals->integer(1);
      if (entries == 0 || (entries <= limits_.entries && bytes <= limits_.bytes))
         return {};
      (void)totals->step(); // its end
      const int64_t surplus = entries > limits_.entries ? entries - limits_.entries : 1;
      auto done = open_->execute(
          fmt::format("DELETE FROM entries WHERE key IN (SELECT key FROM entries ORDER BY used LIMIT {})",
                      bytes > limits_.bytes ? std::min(evicted_at_once, (entries + 15) / 16) : surplus));
      if (!done)
         return done;
   }
}

result<void> value_store::write(const std::vector<entry> &entries) {
   auto drop = open_->prepare("DELETE FROM entries WHERE key = ?"); // REPLACE would pass the trigger by
   auto add = open_->prepare("INSERT INTO entries VALUES(?, ?, ?, ?, ?)");
   for (const auto *made : {&drop, &add})
      if (!*made)
         return tl::unexpected(made->error());
   transaction all(*open_);
   auto done = all.begin();
   for (auto one = entries.begin(); done && one != entries.end(); ++one) {
      const auto &[key, value] = *one;
      done = drop->bind(1, key).run();
      if (!done)
         break;
      add->bind(1, key).bind(2, now()).bind(3, static_cast<int64_t>(key.size() + value.size()) + row_overhead);
      done = add->bind(4, checksum_of(key, value)).bind_blob(5, value).run();
   }
   if (done)
      done = evict();
   return done ? all.commit() : done;
}

void value_store::keep(const std::vector<entry> &entries) {
   std::lock_guard lock(mutex_);
   if (!open_)
      return;
   if (auto written = write(entries); !written)
      mend(written.error());
}

result<store_status> value_store::status() {
   std::lock_guard lock(mutex_);
   if (!open_)
      return failed(problem::input, fmt::format("{} cannot be used", config::in_quotes(path_)));
   auto totals = open_->prepare("SELECT entries, bytes FROM totals");
   if (!totals)
      return tl::unexpected(totals.error());
   if (auto row = totals->step(); !row)
      return tl::unexpected(row.error());
   store_status made{path_, totals->integer(0), totals->integer(1), 0, limits_};
   std::error_code gone; // counts as empty
   for (const char *ending : {"", "-wal"})
      if (const auto size = fs::file_size(path_ + ending, gone); !gone)
         made.file_bytes += static_cast<int64_t>(size);
   return made;
}

result<void> value_store::clear() {
   std::lock_guard lock(mutex_);
   if (!open_)
      return failed(problem::input, fmt::format("{} cannot be used", config::in_quotes(path_)));
   used_.clear();
   return open_->execute("DELETE FROM entries; VACUUM; PRAGMA wal_checkpoint(TRUNCATE);");
}

result<std::vector<std::string>> value_store::verify() {
   std::lock_guard lock(mutex_);
   std::vector<std::string> wrong;
   if (!open_)
      return failed(problem::input, fmt::format("{} cannot be used", config::in_quotes(path_)));
   if (!is_sound()) {
      if (auto connected = connect_anew("giflab cache verify"); !connected)
         return tl::unexpected(connected.error());
   }
   if (dropped_all_) // now, or when it was opened
      wrong.push_back(fmt::format("{} is damaged: all that it held is dropped", config::in_quotes(path_)));
   std::vector<std::string> keys;
   {
      auto rows = open_->prepare("SELECT key FROM entries");
      if (!rows)
         return tl::unexpected(rows.error());
      for (auto row = rows->step();; row = rows->step()) {
         if (!row)
            return tl::unexpected(row.error());
         if (!*row)
            break;
         keys.push_back(rows->text(0));
      }
   }
   for (const std::string &key : keys) {
      auto found = look_up(key);
      if (!found)
         return tl::unexpected(found.error());
      if (!*found)
         wrong.push_back(fmt::format("the value of {} is damaged: it is dropped", key));
   }
   return wrong;
}

} // namespace giflab::results
