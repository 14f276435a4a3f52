#pragma once
// SQLite, with errors as values.

#include "error.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace giflab::results {

class database;

// Used by one thread at a time, and not after its database is gone.
class statement {
 public:
   // Parameters count from 1. NaN becomes NULL.
   statement &bind(int parameter, std::string_view text);
   statement &bind(int parameter, int64_t number);
   statement &bind(int parameter, double number);
   statement &bind_null(int parameter);
   statement &bind_blob(int parameter, std::string_view bytes);

   // True if there is a row. After the last, and after an error, it can be bound anew.
   result<bool> step();
   // For a statement without rows.
   result<void> run();

   // Columns count from 0.
   std::string text(int column) const;
   std::string blob(int column) const;
   int64_t integer(int column) const;
   double number(int column) const; // NaN for NULL
   bool is_null(int column) const;

 private:
   friend class database;
   struct release {
      void operator()(sqlite3_stmt *statement) const;
   };
   statement(sqlite3_stmt *made, const database *owner) : made_(made), owner_(owner) {}

   std::unique_ptr<sqlite3_stmt, release> made_;
   const database *owner_;
};

class database {
 public:
   enum class access { read, write }; // write: made if it is not there

   // What is only read may lie where nothing can be written.
   static result<database> open(const std::string &path, access wanted);
   database(database &&) = default;
   database &operator=(database &&) = default;

   result<void> execute(const std::string &statements);
   result<statement> prepare(std::string_view text);

   // From now on, and for all who open the file, readers do not wait for a writer.
   result<void> write_ahead();

   // Undoes the transaction that is under way, if one is: errors often end it by themselves.
   void roll_back();

   // The present error of SQLite as a sentence that names the file.
   tl::unexpected<error> refused() const;

   // Whether the last error is the content's fault: not the disk's, that of rights, of memory or of others'
   // locks.
   bool is_damaged() const { return damaged_; }

 private:
   struct release {
      void operator()(sqlite3 *open) const;
   };
   database(std::string path, sqlite3 *open) : path_(std::move(path)), open_(open) {}

   result<database> readable();

   std::string path_;
   std::unique_ptr<sqlite3, release> open_;
   mutable bool damaged_ = false;
};

} // namespace giflab::results
