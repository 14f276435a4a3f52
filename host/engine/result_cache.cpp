#include "engine/result_cache.hpp"

#include "engine/compare.hpp"
#include "engine/host_identity.hpp"
#include "engine/packed_bytes.hpp"
#include "modules/model_pin.hpp"
#include "modules/model_registry.hpp"
#include "services/descriptor.hpp"
#include "services/log.hpp"
#include "services/sha256.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <ctime>
#include <filesystem>

namespace giflab::engine {

namespace fs = std::filesystem;

namespace {

// Changed whenever what is measured from the same pictures, or how it is packed, changes without the program.
constexpr const char *form = "giflab results 1";

// The clock of files ticks every 10 ms at the slowest.
constexpr int64_t tick_ns = 20'000'000;

std::string digest_of(const std::string &text) {
   services::sha256 hash;
   hash.add(std::as_bytes(std::span(text)));
   auto made = hash.digest();
   return made ? *made : std::string(); // an empty key finds nothing and keeps nothing
}

// ---- Files

int64_t nanoseconds(const timespec &time) { return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

std::string identity_of(const struct stat &about) {
   return fmt::format("{} {} {} {} {}", about.st_dev, about.st_ino, about.st_size, nanoseconds(about.st_mtim),
                      nanoseconds(about.st_ctim));
}

bool is_recent(const struct stat &about) {
   timespec now{};
   clock_gettime(CLOCK_REALTIME, &now);
   return nanoseconds(now) - nanoseconds(about.st_ctim) < tick_ns;
}

using side = result_cache::subject::side;

// Without its hash where nobody wants it.
std::optional<side> examine_file(const std::string &path, bool hashed,
                                 const services::cancellation &cancelled) {
   const services::descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
   struct stat before {
   }, after{};
   if (!file || fstat(file.get(), &before) != 0 || !S_ISREG(before.st_mode))
      return std::nullopt;
   auto sha256 = hashed ? services::sha256_of_file(file.get(), &cancelled) : std::string();
   if (!sha256 || fstat(file.get(), &after) != 0 || identity_of(before) != identity_of(after))
      return std::nullopt;
   return side{path, std::move(*sha256), identity_of(after), is_recent(after)};
}

// A folder of stills: everything in it, by name.
std::optional<side> examine_folder(const std::string &path, bool hashed,
                                   const services::cancellation &cancelled) {
   std::error_code trouble;
   std::vector<std::string> names;
   for (fs::directory_iterator entry(path, trouble), end; !trouble && entry != end; entry.increment(trouble))
      if (entry->is_regular_file(trouble))
         names.push_back(entry->path().filename().string());
   if (trouble)
      return std::nullopt;
   std::sort(names.begin(), names.end());
   side whole{path, {}, {}, false};
   std::string contents = "folder\n";
   for (const std::string &name : names) {
      const auto one = examine_file((fs::path(path) / name).string(), hashed, cancelled);
      if (!one)
         return std::nullopt;
      contents += fmt::format("{} {} {}\n", name.size(), name, one->sha256);
      whole.identity += fmt::format("{} {} {}\n", name.size(), name, one->identity);
      whole.recent |= one->recent;
   }
   if (hashed)
      whole.sha256 = digest_of(contents);
   return whole;
}

std::optional<side> examine_side(const std::string &path, bool hashed,
                                 const services::cancellation &cancelled) {
   std::error_code trouble; // what is not there is no folder
   return fs::is_directory(path, trouble) ? examine_folder(path, hashed, cancelled)
                                          : examine_file(path, hashed, cancelled);
}

std::string settings_text(const comparison_options &how) {
   std::string text = fmt::format(
       "level {}\nseed {}\nalign {}\nbackground {} {} {}\ndelays {} {}\nlimits {} {} {}\n", how.level, how.seed,
       static_cast<int>(how.alignment), how.background.red, how.background.green, how.background.blue,
       how.reading.browser_delays, how.reading.sequence_delay_us, how.reading.limits.max_pixels,
       how.reading.limits.max_frames, how.reading.limits.max_bytes);
   if (how.resize)
      text += fmt::format("resize {} {}\n", static_cast<int>(how.resize->resized),
                          static_cast<int>(how.resize->filter));
   return text;
}

// ---- Packing

void pack(packed_bytes &to, const results::file_summary &file) {
   to.text(file.format);
   for (const int64_t number : {file.bytes, file.frames, file.duration_us, int64_t{file.width},
                                int64_t{file.height}, int64_t{file.loop_count}})
      to.number(number);
   to.texts(file.warnings);
}

void unpack(unpacked_bytes &from, results::file_summary &file) {
   file.format = from.text();
   file.bytes = from.number();
   file.frames = from.number();
   file.duration_us = from.number();
   file.width = static_cast<int32_t>(from.number());
   file.height = static_cast<int32_t>(from.number());
   file.loop_count = static_cast<int32_t>(from.number());
   file.warnings = from.texts();
}

std::string packed(const comparison_record &record) {
   packed_bytes to;
   pack(to, record.reference);
   pack(to, record.distorted);
   const results::alignment_summary &alignment = record.alignment;
   to.text(alignment.mode);
   for (const int64_t number : {alignment.pairs, alignment.duration_us, alignment.dropped, alignment.duplicated,
                                alignment.reordered, alignment.max_drift_us})
      to.number(number);
   for (const auto *notes : {&alignment.notes, &record.reference_notes, &record.distorted_notes})
      to.texts(*notes);
   to.number(static_cast<int64_t>(record.pairs.size()));
   for (const results::pair_row &row : record.pairs)
      for (const int64_t number :
           {row.pair, row.reference_frame, row.distorted_frame, row.start_us, row.duration_us})
         to.number(number);
   return to.bytes();
}

std::optional<comparison_record> unpacked_record(const std::string &bytes) {
   unpacked_bytes from(bytes);
   comparison_record record;
   unpack(from, record.reference);
   unpack(from, record.distorted);
   results::alignment_summary &alignment = record.alignment;
   alignment.mode = from.text();
   for (int64_t *number : {&alignment.pairs, &alignment.duration_us, &alignment.dropped, &alignment.duplicated,
                           &alignment.reordered, &alignment.max_drift_us})
      *number = from.number();
   for (auto *notes : {&alignment.notes, &record.reference_notes, &record.distorted_notes})
      *notes = from.texts();
   record.pairs.resize(from.count(5 * sizeof(int64_t)));
   for (results::pair_row &row : record.pairs)
      for (int64_t *number :
           {&row.pair, &row.reference_frame, &row.distorted_frame, &row.start_us, &row.duration_us})
         *number = from.number();
   return from.is_whole() ? std::optional(std::move(record)) : std::nullopt;
}

std::string packed(const measured_scores &found) {
   packed_bytes to;
   for (const std::vector<double> *values : {&found.scores, &found.clip_scores}) {
      to.number(static_cast<int64_t>(values->size()));
      for (const double value : *values)
         to.number(std::bit_cast<int64_t>(value));
   }
   return to.bytes();
}

std::optional<measured_scores> unpacked_scores(const std::string &bytes) {
   unpacked_bytes from(bytes);
   measured_scores found;
   for (std::vector<double> *values : {&found.scores, &found.clip_scores}) {
      values->resize(from.count(sizeof(int64_t)));
      for (double &value : *values)
         value = std::bit_cast<double>(from.number());
   }
   return from.is_whole() ? std::optional(std::move(found)) : std::nullopt;
}

} // namespace

result_cache::result_cache(settings given) : settings_(std::move(given)) {}

result_cache::~result_cache() {
   if (const counts all = counted(); all.found + all.missed > 0)
      services::log(services::log_level::debug,
                    fmt::format("results: {} metrics found, {} measured", all.found, all.missed));
}

// Null if there can be none, which is told once.
results::value_store *result_cache::store() {
   std::lock_guard lock(mutex_);
   if (!tried_) {
      tried_ = true;
      auto opened = results::value_store::open(settings_.folder, settings_.limits);
      if (opened)
         store_ = std::move(*opened);
      else
         services::log(services::log_level::warning, opened.error().text);
   }
   return store_.get();
}

std::optional<result_cache::subject> result_cache::examine(const std::string &reference,
                                                           const std::string &distorted,
                                                           const comparison_options &options,
                                                           const services::cancellation &cancelled) {
   auto first = examine_side(reference, true, cancelled), second = examine_side(distorted, true, cancelled);
   if (!first || !second)
      return std::nullopt;
   subject made;
   made.reference = std::move(*first);
   made.distorted = std::move(*second);
   made.key = digest_of(fmt::format("{}\n{}{}{}\n{}\n", form, host_identity(), settings_text(options),
                                    made.reference.sha256, made.distorted.sha256));
   return made.key.empty() ? std::nullopt : std::optional(std::move(made));
}

bool result_cache::is_unchanged(const subject &one, const services::cancellation &cancelled) const {
   for (const subject::side *each : {&one.reference, &one.distorted}) {
      const auto now = examine_side(each->path, each->recent, cancelled);
      if (!now || now->sha256 != (each->recent ? each->sha256 : "") || now->identity != each->identity)
         return false;
   }
   return true;
}

std::optional<comparison_record> result_cache::record_of(const subject &one) {
   results::value_store *kept = store();
   const auto bytes = kept ? kept->find(one.key) : std::nullopt;
   return bytes ? unpacked_record(*bytes) : std::nullopt;
}

std::optional<measured_scores> result_cache::scores_of(const subject &one, const planned_metric &metric) {
   results::value_store *kept = store();
   const std::string key = kept ? key_of(one, metric) : std::string();
   const auto bytes = key.empty() ? std::nullopt : kept->find(key);
   auto found = bytes ? unpacked_scores(*bytes) : std::nullopt;
   ++(found ? found_ : missed_);
   return found;
}

void result_cache::keep(const subject &one, const comparison_record &record,
                        const std::vector<measured_metric> &metrics) {
   results::value_store *kept = store();
   if (!kept)
      return;
   std::vector<results::value_store::entry> entries{{one.key, packed(record)}};
   for (const measured_metric &each : metrics)
      if (std::string key = key_of(one, *each.metric); !key.empty())
         entries.emplace_back(std::move(key), packed(each.found));
   kept->keep(entries);
}

bool result_cache::begin(const subject &one) {
   std::lock_guard lock(mutex_);
   return under_way_.insert(one.key).second;
}

void result_cache::end(const subject &one) {
   std::lock_guard lock(mutex_);
   under_way_.erase(one.key);
}

// ---- Metrics

// Of a module, read once as long as it stays the same. Empty if it cannot be read.
std::string result_cache::sha256_of(const std::string &path) {
   struct stat about {};
   if (stat(path.c_str(), &about) != 0)
      return {};
   {
      std::lock_guard lock(mutex_);
      if (const auto known = hashes_.find(path);
          known != hashes_.end() && known->second.first == identity_of(about))
         return known->second.second;
   }
   const auto read = examine_file(path, true, services::cancellation());
   if (!read)
      return {};
   std::lock_guard lock(mutex_);
   hashes_[path] = {read->identity, read->sha256};
   return read->sha256;
}

// The hashes that the files of its models must have, or did when they were imported. Empty if one is not to be
// had.
std::string result_cache::identity_of_models(const planned_metric &metric) const {
   std::string all = "models\n";
   for (const giflab_model_source &model : metric.plugin->models) {
      std::string hash = model.sha256;
      for (const std::string &path : modules::model_candidates(settings_.model_folders, model.id))
         if (hash.empty())
            if (auto pinned = modules::read_pin(path))
               hash = *pinned;
      if (hash.empty())
         return {};
      all += fmt::format("{} {}\n", model.id, hash);
   }
   return all;
}

// Empty if something that belongs in it cannot be known: then nothing is found or kept.
std::string result_cache::key_of(const subject &one, const planned_metric &metric) {
   const giflab_plugin &table = metric.plugin->table;
   const std::string module = sha256_of(metric.plugin->home->path), models = identity_of_models(metric);
   if (module.empty() || models.empty())
      return {};
   std::string text = fmt::format("{}\n{}\n{}\n{}\n{} {}\n{}", one.key, table.id, table.version, module,
                                  metric.fingerprint.size(), metric.fingerprint, models);
   for (uint32_t output = 0; output < metric.plugin->outputs.size(); ++output) // others were not measured
      if (std::ranges::find(metric.columns, output, &planned_metric::column::output) != metric.columns.end())
         text += fmt::format("{}\n", metric.plugin->outputs[output].id);
   for (std::size_t i = 0; i < metric.values.size(); ++i) {
      const giflab_param &param = metric.plugin->params[i];
      const char *words = metric.values[i].text ? metric.values[i].text : "";
      if (!(param.flags & GIFLAB_PARAM_SPEED_ONLY))
         text += fmt::format("{} {:x} {} {}\n", param.id, std::bit_cast<uint64_t>(metric.values[i].number),
                             std::string_view(words).size(), words);
   }
   return digest_of(text);
}

} // namespace giflab::engine
