#include "media/alignment.hpp"

#include "media/timing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <limits>

namespace giflab::media {

namespace {

constexpr double us_per_second = 1e6;

std::string seconds(int64_t us) { return fmt::format("{:.3f} s", static_cast<double>(us) / us_per_second); }

tl::unexpected<error> without_pictures(const reader &from) {
   return failed(problem::input, fmt::format("{}: gave no picture; name a file with one", from.facts().path));
}

// What every way of aligning shares: the two timelines and the report made of them.
class reporting_aligner : public aligner {
 public:
   reporting_aligner(reader &reference, reader &distorted, alignment_mode mode)
       : reference_(&reference), distorted_(&distorted) {
      report_.mode = mode;
   }
   alignment_report report() const override { return report_; }

 protected:
   aligned_pair counted(aligned_pair pair) {
      ++report_.pairs;
      return pair;
   }

   void finish() {
      reference_line_.close();
      distorted_line_.close();
      report_.reference_us = reference_line_.end_us();
      report_.distorted_us = distorted_line_.end_us();
      const timing_differences found = differences(reference_line_, distorted_line_);
      report_.dropped = found.dropped;
      report_.duplicated = found.duplicated;
      report_.reordered = found.reordered;
      report_.max_drift_us = found.max_drift_us;
   }

   reader *reference_, *distorted_;
   timeline reference_line_, distorted_line_;
   alignment_report report_;
};

// The picture of one file that is on show.
class playhead {
 public:
   playhead(reader &from, timeline &line) : from_(&from), line_(&line) {}

   // Goes to the next picture that is seen at all. At the end the last one stays.
   result<void> advance();

   // Reads what comes next, after which is_last() is sure.
   result<void> look_ahead();
   bool has_looked() const { return looked_; }
   bool is_last() const { return looked_ && !upcoming_; }

   const picture_pointer &shown() const { return shown_; }

   // When the picture goes, or would if it were not the last.
   int64_t until_us() const { return until_us_; }

 private:
   reader *from_;
   timeline *line_;
   picture_pointer shown_, upcoming_;
   int64_t until_us_ = 0;
   bool looked_ = false, ended_ = false;
};

result<void> playhead::look_ahead() {
   while (!looked_ && !ended_) {
      auto next = from_->next();
      if (!next)
         return tl::unexpected(next.error());
      ended_ = !*next;
      if (ended_)
         break;
      line_->add(**next);
      upcoming_ = std::move(*next);
      looked_ = upcoming_->duration_us > 0;
   }
   looked_ = true;
   return {};
}

result<void> playhead::advance() {
   if (auto looked = look_ahead(); !looked)
      return looked;
   if (!upcoming_)
      return shown_ ? result<void>{} : without_pictures(*from_);
   shown_ = std::move(upcoming_);
   upcoming_ = nullptr;
   until_us_ += shown_->duration_us;
   looked_ = ended_;
   return {};
}

class time_aligner final : public reporting_aligner {
 public:
   time_aligner(reader &reference, reader &distorted)
       : reporting_aligner(reference, distorted, alignment_mode::time) {}

   result<std::optional<aligned_pair>> next() override;

 private:
   result<int64_t> next_change();
   void note_held(const reader &shorter, int64_t ends_us, int64_t whole_us);
   void conclude();

