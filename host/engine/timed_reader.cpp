#include "engine/timed_reader.hpp"

namespace giflab::engine {

namespace {

class timed_reader : public media::reader {
 public:
   timed_reader(std::unique_ptr<media::reader> of, services::profile &into) : of_(std::move(of)), into_(into) {}

   result<media::picture_pointer> next() override {
      const services::stage_timer timer(&into_, services::stage::decoding);
      return of_->next();
   }
   result<void> rewind() override { return of_->rewind(); }
   const media::file_facts &facts() const override { return of_->facts(); }

 private:
   std::unique_ptr<media::reader> of_;
   services::profile &into_;
};

} // namespace

std::unique_ptr<media::reader> timed(std::unique_ptr<media::reader> of, services::profile *into) {
   if (!into)
      return of;
   return std::make_unique<timed_reader>(std::move(of), *into);
}

} // namespace giflab::engine
