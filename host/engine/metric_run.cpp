#include "engine/metric_run.hpp"

#include "engine/memory_needs.hpp"
#include "modules/reference_page.hpp"
#include "services/processor_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace giflab::engine {

namespace {

results::direction direction_of(uint32_t direction) {
   if (direction == GIFLAB_HIGHER_IS_BETTER)
      return results::direction::higher;
   return direction == GIFLAB_LOWER_IS_BETTER ? results::direction::lower : results::direction::neither;
}

std::string told(giflab_status status, const std::string &text) {
   return text.empty() ? modules::status_name(status)
                       : fmt::format("{}: {}", modules::status_name(status), text);
}

// Blobs are private to a plugin, its version, its parameters and what its probe found.
std::string blob_space_of(const planned_metric &metric) {
   std::string space =
       fmt::format("{}\n{}\n{}\n", metric.plugin->table.id, metric.plugin->table.version, metric.fingerprint);
   for (const giflab_value &value : metric.values)
      space += fmt::format("{} {}\n", value.number, value.text ? value.text : "");
   return space;
}

// Waits for what a call started on the device. Where the call itself saw no error, the device's own counts.
void leave(const machine::borrowed_lane &lane, giflab_status &status, std::string &text) {
   if (!lane.get())
      return;
   const auto done = lane.get()->leave();
   if (done || status != GIFLAB_OK)
      return;
   status = GIFLAB_DEVICE;
   text = done.error().text;
}

} // namespace

// What create() made. `device_of` is null in host memory.
struct metric_run::instance {
   const giflab_plugin *table;
   void *object;
   machine *device_of;

   instance(const giflab_plugin &of, void *made, machine *on) : table(&of), object(made), device_of(on) {}
   instance(const instance &) = delete;
   instance &operator=(const instance &) = delete;
   ~instance() {
      // For its context. Without one, a lost device's memory is gone already.
      const auto lane = device_of ? device_of->borrow_lane() : result<machine::borrowed_lane>();
      modules::call_context call(modules::borrowed_services{}, 0, 0, 0);
      call.about({table->id, "destroy"});
      call.run([&] {
         table->destroy(object);
         return GIFLAB_OK;
      });
   }
};

metric_run::metric_run(const planned_metric &metric, const run_conditions &conditions,
                       std::string device_failure, const measured_scores *known)
    : metric_(metric), conditions_(conditions), earlier_device_failure_(std::move(device_failure)),
      blob_space_(blob_space_of(metric)), wanted_(wanted_outputs(metric, conditions.clip)),
      restored_(known != nullptr), scores_(metric.plugin->outputs, known) {
   if (restored_)
      return;
   if (!metric.unavailable.empty())
      end_with(results::status::unavailable, metric.unavailable);
   else if (std::ranges::count(wanted_, 0) == std::ssize(wanted_))
      end_with(results::status::skipped, too_small(metric, metric.columns.front(), conditions.clip));
   else
      check_memory();
}

metric_run::~metric_run() = default;

std::size_t metric_run::call_bytes() const {
   return engine::call_bytes(metric_, int64_t{conditions_.clip.width} * conditions_.clip.height,
                             conditions_.level);
}

// A metric that one call would carry over the limit of memory is not begun.
void metric_run::check_memory() {
   if (const auto missing = shortage(conditions_.on->bound(), conditions_.memory_beside + call_bytes()))
      end_with(results::status::unavailable,
               fmt::format("takes some {} MiB for pictures of {}x{}, which {}", in_mebibytes(call_bytes()),
                           conditions_.clip.width, conditions_.clip.height, *missing));
}

std::optional<measured_scores> metric_run::measured() const {
   if (has_ended() || memory_ != GIFLAB_MEMORY_HOST || !earlier_device_failure_.empty())
      return std::nullopt;
   return scores_.complete();
}

bool metric_run::suits_device() const {
   return table().memory & GIFLAB_BIT(GIFLAB_MEMORY_CUDA) && table().scope != GIFLAB_SCOPE_FILE && !has_ended();
}