   playhead reference_head_{*reference_, reference_line_}, distorted_head_{*distorted_, distorted_line_};
   int64_t now_us_ = 0;
   bool started_ = false, concluded_ = false;
};

// When another picture comes on either side; the end of both, if none does. That a file ends, and its last
// picture is held, changes nothing that is seen.
result<int64_t> time_aligner::next_change() {
   for (;;) {
      playhead *first = nullptr;
      for (playhead *head : {&reference_head_, &distorted_head_})
         if (!head->is_last() && (!first || head->until_us() < first->until_us()))
            first = head;
      if (!first)
         return std::max(reference_head_.until_us(), distorted_head_.until_us());
      if (first->has_looked())
         return first->until_us();
      if (auto looked = first->look_ahead(); !looked)
         return tl::unexpected(looked.error());
   }
}

result<std::optional<aligned_pair>> time_aligner::next() {
   if (concluded_)
      return std::nullopt;
   for (playhead *head : {&reference_head_, &distorted_head_})
      if (!started_ || head->until_us() <= now_us_)
         if (auto moved = head->advance(); !moved)
            return tl::unexpected(moved.error());
   started_ = true;
   const auto until = next_change();
   if (!until)
      return tl::unexpected(until.error());
   if (reference_head_.is_last() && distorted_head_.is_last())
      conclude();
   aligned_pair pair{reference_head_.shown(), distorted_head_.shown(), now_us_, *until - now_us_};
   now_us_ = *until;
   return counted(std::move(pair));
}

void time_aligner::note_held(const reader &shorter, int64_t ends_us, int64_t whole_us) {
   report_.notes.push_back(
       ends_us == 0
           ? fmt::format("{} does not move; it is held for {}", shorter.facts().path, seconds(whole_us))
           : fmt::format("{} ends at {}; its last picture is held for {} more", shorter.facts().path,
                         seconds(ends_us), seconds(whole_us - ends_us)));
}

void time_aligner::conclude() {
   concluded_ = true;
   finish();
   if (report_.reference_us < report_.distorted_us)
      note_held(*reference_, report_.reference_us, report_.distorted_us);
   else if (report_.distorted_us < report_.reference_us)
      note_held(*distorted_, report_.distorted_us, report_.reference_us);
}

class index_aligner final : public reporting_aligner {
 public:
   index_aligner(reader &reference, reader &distorted)
       : reporting_aligner(reference, distorted, alignment_mode::index) {}

   result<std::optional<aligned_pair>> next() override;

 private:
   // Reads a file to its end, for the report; says how many pictures that were.
   static result<int64_t> drain(reader &from, timeline &line, const picture_pointer &first);
   result<void> conclude(const picture_pointer &reference, const picture_pointer &distorted);
   void note_left_over(const reader &longer, int64_t count);

   bool concluded_ = false;
};

result<std::optional<aligned_pair>> index_aligner::next() {
   if (concluded_)
      return std::nullopt;
   auto reference = reference_->next();
   if (!reference)
      return tl::unexpected(reference.error());
   auto distorted = distorted_->next();
   if (!distorted)
      return tl::unexpected(distorted.error());
   if (!*reference || !*distorted) {
      if (auto concluded = conclude(*reference, *distorted); !concluded)
         return tl::unexpected(concluded.error());
      return std::nullopt;
   }
   const int64_t start = reference_line_.end_us();
   reference_line_.add(**reference);
   distorted_line_.add(**distorted);
   return counted({*reference, *distorted, start, (*reference)->duration_us});
}

result<int64_t> index_aligner::drain(reader &from, timeline &line, const picture_pointer &first) {
   int64_t count = 0;
   for (picture_pointer shown = first; shown; ++count) {
      line.add(*shown);
      auto next = from.next();
      if (!next)
         return tl::unexpected(next.error());
      shown = std::move(*next);
   }
   return count;
}

result<void> index_aligner::conclude(const picture_pointer &reference, const picture_pointer &distorted) {
   concluded_ = true;
   const auto reference_left = drain(*reference_, reference_line_, reference);
   if (!reference_left)
      return tl::unexpected(reference_left.error());
   const auto distorted_left = drain(*distorted_, distorted_line_, distorted);
   if (!distorted_left)
      return tl::unexpected(distorted_left.error());
   finish();
   note_left_over(*reference_, *reference_left);
   note_left_over(*distorted_, *distorted_left);
   return {};
}

void index_aligner::note_left_over(const reader &longer, int64_t count) {
   if (count > 0)
      report_.notes.push_back(fmt::format("{} has {} frame{} more than the other file; {} not compared",
                                          longer.facts().path, count, count == 1 ? "" : "s",
                                          count == 1 ? "it is" : "they are"));
}

// Pictures of a file by number, out of a reader that only goes forward: a few are kept, and a step further
// back starts over.
class lookup {
 public:
   explicit lookup(reader &from) : from_(&from) {}

   result<picture_pointer> at(int64_t index);

