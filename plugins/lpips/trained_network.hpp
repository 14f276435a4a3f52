#pragma once
// Networks with trained weights, each made once a process and shared by all instances of a plugin.

#include "network.hpp"

#include <optional>

namespace giflab::lpips {

// A trunk and the model that holds its weights and heads.
struct training {
   const trunk &shape;
   giflab_model_source model;
};
extern const training squeeze_training, alex_training, vgg_training;

// The weights, for as long as this lives.
class borrowed_model {
 public:
   // Throws giflab::failure where the host has none.
   borrowed_model(const giflab_call &call, const char *id);
   ~borrowed_model() { models_->release(host_, model_); }
   borrowed_model(const borrowed_model &) = delete;
   borrowed_model &operator=(const borrowed_model &) = delete;

   const giflab_models &service() const { return *models_; }
   const giflab_model &operator*() const { return *model_; }

 private:
   const giflab_host *host_;
   const giflab_models *models_;
   const giflab_model *model_ = nullptr;
};

// The network over these weights, for as long as this lives. [any thread]
class trained_network {
 public:
   // `plugin` is the id of the plugin that asks: hosts let plugins share nothing with each other. Throws
   // giflab::failure where the weights are missing or are not what the trunk needs.
   trained_network(const giflab_call &call, const char *plugin, const training &of);
   ~trained_network() { model_.service().put(host_, network_); }
   trained_network(const trained_network &) = delete;
   trained_network &operator=(const trained_network &) = delete;

   const network &operator*() const { return *network_; }

 private:
   const giflab_host *host_;
   borrowed_model model_; // the network looks into it
   network *network_ = nullptr;
};

// For giflab_plugin.probe: whether the weights are here. Their hash, which tells them apart from others, is in
// the table or was pinned when they were imported.
template <const training &Of> giflab_status probe(const giflab_call *call, char *, size_t) noexcept {
   return guarded(call, [&] { const borrowed_model model(*call, Of.model.id); });
}

} // namespace giflab::lpips
