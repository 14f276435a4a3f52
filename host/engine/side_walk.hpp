#pragma once
// One side of a comparison as it walks along its pictures.

#include "engine/batch.hpp"
#include "engine/compare.hpp"
#include "engine/kept_originals.hpp"

namespace giflab::engine {

// Called by the thread that feeds the metrics.
class side_walk {
 public:
   // Options and machine outlive it. `kept`: forms that are there already, and where new ones go; null if none
   // are kept.
   side_walk(const comparison_options &options, machine &on, std::shared_ptr<kept_forms> kept = nullptr)
       : options_(options), on_(on), kept_(std::move(kept)) {}

   // Are pictures wanted on the device from now on?
   void go_to_device(bool wanted);
   const std::shared_ptr<device::picture_forms> &last_on_device() const { return on_device_; }

   // The next picture of this side; the same one again while it is held.
   batch_side step(const media::picture_pointer &picture);

 private:
   std::shared_ptr<shared_forms> forms_for(const media::picture_pointer &picture) const;
   bool follows(const media::picture &picture) const;
   media::rectangle changed_in(const media::picture &picture) const;

   const comparison_options &options_;
   machine &on_;
   std::shared_ptr<kept_forms> kept_;
   media::picture_pointer last_;
   std::shared_ptr<shared_forms> forms_;
   bool to_device_ = false;
   std::shared_ptr<device::picture_forms> on_device_;
};

} // namespace giflab::engine