 private:
   static constexpr std::size_t most_kept = 8;

   reader *from_;
   std::deque<picture_pointer> kept_; // in display order
   int64_t next_index_ = 0;
};

result<picture_pointer> lookup::at(int64_t index) {
   for (const picture_pointer &each : kept_)
      if (each->index == index)
         return each;
   if (index < next_index_) {
      kept_.clear();
      next_index_ = 0;
      if (auto again = from_->rewind(); !again)
         return tl::unexpected(again.error());
   }
   for (;;) {
      auto next = from_->next();
      if (!next)
         return tl::unexpected(next.error());
      if (!*next)
         return failed(problem::input,
                       fmt::format("{}: changed while it was read; run again", from_->facts().path));
      if (kept_.size() == most_kept)
         kept_.pop_front();
      kept_.push_back(*next);
      if (next_index_++ == index)
         return *next;
   }
}

class content_aligner final : public reporting_aligner {
 public:
   content_aligner(reader &reference, reader &distorted)
       : reporting_aligner(reference, distorted, alignment_mode::content) {}

   result<std::optional<aligned_pair>> next() override;

 private:
   struct candidate {
      int64_t start_us;
      uint64_t content;
      signature look;
   };
   result<void> survey();
   int64_t best_match(const picture &shown) const;

   std::vector<candidate> candidates_; // the pictures of the reference
   lookup pictures_{*reference_};
   bool surveyed_ = false, concluded_ = false;
};

result<void> content_aligner::survey() {
   for (;;) {
      const auto next = reference_->next();
      if (!next)
         return tl::unexpected(next.error());
      if (!*next)
         break;
      const picture &shown = **next;
      const bool repeats = !candidates_.empty() && candidates_.back().content == shown.content;
      candidates_.push_back(
          {shown.start_us, shown.content, repeats ? candidates_.back().look : signature_of(shown)});
      reference_line_.add(shown);
   }
   if (candidates_.empty())
      return without_pictures(*reference_);
   return reference_->rewind();
}

// Equal pixels first, then the smallest distance, then the nearest in time, then the earlier.
int64_t content_aligner::best_match(const picture &shown) const {
   const signature look = signature_of(shown);
   std::size_t best = 0;
   auto best_rank = std::tuple(true, std::numeric_limits<uint32_t>::max(), int64_t{0});
   for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const candidate &each = candidates_[i];
      const auto rank = std::tuple(each.content != shown.content, distance(each.look, look),
                                   std::abs(each.start_us - shown.start_us));
      if (rank < best_rank) {
         best = i;
         best_rank = rank;
      }
   }
   return static_cast<int64_t>(best);
}

result<std::optional<aligned_pair>> content_aligner::next() {
   if (concluded_)
      return std::nullopt;
   if (!surveyed_)
      if (auto done = survey(); !done)
         return tl::unexpected(done.error());
   surveyed_ = true;
   auto distorted = distorted_->next();
   if (!distorted)
      return tl::unexpected(distorted.error());
   if (!*distorted) {
      concluded_ = true;
      finish();
      return std::nullopt;
   }
   auto reference = pictures_.at(best_match(**distorted));
   if (!reference)
      return tl::unexpected(reference.error());
   const int64_t start = distorted_line_.end_us();
   distorted_line_.add(**distorted);
   return counted({std::move(*reference), *distorted, start, (*distorted)->duration_us});
}

} // namespace

result<std::unique_ptr<aligner>> align(reader &reference, reader &distorted, alignment_mode mode) {
   const file_facts &left = reference.facts(), &right = distorted.facts();
   if (left.width != right.width || left.height != right.height)
      return failed(problem::input,
                    fmt::format("{} is {}x{} but {} is {}x{}; bring both to one size with --resize", left.path,
                                left.width, left.height, right.path, right.width, right.height));
   switch (mode) {
   case alignment_mode::index:
      return std::make_unique<index_aligner>(reference, distorted);
   case alignment_mode::content:
      return std::make_unique<content_aligner>(reference, distorted);
   case alignment_mode::time:
      break;
   }
   return std::make_unique<time_aligner>(reference, distorted);
}

} // namespace giflab::media
