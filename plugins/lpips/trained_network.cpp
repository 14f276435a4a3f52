#include "trained_network.hpp"

#include "safetensors.hpp"

namespace giflab::lpips {

const training squeeze_training = {
    squeeze,
    {.id = "lpips-squeeze-0.1",
     .sha256 = "8eee338477236adeb53380b1c9e08064d8396fe907fe34815fcb375ad6aca806",
     .origin =
         "https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth and lpips/weights/v0.1/squeeze.pth "
         "of https://github.com/richzhang/PerceptualSimilarity, as one safetensors file",
     .license = "BSD-3-Clause AND BSD-2-Clause",
     .size = 2904448}};

// What merges the two files of PyTorch into one has no hash that anybody could know beforehand.
const training alex_training = {
    alex,
    {.id = "lpips-alex",
     .sha256 = "",
     .origin =
         "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth and lpips/weights/v0.1/alex.pth of "
         "https://github.com/richzhang/PerceptualSimilarity; then giflab models import lpips-alex --trunk "
         "alexnet-owt-7be5be79.pth --heads alex.pth",
     .license = "BSD-3-Clause AND BSD-2-Clause",
     .size = 0}};
const training vgg_training = {
    vgg,
    {.id = "lpips-vgg",
     .sha256 = "",
     .origin = "https://download.pytorch.org/models/vgg16-397923af.pth and lpips/weights/v0.1/vgg.pth of "
               "https://github.com/richzhang/PerceptualSimilarity; then giflab models import lpips-vgg --trunk "
               "vgg16-397923af.pth --heads vgg.pth",
     .license = "BSD-3-Clause AND BSD-2-Clause",
     .size = 0}};

borrowed_model::borrowed_model(const giflab_call &call, const char *id)
    : host_(call.host), models_(static_cast<const giflab_models *>(host_->query(host_, GIFLAB_MODELS))) {
   if (!models_)
      throw failure(GIFLAB_UNSUPPORTED, "this host lends no models (giflab.models/1)");
   if (const auto status = models_->acquire(&call, id, GIFLAB_MEMORY_HOST, &model_); status != GIFLAB_OK)
      throw failure(status, std::string("no weights '") + id + "'");
}

namespace {

struct recipe {
   const trunk &shape;
   const giflab_model &model;
};

network read_network(const recipe &of) {
   const safetensors file({static_cast<const std::byte *>(of.model.data), of.model.size});
   return network(of.shape, [&](const std::string &name, std::span<const int64_t> shape) {
      return file.floats(name, shape);
   });
}

giflab_status make_network(const giflab_call *call, void *of, void **object) noexcept {
   return guarded(call, [&] {
      *object = std::make_unique<network>(read_network(*static_cast<const recipe *>(of))).release();
   });
}
void drop_network(void *object) noexcept { delete static_cast<network *>(object); }

// One network for each copy of the weights: where a file is replaced while networks live, those over the old
// weights and those over the new ones must not be mistaken for each other.
std::string key_of(const char *plugin, const giflab_model &model) {
   return std::string(plugin) + "/" + std::to_string(reinterpret_cast<uintptr_t>(model.data));
}

} // namespace

trained_network::trained_network(const giflab_call &call, const char *plugin, const training &of)
    : host_(call.host), model_(call, of.model.id) {
   recipe made_of = {of.shape, *model_};
   void *object = nullptr;
   if (const auto status = model_.service().get(&call, key_of(plugin, *model_).c_str(), make_network,
                                                drop_network, &made_of, &object);
       status != GIFLAB_OK)
      throw failure(status, "no network");
   network_ = static_cast<network *>(object);
}

} // namespace giflab::lpips
