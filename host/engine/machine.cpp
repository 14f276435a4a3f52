#include "engine/machine.hpp"

#include "engine/kept_originals.hpp"
#include "engine/result_cache.hpp"

#include <algorithm>

namespace giflab::engine {

namespace {

// Of pictures of other sizes than those in use.
constexpr std::size_t idle_pixel_bytes = std::size_t{32} << 20;

// What plugins keep for themselves from call to call.
constexpr std::size_t most_blob_bytes = std::size_t{64} << 20;

// A limit that was set counts first, then that of the control group.
std::optional<machine::memory_bound> bound_of(const memory_share &share) {
   const std::size_t held = services::resident_bytes();
   const services::memory_reading group = services::control_group_memory();
   if (share.limit && (!group.limit || share.own() <= group.limit))
      return machine::memory_bound{share, held, "GIFLAB_MAX_MEMORY_MB"};
   if (group.limit)
      return machine::memory_bound{{group.limit}, std::max(held, group.used), "the control group"};
   return std::nullopt;
}

// Work as planned stays below the level at which things are thrown away.
std::size_t promised_at_most(const std::optional<machine::memory_bound> &bound) {
   const services::memory_reading all = services::machine_memory();
   const double limit = static_cast<double>(bound ? bound->share.own() : all.limit);
   const double held = static_cast<double>(bound ? bound->held : all.used);
   return static_cast<std::size_t>(std::max(1.0, services::critical_share * limit - held));
}

} // namespace

machine::machine(std::size_t threads, const services::cancellation &cancelled, lending lent)
    : cancelled_(&cancelled), bound_(bound_of(lent.memory)), governor_(lent.memory.own()),
      promises_(promised_at_most(bound_)), pixels_(idle_pixel_bytes),
      originals_(std::make_unique<original_store>(
          lent.memory_mapping ? original_store::file_maker([this] { return files_.open_unnamed(); })
                              : nullptr)),
      device_(std::move(lent.device)), results_(std::move(lent.results)), blobs_(most_blob_bytes),
      programs_(std::move(lent.programs)), files_(std::move(lent.temporary_folder)),
      models_(std::move(lent.model_folders), std::move(lent.model_caching)), threads_(threads),
      relief_(governor_.ask([this](services::memory_level level) { return let_go(level); })) {}

// Originals, idle pictures and half of what plugins keep first, then scratch memory that nobody uses, models
// that nobody holds and all that plugins keep.
std::size_t machine::let_go(services::memory_level level) {
   originals_->let_go(); // what they hold becomes idle
   std::size_t freed = pixels_.drop_idle();
   freed += blobs_.shrink_to(level == services::memory_level::warning ? blobs_.bytes() / 2 : 0);
   if (level == services::memory_level::warning)
      return freed;
   std::vector<std::unique_ptr<services::arena>> idle;
   {
      std::lock_guard lock(mutex_);
      idle.swap(arenas_);
   }
   for (const auto &one : idle)
      freed += one->reserved_bytes();
   return freed + models_.drop_idle();
}

machine::~machine() = default;

modules::borrowed_services machine::lent_to(const modules::plugin &caller) {
   models_.drop_expired(); // every call comes by here
   modules::borrowed_services lent;
   lent.cancelled = cancelled_;
   lent.models = &models_;
   lent.files = &files_;
   lent.memory = &governor_;
   lent.blobs = &blobs_;
   lent.programs = &programs_;
   lent.caller = &caller;
   lent.profile = profile_;
   return lent;
}

double machine::spent_beside_device() const {
   std::lock_guard lock(mutex_);
   return spent_beside_device_;
}

void machine::spend_beside_device(double seconds) {
   std::lock_guard lock(mutex_);
   spent_beside_device_ += seconds;
}

result<machine::borrowed_lane> machine::borrow_lane() {
   auto opened = device_->get();
   if (!opened)
      return tl::unexpected(opened.error());
   std::unique_ptr<device::lane> lane;
   {
      std::lock_guard lock(mutex_);
      if (!lanes_.empty()) {
         lane = std::move(lanes_.back());
         lanes_.pop_back();
      }
   }
   if (!lane) {
      auto made = (*opened)->open_lane();
      if (!made)
         return tl::unexpected(made.error());
      lane = std::move(*made);
   }
   lane->enter();
   return borrowed_lane(*this, std::move(lane));
}

machine::borrowed_lane::~borrowed_lane() {
   if (!lane_)
      return;
   std::lock_guard lock(owner_->mutex_);
   owner_->lanes_.push_back(std::move(lane_));
}

machine::borrowed_arena::borrowed_arena(machine &owner) : owner_(owner) {
   std::lock_guard lock(owner_.mutex_);
   if (owner_.arenas_.empty()) {
      arena_ = std::make_unique<services::arena>();
      return;
   }
   arena_ = std::move(owner_.arenas_.back());
   owner_.arenas_.pop_back();
}

machine::borrowed_arena::~borrowed_arena() {
   std::lock_guard lock(owner_.mutex_);
   owner_.arenas_.push_back(std::move(arena_));
}

} // namespace giflab::engine