void metric_run::settle(uint32_t memory, std::string loss) {
   memory_ = memory;
   if (earlier_device_failure_.empty())
      earlier_device_failure_ = std::move(loss);
   if (!(table().memory & GIFLAB_BIT(memory)) && table().scope != GIFLAB_SCOPE_FILE)
      end_with(results::status::unavailable, "runs on a CUDA device only, and none is used here");
}

std::string metric_run::device_failure() const {
   std::lock_guard lock(mutex_);
   return device_failure_;
}

uint32_t metric_run::inputs() const { return has_ended() ? 0 : table().inputs; }

uint32_t metric_run::inputs_of_indexed() const {
   return inputs() & (table().flags & GIFLAB_FLAG_INDEX8_ALONE ? GIFLAB_BIT(GIFLAB_INDEX8) : ~uint32_t{0});
}

bool metric_run::has_ended() const {
   std::lock_guard lock(mutex_);
   return end_.has_value() || restored_;
}

void metric_run::end_with(results::status status, std::string reason) {
   std::lock_guard lock(mutex_);
   if (!end_)
      end_ = end{status, std::move(reason)};
}

// ---- Instances

modules::borrowed_services metric_run::services_with(const machine::borrowed_arena &arena,
                                                     const machine::borrowed_lane &lane) const {
   modules::borrowed_services lent = conditions_.on->lent_to(*metric_.plugin);
   lent.arena = arena.get();
   lent.lane = lane.get();
   lent.pool = conditions_.level > 0 ? &conditions_.on->threads() : nullptr;
   lent.blob_space = conditions_.level > 0 ? &blob_space_ : nullptr; // level 0 keeps nothing
   return lent;
}

// CLIP scope is one instance (rule C2): begin, measure and finish belong together.
bool metric_run::shares_instance() const {
   return table().threads != GIFLAB_PER_INSTANCE || table().scope == GIFLAB_SCOPE_CLIP;
}

// Null, and the run ended, if the plugin refuses to make one.
metric_run::instance_pointer metric_run::borrow_instance() {
   const bool shared = shares_instance();
   {
      std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
         instance_pointer found = idle_.back();
         if (!shared)
            idle_.pop_back();
         return found;
      }
   }
   // A shared instance is made by whoever comes first; what another made meanwhile goes unused.
   instance_pointer made = make_instance();
   if (made && shared) {
      std::lock_guard lock(mutex_);
      if (idle_.empty())
         idle_.push_back(made);
      return idle_.back();
   }
   return made;
}

metric_run::instance_pointer metric_run::make_instance() {
   const auto lane = borrow_lane();
   if (!lane) {
      give_up_device(lane.error().text);
      return nullptr;
   }
   const machine::borrowed_arena arena(*conditions_.on);
   modules::call_context call(services_with(arena, *lane), 0, 0, 0);
   call.about({table().id, "create"});
   const giflab_setup setup{conditions_.clip, memory_, static_cast<uint32_t>(conditions_.level),
                            metric_.values.data(), wanted_.data()};
   void *object = nullptr;
   const auto module_lock = lock_module();
   giflab_status status =
       call.run([&] { return table().create(call.table(), &setup, &object); }, services::stage::setting_up);
   std::string text = call.text();
   instance_pointer made;
   if (status == GIFLAB_OK)
      made =
          std::make_shared<instance>(table(), object, memory_ == GIFLAB_MEMORY_CUDA ? conditions_.on : nullptr);
   leave(*lane, status, text);
   if (status == GIFLAB_OK)
      return made;
   if (!failed_on_device(status, text) && status != GIFLAB_CANCELLED)
      end_with(status == GIFLAB_UNSUPPORTED ? results::status::skipped : results::status::failed,
               fmt::format("could not be set up: {}", told(status, text)));
   return nullptr;
}

void metric_run::return_instance(instance_pointer used) {
   if (shares_instance())
      return; // it was only shared
   std::lock_guard lock(mutex_);
   idle_.push_back(std::move(used));
}

std::unique_lock<std::mutex> metric_run::lock_module() const {
   return table().threads == GIFLAB_PER_MODULE ? std::unique_lock(*metric_.plugin->home->entered)
                                               : std::unique_lock<std::mutex>();
}

// ---- Calls

