// What the tables promise, of all these metrics alike.

#include "measured.hpp"

#include <memory>

namespace giflab::test {
namespace {

struct built_in {
   std::string module, id;
};
const built_in all[] = {{"alpha", "alpha"},
                        {"banding", "banding"},
                        {"dither", "dither"},
                        {"readings", "spatial_information"},
                        {"readings", "temporal_information"},
                        {"readings", "blockiness"},
                        {"readings", "blur"},
                        {"readings", "noise"},
                        {"structure", "edge_similarity"},
                        {"structure", "texture_similarity"},
                        {"structure", "sharpness_ratio"}};

const giflab_plugin &table_of(const built_in &which) {
   return plugin_of(which.module, "org.giflab." + which.id);
}

bool fits(const giflab_plugin &plugin, size area) {
   return area.width >= plugin.least_width && area.height >= plugin.least_height;
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

template <class Check> void for_every_pair(Check &&check) {
   for (const built_in &which : all) {
      const giflab_plugin &plugin = table_of(which);
      for (const size area : odd_sizes)
         if (fits(plugin, area))
            for (const picture_pair &pair : hard_pairs(area.width, area.height)) {
               INFO(which.id, " ", pair.name, " ", area.width, "x", area.height);
               check(plugin, pair);
            }
   }
}

TEST_CASE("they run on request only, and say where they come from") {
   for (const built_in &which : all)
      CHECK((table_of(which).flags & GIFLAB_FLAG_ON_REQUEST) != 0);
}

TEST_CASE("equal pictures give what the tables call identical, or nothing where nothing is defined") {
   for_every_pair([](const giflab_plugin &plugin, const picture_pair &pair) {
      const fake_image a(pair.distorted, 0, 0xAA), b(pair.distorted, 2, 0x11);
      const values found = measure(plugin, 1, {{&a.image, &b.image}})[0];
      for (uint32_t i = 0; i < plugin.output_count; ++i) {
         const giflab_output &output = plugin.outputs[i];
         const double value = found.at(output.id);
         INFO(output.id);
         CHECK((std::isnan(output.identical) || std::isnan(value) || value == output.identical));
      }
   });
}

TEST_CASE("values lie in range, and neither level nor stride nor padding shows") {
   for_every_pair([](const giflab_plugin &plugin, const picture_pair &pair) {
      const fake_image a(pair.reference, 0, 0), b(pair.distorted, 0, 0);
      const fake_image wide_a(pair.reference, 3, 0xFF), wide_b(pair.distorted, 65, 0x5A);
      const values fast = measure(plugin, 1, {{&a.image, &b.image}})[0];
      const values plain = measure(plugin, 0, {{&wide_a.image, &wide_b.image}})[0];
      for (uint32_t i = 0; i < plugin.output_count; ++i) {
         const giflab_output &output = plugin.outputs[i];
         const double value = fast.at(output.id);
         INFO(output.id);
         CHECK(same(value, plain.at(output.id)));
         CHECK((std::isnan(value) || (value >= output.lowest && value <= output.highest)));
      }
   });
}

TEST_CASE("a batch gives the values of its pairs one by one") {
   for (const built_in &which : all) {
      INFO(which.id);
      const giflab_plugin &plugin = table_of(which);
      std::vector<std::unique_ptr<fake_image>> images;
      std::vector<giflab_pair> pairs;
      for (const picture_pair &pair : hard_pairs(61, 47)) {
         images.push_back(std::make_unique<fake_image>(pair.reference, 0, 1));
         images.push_back(std::make_unique<fake_image>(pair.distorted, 1, 2));
         pairs.push_back({&images[images.size() - 2]->image, &images.back()->image});
      }
      REQUIRE(pairs.size() <= plugin.batch);
      const std::vector<values> together = measure(plugin, 1, pairs);
      for (size_t i = 0; i < pairs.size(); ++i) {
         const values alone = measure(plugin, 1, {pairs[i]})[0];
         for (const auto &[output, value] : alone) {
            INFO(output);
            CHECK(same(together[i].at(output), value));
         }
      }
   }
}

TEST_CASE("a cancelled call says so, at once") {
   const picture_pair pair = natural_pair(61, 47);
   fake_image a(pair.reference, 0, 0), b(pair.distorted, 0, 0);
   a.follow(b), b.follow(a); // so that what changes in time has something to do
   const giflab_pair both = {&a.image, &b.image};
   for (const built_in &which : all) {
      INFO(which.id);
      const giflab_plugin &plugin = table_of(which);
      fake_call call;
      giflab_setup setup = {};
      setup.level = 1;
      void *instance = nullptr;
      REQUIRE(plugin.create(&call.c, &setup, &instance) == GIFLAB_OK);
      call.polls_until_cancelled = 0;
      CHECK(plugin.metric->measure(instance, &call.c, &both, 1) == GIFLAB_CANCELLED);
      CHECK(call.scores.empty());
      plugin.destroy(instance);
   }
}

} // namespace
} // namespace giflab::test
