// A toy with the shape of a learned metric: a bank of 3x3 filters, each cut off below by a bias as a neuron is,
// and the weighted distance of what the two pictures make of them. The weights were written down by hand, not
// learned: its values mean nothing. What they do show is how a metric gets its weights.
//
// It shows: giflab.models/1. The table names the model, its size and its SHA-256; whoever runs the metric
// installs the file; the host verifies it. `acquire` lends the bytes, `get` keeps one network that is parsed
// once and shared by all instances, `put` and `release` give both back. The service stands in `needs`.

#include <giflab/plugin.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

namespace {

constexpr char model_id[] = "texture-toy-1";

constexpr giflab_model_source models[] = {
    {.id = model_id,
     .sha256 = "8cae0dbb88efdfee76c94f7e6b8a38ed03bd28ff942421e657b8dc8093d29234",
     .origin = "file texture-toy-1.model, beside the source of this plugin",
     .license = "MIT",
     .size = 339},
};

constexpr giflab_output outputs[] = {
    {.id = "toy_texture",
     .help = "Distance of the two pictures' textures as a toy network sees them; an example, not a measure.",
     .unit = "1",
     .lowest = 0,
     .highest = 1,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

// ---- The network

struct neuron {
   std::array<float, 9> filter; // its positive taps add up to at most 1, and so no answer is above 1
   float bias;
   double weight;

   float answer(const std::array<float, 9> &pixels) const {
      float sum = bias;
      for (size_t i = 0; i < pixels.size(); ++i)
         sum += filter[i] * pixels[i];
      return std::max(sum, 0.0f);
   }
};

struct network {
   std::vector<neuron> neurons;
   double weights = 0; // in all
};

// Reads the model's words one by one. All its numbers are thousandths, so that no locale can misread them.
class model_text {
 public:
   explicit model_text(const giflab_model &model) : rest_(static_cast<const char *>(model.data), model.size) {}

   void expect(std::string_view word) {
      if (next() != word)
         fail();
   }
   int number() {
      const std::string_view word = next();
      int value = 0;
      if (std::from_chars(word.data(), word.data() + word.size(), value).ptr != word.data() + word.size() ||
          word.empty())
         fail();
      return value;
   }
   float thousandths() { return static_cast<float>(number()) / 1000; }

 private:
   std::string_view next() {
      rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size()));
      const std::string_view word = rest_.substr(0, rest_.find_first_of(" \n"));
      rest_.remove_prefix(word.size());
      return word;
   }
   [[noreturn]] static void fail() { throw giflab::failure(GIFLAB_IO, "the model is no giflab-toy-texture 1"); }

   std::string_view rest_;
};

network parse(const giflab_model &model) {
   model_text text(model);
   network made;
   text.expect("giflab-toy-texture");
   text.expect("1");
   text.expect("filters");
   made.neurons.resize(static_cast<size_t>(std::clamp(text.number(), 0, 64)));
   for (neuron &one : made.neurons) {
      for (float &tap : one.filter)
         tap = text.thousandths();
      text.expect("bias");
      one.bias = text.thousandths();
      text.expect("weight");
      one.weight = text.number();
      made.weights += one.weight;
   }
   return made;
}

giflab_status make_network(const giflab_call *call, void *model, void **object) noexcept {
   return giflab::guarded(call,
                          [&] { *object = new network(parse(*static_cast<const giflab_model *>(model))); });
}
void drop_network(void *object) noexcept { delete static_cast<network *>(object); }

// ---- The metric

// The pixels around (x, y); the picture's edge repeats.
struct neighbours {
   std::array<const float *, 3> rows;
   int32_t last; // column

   neighbours(const giflab_plane &plane, int32_t y, int32_t width, int32_t height)
       : rows{giflab::row<float>(plane, std::max(y - 1, 0)), giflab::row<float>(plane, y),
              giflab::row<float>(plane, std::min(y + 1, height - 1))},
         last(width - 1) {}

