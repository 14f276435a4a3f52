#include "engine/score_table.hpp"

#include "engine/pooling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace giflab::engine {

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

} // namespace

score_table::score_table(std::span<const giflab_output> outputs, const measured_scores *known)
    : outputs_(outputs) {
   if (known) {
      scores_ = known->scores;
      clip_scores_ = known->clip_scores;
   }
   clip_scores_.resize(outputs.size(), none);
}

void score_table::keep(int64_t pair, std::span<const double> scores) {
   const std::size_t place = static_cast<std::size_t>(pair) * outputs_.size();
   std::lock_guard lock(mutex_);
   if (scores_.size() < place + scores.size())
      scores_.resize(place + scores.size(), none);
   std::ranges::copy(scores, scores_.begin() + static_cast<std::ptrdiff_t>(place));
}

void score_table::keep_of_clip(std::span<const double> scores) {
   std::lock_guard lock(mutex_);
   clip_scores_.assign(scores.begin(), scores.end());
}

void score_table::note_failure(int64_t pair, std::string why) {
   std::lock_guard lock(mutex_);
   failures_.push_back({pair, std::move(why)});
}

void score_table::note_skip(int64_t pair, std::string why) {
   std::lock_guard lock(mutex_);
   skips_.push_back({pair, std::move(why)});
}

void score_table::note_repeat(int64_t pair, int64_t like) {
   std::lock_guard lock(mutex_);
   repeats_.push_back({pair, like});
}

void score_table::copy_repeated() {
   const std::size_t outputs = outputs_.size();
   std::lock_guard lock(mutex_);
   for (const auto &[pair, like] : repeats_) {
      const std::size_t from = static_cast<std::size_t>(like) * outputs;
      const std::size_t to = static_cast<std::size_t>(pair) * outputs;
      if (from >= scores_.size())
         continue;
      scores_.resize(std::max(scores_.size(), to + outputs), none);
      std::copy_n(scores_.begin() + static_cast<std::ptrdiff_t>(from), outputs,
                  scores_.begin() + static_cast<std::ptrdiff_t>(to));
   }
   for (std::vector<problem> *problems : {&failures_, &skips_}) {
      std::map<int64_t, std::string> found;
      for (const problem &one : *problems)
         found.emplace(one.pair, one.text);
      for (const auto &[pair, like] : repeats_)
         if (const auto at = found.find(like); at != found.end())
            problems->push_back({pair, at->second});
   }
}

double score_table::value_of(std::size_t output, int64_t pair) const {
   const std::size_t place = static_cast<std::size_t>(pair) * outputs_.size() + output;
   std::lock_guard lock(mutex_);
   return place < scores_.size() ? scores_[place] : none;
}

std::optional<measured_scores> score_table::complete() const {
   std::lock_guard lock(mutex_);
   if (!failures_.empty() || !skips_.empty())
      return std::nullopt;
   return measured_scores{scores_, clip_scores_};
}

void score_table::fill_pooled(results::metric_value &value, std::size_t output,
                              std::span<const pair_time> times) const {
   std::vector<weighted_value> found;
   for (std::size_t pair = 0; pair < times.size(); ++pair) {
      const std::size_t place = pair * outputs_.size() + output;
      if (place < scores_.size() && !std::isnan(scores_[place]))
         found.push_back(
             {scores_[place], static_cast<double>(times[pair].duration_us), static_cast<int64_t>(pair)});
   }
   if (found.empty())
      return fill_absent(value, times);
   engine::fill_pooled(value, found, outputs_[output].pool,
                       [&](int64_t pair) { return times[static_cast<std::size_t>(pair)].start_us; });
}

void score_table::fill_absent(results::metric_value &value, std::span<const pair_time> times) const {
   value.status = skips_.empty() ? results::status::undefined : results::status::skipped;
   value.reason = skips_.empty() ? fmt::format("has no value for any of {} pairs of pictures", times.size())
                                 : fmt::format("pair {}: {}", skips_.front().pair, skips_.front().text);
}

void score_table::fill(results::metric_value &value, std::size_t output,
                       std::span<const pair_time> times) const {
   std::lock_guard lock(mutex_);
   if (!failures_.empty()) {
      const auto first = std::ranges::min_element(failures_, {}, &problem::pair);
      value.status = results::status::failed;
      value.reason = fmt::format("failed in {} of {} pairs of pictures; pair {}: {}", failures_.size(),
                                 times.size(), first->pair, first->text);
   } else if (outputs_[output].level == GIFLAB_PER_FRAME) {
      fill_pooled(value, output, times);
   } else if (std::isnan(clip_scores_[output])) {
      value.status = results::status::undefined;
      value.reason = "has no value for these files";
   } else {
      value.value = clip_scores_[output];
   }
}

} // namespace giflab::engine