uint32_t metric_run::run_length() const {
   if (table().determinism == GIFLAB_SEEDED)
      return 1; // so that the seed, and with it the value, does not depend on what shares a call
   const std::size_t most =
       memory_ == GIFLAB_MEMORY_CUDA ? conditions_.device_batch_size : conditions_.batch_size;
   return std::clamp<uint32_t>(table().batch, 1, static_cast<uint32_t>(most));
}

uint64_t metric_run::seed_of(const batch_pair &pair) const {
   // Odd constants (of splitmix64) keep (a, b), (b, a) and (a, a) apart.
   return pair.reference.picture->content * 0x9E3779B97F4A7C15u ^
          pair.distorted.picture->content * 0xBF58476D1CE4E5B9u ^ conditions_.seed * 0x94D049BB133111EBu;
}

shown_forms metric_run::forms_of(const batch_side &side) const {
   if (memory_ == GIFLAB_MEMORY_CUDA)
      return {&side.on_device->views(), side.on_device};
   if (side.forms)
      return {&side.forms->forms().views(), side.forms};
   auto own = std::make_shared<shared_forms>(side.picture, conditions_.background, media::conversion::pixels,
                                             conditions_.on->pixels());
   own->prepare(table().inputs);
   return {&own->forms().views(), own};
}

void metric_run::measure(const batch &given) {
   if (has_ended())
      return;
   const std::vector<std::size_t> positions = to_measure(given);
   if (positions.empty())
      return;
   const instance_pointer with = borrow_instance();
   if (!with)
      return;
   if (table().scope == GIFLAB_SCOPE_CLIP && !begun_) {
      begun_ = true;
      call_for_clip(
          "begin",
          [&](const giflab_call *call, void *object) {
             return table().metric->begin(object, call, &conditions_.clip);
          },
          false);
   }
   const std::size_t most = run_length();
   for (std::size_t i = 0; i < positions.size() && !has_ended(); i += most)
      measure_some(given, std::span(positions).subspan(i, std::min(most, positions.size() - i)), *with);
   return_instance(with);
}

// Equal pictures have equal scores, to the bit (rule C4).
bool metric_run::scores_by_content() const {
   return table().scope == GIFLAB_SCOPE_FRAME && table().determinism != GIFLAB_WITHIN_TOLERANCE;
}

// Notes the others, whose scores are copied in the end.
std::vector<std::size_t> metric_run::to_measure(const batch &given) {
   std::vector<std::size_t> positions;
   for (std::size_t i = given.history; i < given.pairs.size(); ++i) {
      const batch_pair &pair = given.pairs[i];
      const int64_t like = scores_by_content() ? pair.same_as[table().lookback] : -1;
      if (like < 0)
         positions.push_back(i);
      else
         scores_.note_repeat(pair.number, like);
   }
   return positions;
}

giflab_status metric_run::enter(modules::call_context &call, instance &with, const entry &run) const {
   const auto module_lock = lock_module();
   return call.run([&] { return run(call.table(), with.object); });
}

// A lane of the device where the pictures are there; an empty one in host memory.
result<machine::borrowed_lane> metric_run::borrow_lane() const {
   if (memory_ == GIFLAB_MEMORY_HOST)
      return machine::borrowed_lane();
   return conditions_.on->borrow_lane();
}

// The same, behind the pictures of a batch.
result<machine::borrowed_lane> metric_run::borrow_lane_for(const batch &given) const {
   auto lane = borrow_lane();
   if (!lane || !lane->get())
      return lane;
   auto device = conditions_.on->device()->get();
   if (!device)
      return tl::unexpected(device.error());
   for (const batch_pair &pair : given.pairs)
      for (const batch_side *side : {&pair.reference, &pair.distorted}) {
         auto there = side->on_device->prepare(**device, given.device_inputs).and_then([&] {
            return lane->get()->wait_for(side->on_device->ready());
         });
         if (!there)
            return tl::unexpected(there.error());
      }
   return lane;
}

// True if the device, or its memory, is to blame: then the metric has ended here.
bool metric_run::failed_on_device(giflab_status status, const std::string &text) {
   if (memory_ != GIFLAB_MEMORY_CUDA || (status != GIFLAB_DEVICE && status != GIFLAB_NO_MEMORY))
      return false;
   give_up_device(told(status, text));
   return true;
}

