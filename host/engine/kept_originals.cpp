#include "engine/kept_originals.hpp"

#include "engine/spilled_picture.hpp"
#include "services/log.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <algorithm>
#include <new>
#include <utility>

namespace giflab::engine {

namespace {

struct file_identity {
   uint64_t device = 0, inode = 0;
   int64_t bytes = -1; // -1: no regular file
   int64_t seconds = 0, nanoseconds = 0;

   bool operator==(const file_identity &) const = default;
};

file_identity identity_of(const std::string &path) {
   struct stat found {};
   if (stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode))
      return {};
   return {found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
}

bool same(const media::reading_options &a, const media::reading_options &b) {
   return a.limits.max_bytes == b.limits.max_bytes && a.limits.max_pixels == b.limits.max_pixels &&
          a.limits.max_frames == b.limits.max_frames && a.browser_delays == b.browser_delays &&
          a.sequence_delay_us == b.sequence_delay_us;
}

// How much of a file was known with one of its pictures.
struct knowledge {
   std::size_t frames = 0, showings = 0, warnings = 0;
   bool transparency = false;
   int32_t loop_count = 1;
};

knowledge known_of(const media::file_facts &facts) {
   return {facts.frames.size(), facts.showings.size(), facts.warnings.size(), facts.transparency,
           facts.loop_count};
}

template <class T> void grow(std::vector<T> &to, const std::vector<T> &from, std::size_t size) {
   if (to.size() < size)
      to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(to.size()),
                from.begin() + static_cast<std::ptrdiff_t>(size));
}

// In memory, or all of them in a file.
class kept_pictures {
 public:
   bool in_file() const { return file_ != nullptr; }
   std::size_t size() const { return in_file() ? spilled_.size() : held_.size(); }

   // Throws std::bad_alloc.
   media::picture_pointer at(std::size_t i, const services::block_pool &pool) const {
      return in_file() ? spilled_[i].map(pool) : held_[i];
   }

   // An error says why the file does not take it.
   result<void> add(media::picture_pointer picture) {
      if (!in_file()) {
         held_.push_back(std::move(picture));
         return {};
      }
      return spilled_picture::put(*picture, file_).map([this](spilled_picture one) {
         spilled_.push_back(std::move(one));
      });
   }

   // Moves all of them there, and those to come.
   result<void> move_to(std::shared_ptr<services::unnamed_file> file) {
      file_ = std::move(file);
      for (media::picture_pointer &picture : std::exchange(held_, {}))
         if (auto added = add(std::move(picture)); !added)
            return added;
      return {};
   }

 private:
   std::vector<media::picture_pointer> held_;
   std::vector<spilled_picture> spilled_;
   std::shared_ptr<services::unnamed_file> file_; // null: in memory
};

// A file that was read to its end.
struct kept_original {
   original_request request;
   file_identity identity;
   media::file_facts facts;           // as they were at the end
   std::vector<knowledge> known;      // before the first picture, with each, and at the end
   kept_pictures pictures;            // one less than that and one for the end
   std::shared_ptr<kept_forms> forms; // null if the pictures lie in a file: each time they are others

   bool serves(const original_request &asked) const {
      return asked.path == request.path && same(asked.reading, request.reading) &&
             asked.background == request.background && identity.bytes >= 0 &&
             identity == identity_of(asked.path);
   }
};

} // namespace

struct original_store::shelf {
   std::mutex mutex;
   std::shared_ptr<const kept_original> kept; // null if there is none
   bool being_read = false;                   // one that will be kept
   int64_t reused = 0;
   file_maker make_file; // null: there are no files

   // Moves the pictures to a new file. False if there is none that takes them.
   bool move_to_file(const std::string &path, kept_pictures &pictures) {
      file_maker make;
      {
         std::lock_guard lock(mutex);
         make = make_file;
      }
      if (!make)
         return false;
      auto moved = make().and_then([&](auto file) { return pictures.move_to(std::move(file)); });
      if (!moved)
         give_up_files(path, moved.error());
      return moved.has_value();
   }

   // Once is enough: the next file would fare alike, and every candidate would try.
   void give_up_files(const std::string &path, const error &why) {
      {
         std::lock_guard lock(mutex);
         if (!make_file)
            return;
         make_file = nullptr;
      }
      services::log(services::log_level::warning,
                    fmt::format("{} is decoded again for each candidate, as its pictures cannot be kept in a "
                                "temporary file: {}",
                                path, why.text));
   }
};

std::shared_ptr<shared_forms> kept_forms::find(const media::picture &of) const {
   std::lock_guard lock(mutex_);
   const auto found = forms_.find(&of);
   return found == forms_.end() ? nullptr : found->second;
}

void kept_forms::keep(const media::picture &of, std::shared_ptr<shared_forms> forms) {
   std::lock_guard lock(mutex_);
   if (!closed_)
      forms_.emplace(&of, std::move(forms));
}

void kept_forms::close() {
   std::lock_guard lock(mutex_);
   closed_ = true;
   forms_.clear();
}

namespace {

// Gives what is kept.
class keeping_reader : public media::reader {
 public:
   keeping_reader(std::shared_ptr<const kept_original> original, services::block_pool &pool)
       : original_(std::move(original)), pool_(&pool), facts_(original_->facts) {
      facts_.frames.clear();
      facts_.showings.clear();
      facts_.warnings.clear();
      facts_.transparency = false;
      know(original_->known.front());
   }

