// The module's plugins in a host that lends generated weights.

#include "fake_host.hpp"
#include "weights.hpp"

#include <doctest/doctest.h>

namespace giflab::test {
namespace {

// The weights of a network as a safetensors file.
std::vector<std::byte> generated_file(const lpips::trunk &shape) {
   std::string header, data;
   generated_weights weights;
   const lpips::network made(shape, [&](const std::string &name, std::span<const int64_t> extents) {
      const std::span<const float> floats = weights(name, extents);
      std::string dimensions;
      for (const int64_t extent : extents)
         dimensions += (dimensions.empty() ? "" : ",") + std::to_string(extent);
      const size_t begin = data.size();
      data.append(reinterpret_cast<const char *>(floats.data()), floats.size_bytes());
      header += (header.empty() ? "{\"" : ",\"") + name + R"(":{"dtype":"F32","shape":[)" + dimensions +
                R"(],"data_offsets":[)" + std::to_string(begin) + "," + std::to_string(data.size()) + "]}";
      return floats;
   });
   header += "}";
   header.resize((header.size() + 7) / 8 * 8, ' ');
   const uint64_t length = header.size();
   std::string file(reinterpret_cast<const char *>(&length), 8);
   file += header + data;
   const auto *bytes = reinterpret_cast<const std::byte *>(file.data());
   return {bytes, bytes + file.size()};
}

// giflab.models/1 over such files. There is one, since its functions have no place for more.
struct lent_models {
   struct object {
      void *made;
      int users;
      void (*drop)(void *);
   };
   std::map<std::string, std::vector<std::byte>> files;
   std::map<std::string, giflab_model> models;
   std::map<std::string, object> objects;
   int held = 0, made = 0;

   static lent_models &only() {
      static lent_models lent;
      return lent;
   }
   void lend(const std::string &id, const lpips::trunk &shape) {
      if (const auto [found, fresh] = files.try_emplace(id); fresh) {
         found->second = generated_file(shape);
         models[id] = {found->second.data(), found->second.size(), "memory"};
      }
   }
   static giflab_status acquire(const giflab_call *, const char *id, uint32_t,
                                const giflab_model **model) noexcept {
      const auto found = only().models.find(id);
      if (found == only().models.end())
         return GIFLAB_IO;
      *model = &found->second;
      ++only().held;
      return GIFLAB_OK;
   }
   static void release(const giflab_host *, const giflab_model *) noexcept { --only().held; }
   static giflab_status get(const giflab_call *call, const char *key,
                            giflab_status (*make)(const giflab_call *, void *, void **) GIFLAB_ENTRY,
                            void (*drop)(void *) GIFLAB_ENTRY, void *user, void **made) noexcept {
      auto &objects = only().objects;
      if (objects.find(key) == objects.end()) {
         void *fresh = nullptr;
         if (const giflab_status status = make(call, user, &fresh); status != GIFLAB_OK)
            return status;
         objects[key] = {fresh, 0, drop};
         ++only().made;
      }
      ++objects[key].users;
      *made = objects[key].made;
      return GIFLAB_OK;
   }
   static void put(const giflab_host *, void *made) noexcept {
      auto &objects = only().objects;
      for (auto one = objects.begin(); one != objects.end(); ++one)
         if (one->second.made == made) {
            if (--one->second.users == 0) {
               one->second.drop(made);
               objects.erase(one);
            }
            return;
         }
   }
};
constexpr giflab_models service = {lent_models::acquire, lent_models::release, lent_models::get,
                                   lent_models::put};

const void *query(const giflab_host *, const char *id) noexcept {
   return std::strcmp(id, GIFLAB_MODELS) == 0 ? &service : nullptr;
}

const giflab_plugin &plugin(const char *id) { return plugin_of("lpips", std::string("org.giflab.") + id); }

// An instance of a plugin with the weights lent.
class instance_of {
 public:
   explicit instance_of(const giflab_plugin &plugin, uint32_t level = 1) : plugin_(plugin) {
      host_.host.query = query;
      giflab_setup setup = {};
      setup.level = level;
      status = plugin.create(&host_.c, &setup, &instance_);
   }
   ~instance_of() {
      if (status == GIFLAB_OK)
         plugin_.destroy(instance_);
   }
   instance_of(const instance_of &) = delete;
   instance_of &operator=(const instance_of &) = delete;

   values measure(const fake_image &reference, const fake_image &distorted) const {
      fake_call call;
      call.host.query = query;
      const giflab_pair pair = {&reference.image, &distorted.image};
      REQUIRE(plugin_.metric->measure(instance_, &call.c, &pair, 1) == GIFLAB_OK);
      REQUIRE(call.scores.size() == plugin_.output_count);
      CHECK_FALSE(call.twice);
      values found;
      for (const auto &[key, value] : call.scores)
         found[plugin_.outputs[key.second].id] = value;
      return found;
   }

   giflab_status status = GIFLAB_INTERNAL;

 private:
   fake_call host_;
   const giflab_plugin &plugin_;
   void *instance_ = nullptr;
};

void lend_squeeze() { lent_models::only().lend("lpips-squeeze-0.1", lpips::squeeze); }

TEST_CASE("every plugin says which weights it lacks, keeps none, and has the trunk's least size") {
   const struct {
      const char *id;
      const lpips::trunk &shape;
   } cases[] = {{"lpips", lpips::squeeze},
                {"lpips_layers", lpips::squeeze},
                {"lpips_temporal", lpips::squeeze},
                {"lpips_alex", lpips::alex},
                {"lpips_vgg", lpips::vgg}};
   lent_models::only().models.clear();
   lent_models::only().files.clear();
   for (const auto &[id, shape] : cases) {
      CAPTURE(id);
      CHECK(instance_of(plugin(id)).status == GIFLAB_IO);
      fake_call call;
      CHECK(plugin(id).probe(&call.c, nullptr, 0) == GIFLAB_UNSUPPORTED); // a host without models
      CHECK(plugin(id).least_width == lpips::least_extent(shape));
      CHECK(plugin(id).least_height == lpips::least_extent(shape));
      CHECK(plugin(id).flags == GIFLAB_FLAG_ON_REQUEST);
   }
   CHECK(lent_models::only().held == 0);
}

TEST_CASE(
    "the layers are what the distance is the sum of; instances of a plugin share a network, plugins do not") {
   lend_squeeze();
   const int made = lent_models::only().made;
   const picture_pair pair = natural_pair(70, 50);
   const fake_image a(pair.reference, 0, 0xAA), b(pair.distorted, 1, 0x55);
   {
      const instance_of whole(plugin("lpips")), layers(plugin("lpips_layers")), more(plugin("lpips_layers"));
      CHECK(lent_models::only().made == made + 2);
      for (const auto &[key, object] : lent_models::only().objects)
         CHECK((key.starts_with("org.giflab.lpips/") || key.starts_with("org.giflab.lpips_layers/")));
      const double total = whole.measure(a, b)["lpips_squeeze"];
      double sum = 0;
      for (const auto &[id, value] : layers.measure(a, b)) {
         CHECK(value > 0);
         sum += value;
      }
      CHECK(sum == doctest::Approx(total).epsilon(1e-14));
      for (const auto &[id, value] : layers.measure(a, a))
         CHECK(value == 0);
   }
   CHECK(lent_models::only().held == 0);
   CHECK(lent_models::only().objects.empty());
}

TEST_CASE("AlexNet and VGG16 see nothing in equal pictures and more in more damage") {
   auto &lent = lent_models::only();
   lent.lend("lpips-alex", lpips::alex);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
   lent.lend("lpips-vgg", lpips::vgg);
#endif
   const picture reference = natural_pair(40, 35).reference;
   const fake_image a(reference, 0, 0xAA), little(noisy(reference, 5), 0, 0x55),
       much(noisy(reference, 90), 1, 0x55);
   for (const char *id : {"lpips_alex", "lpips_vgg"}) {
      CAPTURE(id);
      if (!lent.models.count(id == std::string("lpips_alex") ? "lpips-alex" : "lpips-vgg"))
         continue;
      const instance_of made(plugin(id));
      REQUIRE(made.status == GIFLAB_OK);
      CHECK(made.measure(a, a)[id] == 0);
      const double less = made.measure(a, little)[id], more = made.measure(a, much)[id];
      CHECK(less > 0);
      CHECK(more > less);
      CHECK(made.measure(little, a)[id] == less);
   }
}

// ---- In time

TEST_CASE("the first pair has no picture before it, and so no value") {
   lend_squeeze();
   const picture_pair pair = natural_pair(40, 30);
   const fake_image a(pair.reference, 0, 0xAA), b(pair.distorted, 0, 0x55);
   for (const auto &[id, value] : instance_of(plugin("lpips_temporal")).measure(a, b))
      CHECK(std::isnan(value));
}

TEST_CASE("change in time is the distance to the picture before, on both sides, at both levels") {
   lend_squeeze();
   const picture still = natural_pair(40, 30).reference, moved = noisy(still, 12),
                 flickering = noisy(still, 60);
   fake_image reference_before(still, 0, 0xAA), reference(moved, 0, 0xAA);
   fake_image distorted_before(noisy(still, 3), 0, 0x55), distorted(flickering, 1, 0x55);
   reference.follow(reference_before);
   distorted.follow(distorted_before);
   for (const uint32_t level : {0u, 1u}) {
      const instance_of in_time(plugin("lpips_temporal"), level), distance(plugin("lpips"), level);
      values found = in_time.measure(reference, distorted);
      CHECK(found["lpips_t_reference"] == distance.measure(reference_before, reference)["lpips_squeeze"]);
      CHECK(found["lpips_t_distorted"] == distance.measure(distorted_before, distorted)["lpips_squeeze"]);
      CHECK(found["lpips_t_change"] == found["lpips_t_distorted"] - found["lpips_t_reference"]);
      CHECK(found["lpips_t_change"] > 0);
      // Changing sides changes the sign: an encoding that moves less than its original.
      CHECK(in_time.measure(distorted, reference)["lpips_t_change"] == -found["lpips_t_change"]);
      // The original's own motion is not the encoder's.
      values faithful = in_time.measure(reference, reference);
      CHECK(faithful["lpips_t_change"] == 0);
      CHECK(faithful["lpips_t_distorted"] == found["lpips_t_reference"]);
   }
}

TEST_CASE("a picture that is held has moved by nothing, and equal pictures of other contents too") {
   lend_squeeze();
   const picture_pair pair = natural_pair(33, 29);
   fake_image before(pair.reference, 0, 0xAA), held(pair.reference, 0, 0xAA), again(pair.reference, 1, 0xAA);
   fake_image other(pair.distorted, 0, 0x55), moving(noisy(pair.distorted, 9), 0, 0x55);
   held.follow(before, true);
   again.follow(before);
   moving.follow(other);
   const instance_of in_time(plugin("lpips_temporal"));
   for (const fake_image *still : {&held, &again}) {
      values found = in_time.measure(*still, moving);
      CHECK(found["lpips_t_reference"] == 0);
      CHECK(found["lpips_t_distorted"] > 0);
      CHECK(found["lpips_t_change"] == found["lpips_t_distorted"]);
   }
}

TEST_CASE("a comparison in time takes its call's progress from 0 to 1 without going back") {
   lend_squeeze();
   const picture_pair pair = natural_pair(40, 30);
   fake_image before(pair.reference, 0, 0xAA), now(pair.distorted, 0, 0x55),
       after(noisy(pair.distorted, 20), 0, 0x55);
   now.follow(before);
   after.follow(now);
   static double latest;
   latest = 0;
   fake_call call;
   call.host.query = query;
   call.c.progress = [](const giflab_call *, double fraction) noexcept {
      CHECK(fraction >= latest);
      CHECK(fraction <= 1);
      latest = fraction;
   };
   giflab_setup setup = {};
   setup.level = 1;
   void *instance = nullptr;
   const giflab_plugin &made = plugin("lpips_temporal");
   REQUIRE(made.create(&call.c, &setup, &instance) == GIFLAB_OK);
   const giflab_pair one = {&now.image, &after.image};
   CHECK(made.metric->measure(instance, &call.c, &one, 1) == GIFLAB_OK);
   made.destroy(instance);
   CHECK(latest == 1);
}

} // namespace
} // namespace giflab::test
