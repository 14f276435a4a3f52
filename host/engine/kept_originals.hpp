#pragma once
// One original against many candidates, or two files in several rounds: what was decoded and converted of a
// file is kept for the next time.

#include "engine/batch.hpp"
#include "media/reader.hpp"
#include "services/unnamed_file.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace giflab::engine {

// The forms of the pictures of a file, as far as they were made. Any thread.
class kept_forms {
 public:
   // Null if there are none.
   std::shared_ptr<shared_forms> find(const media::picture &of) const;
   void keep(const media::picture &of, std::shared_ptr<shared_forms> forms);

   // Forgets them all, and takes no more.
   void close();

 private:
   mutable std::mutex mutex_;
   bool closed_ = false;
   std::map<const media::picture *, std::shared_ptr<shared_forms>> forms_;
};

// What a comparison wants of its original.
struct original_request {
   std::string path;
   media::reading_options reading;
   media::colour background;
   std::size_t bytes_per_pixel = 0; // of a picture and the forms that will be made of it
   std::size_t most_bytes = 0;      // of all of them: beyond that nothing is kept in memory
};

// Where its pictures come from.
struct opened_original {
   std::unique_ptr<media::reader> reader;
   std::shared_ptr<kept_forms> forms; // null if nothing is kept
};

// Keeps one file, the last that was read to its end: in memory, or where it does not fit, without its forms in
// a file that is mapped picture by picture. A file that has another size, time or place on disk since is
// another file. One comparison at a time may use what is kept: a second one meanwhile reads the file itself.
// Any thread.
class original_store {
 public:
   // `make_file` is asked for a file for what does not fit; null: then nothing is kept. It is not asked again
   // once it, or a file, has failed: a warning says so.
   using file_maker = std::function<result<std::shared_ptr<services::unnamed_file>>()>;
   explicit original_store(file_maker make_file = nullptr);
   ~original_store();

   // Gives what is kept of a file, or reads it and keeps what it reads. Pictures and facts are those that the
   // plain reader would give, in the same order. The pool must outlive the reader.
   result<opened_original> open(const original_request &request, services::block_pool &pool);

   // Keeps nothing in memory any more, until another file was read: what was there goes to a file, or is
   // forgotten.
   void let_go();

   // How often a file was not read again.
   int64_t reused() const;

   // Whether what is kept now lies in a file.
   bool lies_in_file() const;

 private:
   struct shelf; // readers may outlive the store
   std::shared_ptr<shelf> shelf_;
};

} // namespace giflab::engine