   std::array<float, 9> of(int32_t x) const {
      const int32_t left = std::max(x - 1, 0), right = std::min(x + 1, last);
      return {rows[0][left],  rows[0][x],    rows[0][right], rows[1][left], rows[1][x],
              rows[1][right], rows[2][left], rows[2][x],     rows[2][right]};
   }
};

// The model for as long as this lives.
class borrowed_model {
 public:
   explicit borrowed_model(const giflab_call &call)
       : host_(call.host), models_(static_cast<const giflab_models *>(host_->query(host_, GIFLAB_MODELS))) {
      if (!models_)
         throw giflab::failure(GIFLAB_UNSUPPORTED, "this host has no giflab.models/1");
      if (const auto status = models_->acquire(&call, model_id, GIFLAB_MEMORY_HOST, &model_);
          status != GIFLAB_OK)
         throw giflab::failure(status, "no weights");
   }
   ~borrowed_model() { models_->release(host_, model_); }
   borrowed_model(const borrowed_model &) = delete;
   borrowed_model &operator=(const borrowed_model &) = delete;

   const giflab_models &service() const { return *models_; }
   // As the user pointer of a callback.
   void *data() const { return const_cast<giflab_model *>(model_); }

 private:
   const giflab_host *host_;
   const giflab_models *models_;
   const giflab_model *model_ = nullptr;
};

class toy_texture {
 public:
   toy_texture(const giflab_call &call, const giflab_setup &) : host_(call.host) {
      const borrowed_model model(call);
      models_ = &model.service();
      void *object = nullptr;
      if (const auto status = models_->get(&call, "org.example.toy_texture/network", make_network, drop_network,
                                           model.data(), &object);
          status != GIFLAB_OK)
         throw giflab::failure(status, "no network");
      network_ = static_cast<network *>(object);
   }
   ~toy_texture() { models_->put(host_, network_); }
   toy_texture(const toy_texture &) = delete;
   toy_texture &operator=(const toy_texture &) = delete;

   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
      for (uint32_t i = 0; i < pairs.size(); ++i)
         call.score(&call, i, 0, distance(call, pairs[i]));
   }

 private:
   double distance(const giflab_call &call, const giflab_pair &pair) const {
      const int32_t width = pair.distorted->width, height = pair.distorted->height;
      double sum = 0;
      for (int32_t y = 0; y < height; ++y) {
         giflab::stop_if_cancelled(call);
         const neighbours a(giflab::plane(*pair.reference, GIFLAB_LUMA_F32), y, width, height);
         const neighbours b(giflab::plane(*pair.distorted, GIFLAB_LUMA_F32), y, width, height);
         for (int32_t x = 0; x < width; ++x)
            sum += distance(a.of(x), b.of(x));
      }
      const double most = network_->weights * width * height;
      return most > 0 ? std::sqrt(std::min(sum / most, 1.0)) : 0;
   }

   double distance(const std::array<float, 9> &a, const std::array<float, 9> &b) const {
      double sum = 0;
      for (const neuron &one : network_->neurons) {
         const double difference = double{one.answer(a)} - double{one.answer(b)};
         sum += one.weight * difference * difference;
      }
      return sum;
   }

   const giflab_host *host_;
   const giflab_models *models_ = nullptr;
   network *network_ = nullptr; // shared with the other instances
};

// Whether the weights are here; their hash, which tells them apart from others, is in the table.
giflab_status probe(const giflab_call *call, char *, size_t) noexcept {
   return giflab::guarded(call, [&] { const borrowed_model model(*call); });
}

constexpr const char *needs[] = {GIFLAB_MODELS, nullptr};
constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.example.toy_texture",
    .label = "Toy texture",
    .version = "1",
    .vendor = "example",
    .license = "MIT",
    .help = "A toy with the shape of a learned metric: its weights were made up, and its values mean nothing.",
    GIFLAB_OUTPUTS(outputs),
    GIFLAB_WEIGHTS(models),
    .needs = needs,
    .inputs = GIFLAB_BIT(GIFLAB_LUMA_F32),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_100NS,
    .batch = 8,
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::frame_metric<toy_texture>,
    .probe = probe,
    .create = giflab::create<toy_texture>,
    .destroy = giflab::destroy<toy_texture>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "example");
