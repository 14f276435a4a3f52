#include "engine/machine.hpp"

#include "engine/kept_originals.hpp"

namespace giflab::engine {

namespace {

constexpr std::size_t idle_pixel_bytes = std::size_t{256} << 20;

} // namespace

machine::machine(std::size_t threads, const services::cancellation &cancelled, lending lent)
    : cancelled_(&cancelled), pixels_(idle_pixel_bytes), originals_(std::make_unique<original_store>()),
      device_(std::move(lent.device)), programs_(std::move(lent.programs)),
      models_(std::move(lent.model_folders), std::move(lent.model_caching)), threads_(threads) {}

machine::~machine() = default;

modules::borrowed_services machine::lent_to(const modules::plugin &caller) {
   models_.drop_expired(); // every call comes by here
   modules::borrowed_services lent;
   lent.cancelled = cancelled_;
   lent.models = &models_;
   lent.files = &files_;
   lent.programs = &programs_;
   lent.caller = &caller;
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