void metric_run::give_up_device(const std::string &why) {
   const std::string sentence = fmt::format("{} failed: {}", conditions_.on->device()->name(), why);
   end_with(results::status::failed, sentence);
   if (!(table().memory & GIFLAB_BIT(GIFLAB_MEMORY_HOST)))
      return; // it has nowhere else to go
   std::lock_guard lock(mutex_);
   if (device_failure_.empty())
      device_failure_ = sentence;
}

image_list metric_run::show(const batch &given, std::span<const std::size_t> positions) const {
   const services::stage_timer timer(conditions_.on->profile(), services::stage::converting);
   return {given, positions, table(), [&](const batch_side &side) { return forms_of(side); }};
}

// Measures some pairs in one call. Where that fails and pairs can be told apart, each is tried alone, so
// that a failure costs its own pair only.
void metric_run::measure_some(const batch &given, std::span<const std::size_t> positions, instance &with) {
   const auto lane = borrow_lane_for(given);
   if (!lane)
      return give_up_device(lane.error().text);
   const image_list images = show(given, positions);
   const machine::borrowed_arena arena(*conditions_.on);
   modules::call_context call(services_with(arena, *lane), images.size(), table().output_count,
                              seed_of(given.pairs[positions.front()]));
   const int64_t first = given.pairs[positions.front()].number, last = given.pairs[positions.back()].number;
   call.about({table().id, "measure", first, static_cast<uint32_t>(last - first + 1)});
   const double began = services::processor_seconds();
   giflab_status status = enter(call, with, [&](const giflab_call *table_of_call, void *object) {
      return table().metric->measure(object, table_of_call, images.pairs(), images.size());
   });
   note_seconds(services::processor_seconds() - began + call.seconds_of_helpers());
   std::string text = call.text();
   leave(*lane, status, text);
   if (status == GIFLAB_OK) {
      text = breach_of_scores(call, images.size(), GIFLAB_PER_FRAME);
      if (text.empty())
         return keep_scores(given, positions, call);
      status = GIFLAB_INTERNAL;
   }
   if (failed_on_device(status, text) || status == GIFLAB_CANCELLED)
      return;
   if (positions.size() > 1 && table().scope == GIFLAB_SCOPE_FRAME) {
      for (std::size_t i = 0; i < positions.size(); ++i)
         measure_some(given, positions.subspan(i, 1), with);
      return;
   }
   for (const std::size_t i : positions)
      note_problem(given.pairs[i].number, status, text);
}

// What is wrong with the scores of a call that said GIFLAB_OK; empty if nothing.
std::string metric_run::breach_of_scores(const modules::call_context &call, uint32_t pairs,
                                         uint32_t level) const {
   const auto &outputs = metric_.plugin->outputs;
   for (uint32_t pair = 0; pair < pairs; ++pair)
      for (uint32_t i = 0; i < outputs.size(); ++i) {
         if (outputs[i].level != level || (!wanted_[i] && !call.scored(pair, i)))
            continue;
         if (!call.scored(pair, i))
            return fmt::format("left output {} unscored (rule S13)", outputs[i].id);
         const double value = call.scores()[pair * outputs.size() + i];
         // Rounding may carry a mean a hair over a bound that each of its terms respects.
         const double slack =
             1e-9 * std::max({1.0, std::isinf(outputs[i].lowest) ? 0 : std::abs(outputs[i].lowest),
                              std::isinf(outputs[i].highest) ? 0 : std::abs(outputs[i].highest)});
         if (value < outputs[i].lowest - slack || value > outputs[i].highest + slack)
            return fmt::format("scored {} as {}, outside its own bounds {} to {} (rule S02)", outputs[i].id,
                               value, outputs[i].lowest, outputs[i].highest);
      }
   return {};
}

void metric_run::keep_scores(const batch &given, std::span<const std::size_t> positions,
                             const modules::call_context &call) {
   const std::size_t outputs = metric_.plugin->outputs.size();
   for (std::size_t i = 0; i < positions.size(); ++i)
      scores_.keep(given.pairs[positions[i]].number, call.scores().subspan(i * outputs, outputs));
}

void metric_run::note_seconds(double seconds) {
   std::lock_guard lock(mutex_);
   seconds_ += seconds;
}

