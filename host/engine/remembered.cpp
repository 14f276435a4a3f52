#include "engine/remembered.hpp"

#include <algorithm>
#include <functional>

namespace giflab::engine {

namespace {

constexpr int least_level = 2;

// A note that begins with the path of a file is kept without it: another time the same content has another
// name.
void part_with_paths(comparison_record &record, const std::string &reference, const std::string &distorted) {
   std::vector<std::string> others;
   for (std::string &note : record.alignment.notes) {
      if (note.starts_with(reference + " "))
         record.reference_notes.push_back(note.substr(reference.size()));
      else if (note.starts_with(distorted + " "))
         record.distorted_notes.push_back(note.substr(distorted.size()));
      else
         others.push_back(std::move(note));
   }
   record.alignment.notes = std::move(others);
}

void name_paths(comparison_record &record, const std::string &reference, const std::string &distorted) {
   for (const std::string &note : record.reference_notes)
      record.alignment.notes.push_back(reference + note);
   for (const std::string &note : record.distorted_notes)
      record.alignment.notes.push_back(distorted + note);
}

} // namespace

remembered_comparison::remembered_comparison(const std::string &reference, const std::string &distorted,
                                             const std::vector<planned_metric> &plan,
                                             const comparison_options &options, machine &on)
    : reference_(reference), distorted_(distorted), plan_(plan), options_(options), on_(on),
      cache_(options.level == least_level && !options.open ? on.results() : nullptr), known_(plan.size()) {
   if (cache_)
      subject_ = cache_->examine(reference, distorted, options, on.cancelled());
   if (!subject_)
      return;
   bool mine = false;
   on.threads().help_until([&] {
      mine = mine || cache_->begin(*subject_);
      return mine || on.cancelled().requested();
   });
   if (!mine) {
      subject_.reset();
      return;
   }
   record_ = cache_->record_of(*subject_);
   for (std::size_t i = 0; i < plan.size(); ++i)
      if (concerns(plan[i]))
         known_[i] = cache_->scores_of(*subject_, plan[i]);
}

remembered_comparison::~remembered_comparison() {
   if (!subject_)
      return;
   cache_->end(*subject_);
   on_.threads().notify();
}

bool remembered_comparison::concerns(const planned_metric &metric) const {
   const uint32_t memory = metric.plugin->table.memory;
   const bool on_device =
       on_.device() && options_.device == device_use::always && memory & GIFLAB_BIT(GIFLAB_MEMORY_CUDA);
   return metric.unavailable.empty() && !on_device && !is_too_large(metric);
}

// The size of the pictures that were compared, where that is known: 0 x 0 else.
giflab_clip remembered_comparison::compared() const {
   giflab_clip clip{};
   if (!record_)
      return clip;
   const bool as_distorted = options_.resize && options_.resize->resized == side::reference;
   const results::file_summary &file = as_distorted ? record_->distorted : record_->reference;
   clip.width = file.width;
   clip.height = file.height;
   return clip;
}

// Is it known that it takes none but larger pictures? Then it says so by itself, and there is nothing to look
// up.
bool remembered_comparison::is_too_large(const planned_metric &metric) const {
   return record_ && std::ranges::none_of(wanted_outputs(metric, compared()), std::identity());
}

std::optional<results::comparison> remembered_comparison::whole() const {
   if (!record_)
      return std::nullopt;
   run_conditions conditions;
   conditions.on = &on_;
   conditions.level = options_.level;
   conditions.clip = compared();
   metric_runs metrics;
   for (std::size_t i = 0; i < plan_.size(); ++i) {
      if (!known_[i] && plan_[i].unavailable.empty() && !is_too_large(plan_[i]))
         return std::nullopt;
      metrics.push_back(std::make_unique<metric_run>(plan_[i], conditions, std::string(), known(i)));
   }
   comparison_record record = *record_;
   name_paths(record, reference_, distorted_);
   return assembled(record, reference_, distorted_, metrics, options_);
}

void remembered_comparison::learn(comparison_record record, const metric_runs &metrics) {
   if (!subject_)
      return;
   std::vector<result_cache::measured_metric> measured;
   for (std::size_t i = 0; i < plan_.size(); ++i)
      if (concerns(plan_[i]) && !known_[i])
         if (auto found = metrics[i]->measured())
            measured.push_back({&plan_[i], std::move(*found)});
   if (measured.empty() && record_)
      return;
   if (!cache_->is_unchanged(*subject_, on_.cancelled()))
      return;
   part_with_paths(record, reference_, distorted_);
   cache_->keep(*subject_, record, measured);
}

} // namespace giflab::engine
