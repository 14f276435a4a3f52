// LPIPS: how far two pictures are apart in the eyes of a trained classifier.

#include "network.hpp"
#include "safetensors.hpp"

#include <giflab_kernels/images.hpp>

namespace {

using namespace giflab::lpips;

constexpr char model_id[] = "lpips-squeeze-0.1";
constexpr char network_key[] = "org.giflab.lpips/squeeze";

constexpr giflab_model_source models[] = {
    {.id = model_id,
     .sha256 = "8eee338477236adeb53380b1c9e08064d8396fe907fe34815fcb375ad6aca806",
     .origin =
         "https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth and lpips/weights/v0.1/squeeze.pth "
         "of https://github.com/richzhang/PerceptualSimilarity, as one safetensors file",
     .license = "BSD-3-Clause AND BSD-2-Clause",
     .size = 2904448},
};

constexpr giflab_output outputs[] = {
    {.id = "lpips_squeeze",
     .help = "Distance of the features that SqueezeNet 1.1 sees in the two pictures; 0 where nothing differs.",
     .unit = "1",
     .lowest = 0,
     .highest = 11.32, // twice the largest weight of each head, summed
     .identical = 0,
     .tolerance = 1e-6,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

// The weights for as long as this lives.
class borrowed_model {
 public:
   explicit borrowed_model(const giflab_call &call)
       : host_(call.host), models_(static_cast<const giflab_models *>(host_->query(host_, GIFLAB_MODELS))) {
      if (!models_)
         throw giflab::failure(GIFLAB_UNSUPPORTED, "this host lends no models (giflab.models/1)");
      if (const auto status = models_->acquire(&call, model_id, GIFLAB_MEMORY_HOST, &model_);
          status != GIFLAB_OK)
         throw giflab::failure(status, "no weights");
   }
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

network read_network(const giflab_model &model) {
   const safetensors file({static_cast<const std::byte *>(model.data), model.size});
   return network(squeeze, [&](const std::string &name, std::span<const int64_t> shape) {
      return file.floats(name, shape);
   });
}

giflab_status make_network(const giflab_call *call, void *model, void **object) noexcept {
   return giflab::guarded(call, [&] {
      *object = std::make_unique<network>(read_network(*static_cast<const giflab_model *>(model))).release();
   });
}
void drop_network(void *object) noexcept { delete static_cast<network *>(object); }

// The one network of the process. It looks into the weights, so whoever shares it holds them too.
class shared_network {
 public:
   shared_network(const giflab_call &call, const borrowed_model &model)
       : host_(call.host), models_(model.service()) {
      void *object = nullptr;
      if (const auto status = models_.get(&call, network_key, make_network, drop_network,
                                          const_cast<giflab_model *>(&*model), &object);
          status != GIFLAB_OK)
         throw giflab::failure(status, "no network");
      network_ = static_cast<network *>(object);
   }
   ~shared_network() { models_.put(host_, network_); }
   shared_network(const shared_network &) = delete;
   shared_network &operator=(const shared_network &) = delete;

   const network &operator*() const { return *network_; }

 private:
   const giflab_host *host_;
   const giflab_models &models_;
   network *network_ = nullptr;
};

class lpips {
 public:
   lpips(const giflab_call &call, const giflab_setup &setup)
       : choice_(giflab::kernels::arithmetic_of(setup)), model_(call), network_(call, model_) {}

   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
      for (uint32_t i = 0; i < pairs.size(); ++i)
         call.score(&call, i, 0,
                    (*network_).compare(call, *pairs[i].reference, *pairs[i].distorted, choice_).total);
   }

 private:
   arithmetic choice_;
   borrowed_model model_;
   shared_network network_; // goes before the weights do
};

// Whether the weights are here; their hash, which tells them apart from others, is in the table.
giflab_status probe(const giflab_call *call, char *, size_t) noexcept {
   return giflab::guarded(call, [&] { const borrowed_model model(*call); });
}

constexpr const char *needs[] = {GIFLAB_MODELS, nullptr};

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.lpips",
    .label = "LPIPS",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://doi.org/10.1109/CVPR.2018.00068",
    .help = "Learned perceptual image patch similarity 0.1 (Zhang et al. 2018) over SqueezeNet 1.1; needs its "
            "weights.",
    GIFLAB_OUTPUTS(outputs),
    GIFLAB_WEIGHTS(models),
    .needs = needs,
    .inputs = GIFLAB_BIT(GIFLAB_RGB8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_1US,
    .batch = 1,
    .bytes_per_pixel = 128, // of two pictures: 128 floats for each sixteenth pixel, the picture's 3, and strips
    .least_width = 17,
    .least_height = 17,
    .metric = &giflab::frame_metric<lpips>,
    .probe = probe,
    .create = giflab::create<lpips>,
    .destroy = giflab::destroy<lpips>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