void metric_run::note_problem(int64_t pair, giflab_status status, const std::string &text) {
   if (status == GIFLAB_UNSUPPORTED)
      scores_.note_skip(pair, told(status, text));
   else
      scores_.note_failure(pair, told(status, text));
   if (table().scope == GIFLAB_SCOPE_CLIP) // what follows would be measured without what came before
      end_with(status == GIFLAB_UNSUPPORTED ? results::status::skipped : results::status::failed,
               fmt::format("pair {}: {}", pair, told(status, text)));
}

// A call about the clip as a whole; with `scores`, PER_CLIP outputs are scored in it.
void metric_run::call_for_clip(const char *name, const entry &run, bool scores) {
   const instance_pointer with = borrow_instance();
   if (!with)
      return;
   const auto lane = borrow_lane();
   if (!lane)
      return give_up_device(lane.error().text);
   const machine::borrowed_arena arena(*conditions_.on);
   modules::call_context call(services_with(arena, *lane), scores ? 1 : 0, table().output_count, 0);
   call.about({table().id, name});
   giflab_status status = enter(call, *with, run);
   std::string text = call.text();
   leave(*lane, status, text);
   if (status == GIFLAB_OK && scores) {
      text = breach_of_scores(call, 1, GIFLAB_PER_CLIP);
      status = text.empty() ? GIFLAB_OK : GIFLAB_INTERNAL;
      scores_.keep_of_clip(call.scores());
   }
   return_instance(with);
   if (!failed_on_device(status, text) && status != GIFLAB_OK && status != GIFLAB_CANCELLED)
      end_with(status == GIFLAB_UNSUPPORTED ? results::status::skipped : results::status::failed,
               told(status, text));
}

void metric_run::finish(const giflab_comparison &files) {
   scores_.copy_repeated();
   if (has_ended())
      return;
   if (table().scope == GIFLAB_SCOPE_CLIP && begun_)
      call_for_clip(
          "finish", [&](const giflab_call *call, void *object) { return table().metric->finish(object, call); },
          true);
   if (table().scope == GIFLAB_SCOPE_FILE) {
      giflab_comparison shown = files;
      if (table().flags & GIFLAB_FLAG_NO_REFERENCE)
         shown = {nullptr, files.distorted, 0, 0, 0, 0};
      call_for_clip(
          "inspect",
          [&](const giflab_call *call, void *object) { return table().metric->inspect(object, call, &shown); },
          true);
   }
}

// ---- Results

double metric_run::value_of(std::size_t column, int64_t pair) const {
   return scores_.value_of(metric_.columns[column].output, pair);
}

results::metric_value unmeasured(const planned_metric &metric, const planned_metric::column &column) {
   const giflab_output &output = metric.plugin->outputs[column.output];
   results::metric_value value;
   value.id = column.id;
   value.direction = direction_of(output.direction);
   value.unit = output.unit;
   value.pooling = output.level == GIFLAB_PER_FRAME ? modules::pool_name(output.pool) : "";
   value.plugin = metric.plugin->table.id;
   value.version = metric.plugin->table.version;
   value.device = "cpu";
   return value;
}

results::metric_value metric_run::described(const planned_metric::column &column) const {
   results::metric_value value = unmeasured(metric_, column);
   if (memory_ == GIFLAB_MEMORY_CUDA)
      value.device = conditions_.on->device()->name();
   else
      value.device = earlier_device_failure_.empty() ? "cpu" : "cpu, after " + earlier_device_failure_;
   return value;
}

std::vector<results::metric_value> metric_run::values(std::span<const pair_time> times) const {
   std::lock_guard lock(mutex_);
   std::vector<results::metric_value> all;
   for (const planned_metric::column &column : metric_.columns) {
      results::metric_value value = described(column);
      value.seconds = seconds_;
      // Each column has a size of its own.
      const std::string small = too_small(metric_, column, conditions_.clip);
      if (!small.empty() && (!end_ || end_->status == results::status::skipped)) {
         value.status = results::status::skipped;
         value.reason = small;
      } else if (end_) {
         value.status = end_->status;
         value.reason = end_->reason;
      } else {
         scores_.fill(value, column.output, times);
      }
      all.push_back(std::move(value));
   }
   return all;
}

} // namespace giflab::engine