   result<media::picture_pointer> next() override try {
      know(original_->known[std::min(next_ + 1, original_->known.size() - 1)]);
      return next_ < original_->pictures.size() ? original_->pictures.at(next_++, *pool_)
                                                : media::picture_pointer();
   } catch (const std::bad_alloc &) {
      return failed(problem::internal,
                    fmt::format("{}: no memory to map its pictures; free some", facts_.path));
   }
   result<void> rewind() override {
      next_ = 0;
      return {};
   }
   const media::file_facts &facts() const override { return facts_; }

 private:
   void know(const knowledge &now) {
      grow(facts_.frames, original_->facts.frames, now.frames);
      grow(facts_.showings, original_->facts.showings, now.showings);
      grow(facts_.warnings, original_->facts.warnings, now.warnings);
      facts_.transparency = facts_.transparency || now.transparency;
      facts_.loop_count = now.loop_count;
   }

   std::shared_ptr<const kept_original> original_;
   services::block_pool *pool_;
   media::file_facts facts_;
   std::size_t next_ = 0;
};

// Reads a file, and keeps its pictures while they come in order and fit.
template <class Shelf> class recording_reader : public media::reader {
 public:
   recording_reader(std::shared_ptr<Shelf> home, std::unique_ptr<media::reader> from, original_request request,
                    file_identity identity)
       : home_(std::move(home)), from_(std::move(from)), original_(std::make_unique<kept_original>()) {
      original_->request = std::move(request);
      original_->identity = identity;
      original_->known.push_back(known_of(from_->facts()));
      original_->forms = std::make_shared<kept_forms>();
   }
   ~recording_reader() override {
      const bool kept = whole_ && original_ && original_->identity == identity_of(original_->request.path);
      if (kept)
         original_->facts = from_->facts();
      std::lock_guard lock(home_->mutex);
      home_->being_read = false;
      if (kept)
         home_->kept = std::move(original_);
   }
   recording_reader(const recording_reader &) = delete;
   recording_reader &operator=(const recording_reader &) = delete;

   std::shared_ptr<kept_forms> forms() const { return original_->forms; }

   result<media::picture_pointer> next() override {
      auto read = from_->next();
      if (!read)
         give_up();
      else if (original_ && !whole_ && given_ == original_->pictures.size())
         record(*read);
      ++given_;
      return read;
   }
   result<void> rewind() override {
      given_ = 0;
      return from_->rewind();
   }
   const media::file_facts &facts() const override { return from_->facts(); }

 private:
   void record(const media::picture_pointer &picture) {
      original_->known.push_back(known_of(from_->facts()));
      whole_ = !picture;
      if (whole_)
         return;
      bytes_ += static_cast<std::size_t>(picture->width) * static_cast<std::size_t>(picture->height) *
                original_->request.bytes_per_pixel;
      if (auto added = original_->pictures.add(picture); !added) {
         home_->give_up_files(original_->request.path, added.error());
         give_up();
      } else if (!original_->pictures.in_file() && bytes_ > original_->request.most_bytes) {
         move_to_file();
      }
   }
   void move_to_file() {
      original_->forms->close();
      if (home_->move_to_file(original_->request.path, original_->pictures))
         original_->forms = nullptr;
      else
         give_up();
   }
   void give_up() {
      if (original_ && original_->forms)
         original_->forms->close();
      original_ = nullptr;
   }

   std::shared_ptr<Shelf> home_;
   std::unique_ptr<media::reader> from_;
   std::unique_ptr<kept_original> original_; // null once given up
   std::size_t given_ = 0, bytes_ = 0;
   bool whole_ = false;
};

} // namespace

original_store::original_store(file_maker make_file) : shelf_(std::make_shared<shelf>()) {
   shelf_->make_file = std::move(make_file);
}
original_store::~original_store() = default;

result<opened_original> original_store::open(const original_request &request, services::block_pool &pool) {
   {
      std::lock_guard lock(shelf_->mutex);
      if (shelf_->kept && shelf_->kept->serves(request)) {
         ++shelf_->reused;
         return opened_original{std::make_unique<keeping_reader>(shelf_->kept, pool), shelf_->kept->forms};
      }
   }
   const file_identity identity = identity_of(request.path);
   auto from = media::open(request.path, request.reading, pool);
   if (!from)
      return tl::unexpected(from.error());
   {
      std::lock_guard lock(shelf_->mutex);
      if (identity.bytes < 0 || shelf_->being_read)
         return opened_original{std::move(*from), nullptr};
      shelf_->being_read = true;
      shelf_->kept = nullptr; // makes room for the other
   }
   auto made = std::make_unique<recording_reader<shelf>>(shelf_, std::move(*from), request, identity);
   auto forms = made->forms();
   return opened_original{std::move(made), std::move(forms)};
}

void original_store::let_go() {
   std::shared_ptr<const kept_original> held; // goes without the lock
   {
      std::lock_guard lock(shelf_->mutex);
      if (shelf_->kept && !shelf_->kept->pictures.in_file())
         std::swap(held, shelf_->kept);
   }
   if (!held)
      return;
   held->forms->close();
   try {
      auto moved = std::make_shared<kept_original>(*held);
      moved->forms = nullptr;
      if (!shelf_->move_to_file(held->request.path, moved->pictures))
         return;
      std::lock_guard lock(shelf_->mutex);
      if (!shelf_->kept) // no other was read meanwhile
         shelf_->kept = std::move(moved);
   } catch (const std::bad_alloc &) { // not even enough to note where they are: then they are forgotten
   }
}

bool original_store::lies_in_file() const {
   std::lock_guard lock(shelf_->mutex);
   return shelf_->kept && shelf_->kept->pictures.in_file();
}

int64_t original_store::reused() const {
   std::lock_guard lock(shelf_->mutex);
   return shelf_->reused;
}

} // namespace giflab::engine
