#include "results/database.hpp"

#include "config/printable.hpp"

#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <sqlite3.h>

namespace giflab::results {

namespace {

constexpr int busy_milliseconds = 10'000; // while somebody else reads

// Of a file that nobody changes.
std::string immutable_uri(const std::string &path) {
   std::error_code none;
   std::string uri = "file://";
   for (const char c : std::filesystem::absolute(path, none).string())
      uri += c == '%' || c == '?' || c == '#' ? fmt::format("%{:02X}", static_cast<int>(c)) : std::string(1, c);
   return uri + "?immutable=1";
}

} // namespace

void statement::release::operator()(sqlite3_stmt *statement) const { sqlite3_finalize(statement); }

void database::release::operator()(sqlite3 *open) const { sqlite3_close_v2(open); }

statement &statement::bind(int parameter, std::string_view text) {
   sqlite3_bind_text(made_.get(), parameter, text.data() ? text.data() : "", static_cast<int>(text.size()),
                     SQLITE_TRANSIENT);
   return *this;
}

statement &statement::bind(int parameter, int64_t number) {
   sqlite3_bind_int64(made_.get(), parameter, number);
   return *this;
}

statement &statement::bind(int parameter, double number) {
   if (std::isnan(number))
      return bind_null(parameter);
   sqlite3_bind_double(made_.get(), parameter, number);
   return *this;
}

statement &statement::bind_null(int parameter) {
   sqlite3_bind_null(made_.get(), parameter);
   return *this;
}

statement &statement::bind_blob(int parameter, std::string_view bytes) {
   sqlite3_bind_blob64(made_.get(), parameter, bytes.data() ? bytes.data() : "", bytes.size(),
                       SQLITE_TRANSIENT);
   return *this;
}

result<bool> statement::step() {
   const int state = sqlite3_step(made_.get());
   if (state == SQLITE_ROW)
      return true;
   const auto wrong = owner_->refused(); // before the reset changes it
   sqlite3_reset(made_.get());
   if (state == SQLITE_DONE)
      return false;
   return wrong;
}

result<void> statement::run() {
   return step().map([](bool) {});
}

std::string statement::text(int column) const {
   const auto *bytes = reinterpret_cast<const char *>(sqlite3_column_text(made_.get(), column));
   return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(made_.get(), column)))
                : std::string();
}

std::string statement::blob(int column) const {
   const auto *bytes = static_cast<const char *>(sqlite3_column_blob(made_.get(), column));
   return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(made_.get(), column)))
                : std::string();
}

int64_t statement::integer(int column) const { return sqlite3_column_int64(made_.get(), column); }

bool statement::is_null(int column) const { return sqlite3_column_type(made_.get(), column) == SQLITE_NULL; }

double statement::number(int column) const {
   return is_null(column) ? std::nan("") : sqlite3_column_double(made_.get(), column);
}

result<database> database::open(const std::string &path, access wanted) {
   sqlite3 *opened = nullptr;
   const int flags = wanted == access::read ? SQLITE_OPEN_READWRITE // a journal in WAL mode may need recovery
                                            : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
   const int state = sqlite3_open_v2(path.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX, nullptr);
   database made(path, opened);
   if (state != SQLITE_OK)
      return made.refused();
   sqlite3_busy_timeout(opened, busy_milliseconds);
   return wanted == access::read ? made.readable() : std::move(made);
}

// A database in WAL mode wants files beside it, also of who only reads. In a folder that takes none it is read
// as it lies; but not past a log, which has what was written last.
result<database> database::readable() {
   const auto looked = execute("PRAGMA user_version");
   const int code = sqlite3_errcode(open_.get());
   if (looked || (code != SQLITE_CANTOPEN && code != SQLITE_READONLY))
      return std::move(*this);
   std::error_code none;
   if (std::filesystem::exists(path_ + "-wal", none))
      return failed(
          problem::input,
          fmt::format("{} was left in the middle of its work, in a folder that cannot be written: copy the "
                      "folder to where you may write",
                      config::in_quotes(path_)));
   sqlite3 *opened = nullptr;
   const int state = sqlite3_open_v2(immutable_uri(path_).c_str(), &opened,
                                     SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
   database made(path_, opened);
   return state == SQLITE_OK ? result<database>(std::move(made)) : made.refused();
}

result<void> database::execute(const std::string &statements) {
   if (sqlite3_exec(open_.get(), statements.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      return refused();
   return {};
}

// Of several who make a file at once, SQLite turns all but one away from this without waiting.
result<void> database::write_ahead() {
   constexpr int pause_milliseconds = 5;
   for (int waited = 0;; waited += pause_milliseconds) {
      auto changed = execute("PRAGMA journal_mode=WAL");
      if (changed || sqlite3_errcode(open_.get()) != SQLITE_BUSY || waited >= busy_milliseconds)
         return changed;
      sqlite3_sleep(pause_milliseconds);
   }
}

void database::roll_back() {
   if (open_ && !sqlite3_get_autocommit(open_.get()))
      sqlite3_exec(open_.get(), "ROLLBACK", nullptr, nullptr, nullptr); // what failed before has been told of
}

result<statement> database::prepare(std::string_view text) {
   sqlite3_stmt *made = nullptr;
   if (sqlite3_prepare_v2(open_.get(), text.data(), static_cast<int>(text.size()), &made, nullptr) != SQLITE_OK)
      return refused();
   return statement(made, this);
}

tl::unexpected<error> database::refused() const {
   const int code = open_ ? sqlite3_errcode(open_.get()) : SQLITE_NOMEM;
   damaged_ = true;
   for (const int other :
        {SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL, SQLITE_IOERR, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM,
         SQLITE_AUTH, SQLITE_NOMEM, SQLITE_INTERRUPT, SQLITE_TOOBIG, SQLITE_PROTOCOL})
      damaged_ = damaged_ && code != other;
   return failed(problem::input, fmt::format("{}: {}", config::in_quotes(path_),
                                             open_ ? sqlite3_errmsg(open_.get()) : "out of memory"));
}

} // namespace giflab::results
