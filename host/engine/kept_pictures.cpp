#include "engine/kept_pictures.hpp"

namespace giflab::engine {

using media::picture_pointer;

struct kept_pictures::account {
   std::size_t left = 0;
   bool spent = false;

   // False, now and from then on, where this does not fit.
   bool take(std::size_t bytes) {
      spent = spent || bytes > left;
      if (!spent)
         left -= bytes;
      return !spent;
   }
};

struct kept_pictures::record {
   std::vector<picture_pointer> pictures;
   media::file_facts facts;
   bool whole = false; // the last picture is among them
};

namespace {

std::size_t bytes_of(const media::picture &picture) {
   const auto pixels = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
   return pixels * (picture.indexed ? 5 : 4) + sizeof picture;
}

} // namespace

// Decodes, and notes down what it gives.
class kept_pictures::keeping_reader final : public media::reader {
 public:
   keeping_reader(std::unique_ptr<reader> from, std::shared_ptr<record> into, std::shared_ptr<account> on)
       : from_(std::move(from)), into_(std::move(into)), on_(std::move(on)) {}

   result<picture_pointer> next() override {
      auto picture = from_->next();
      if (!picture || into_->whole)
         return picture;
      if (!*picture && !on_->spent) {
         into_->facts = from_->facts();
         into_->whole = true;
      } else if (*picture && on_->take(bytes_of(**picture)))
         into_->pictures.push_back(*picture);
      else
         into_->pictures.clear();
      return picture;
   }

   result<void> rewind() override {
      if (!into_->whole)
         into_->pictures.clear();
      return from_->rewind();
   }

   const media::file_facts &facts() const override { return from_->facts(); }

 private:
   std::unique_ptr<reader> from_;
   std::shared_ptr<record> into_;
   std::shared_ptr<account> on_;
};

class kept_pictures::giving_reader final : public media::reader {
 public:
   explicit giving_reader(std::shared_ptr<record> from) : from_(std::move(from)) {}

   result<picture_pointer> next() override {
      return next_ < from_->pictures.size() ? from_->pictures[next_++] : nullptr;
   }

   result<void> rewind() override {
      next_ = 0;
      return {};
   }

   const media::file_facts &facts() const override { return from_->facts; }

 private:
   std::shared_ptr<record> from_;
   std::size_t next_ = 0;
};

kept_pictures::kept_pictures(media::reading_options options, services::block_pool &pool, std::size_t most_bytes)
    : options_(options), pool_(pool), account_(std::make_shared<account>()) {
   account_->left = most_bytes;
}

kept_pictures::~kept_pictures() = default;

result<std::unique_ptr<media::reader>> kept_pictures::open(const std::string &path) {
   std::shared_ptr<record> &side = sides_[next_];
   next_ = 1 - next_;
   if (side && side->whole)
      return std::make_unique<giving_reader>(side);
   auto opened = media::open(path, options_, pool_);
   if (!opened || account_->spent)
      return opened;
   side = std::make_shared<record>();
   return std::make_unique<keeping_reader>(std::move(*opened), side, account_);
}

} // namespace giflab::engine
