// Each built-in module through the ABI: what its tables promise is what it does.

#include "fake_host.hpp"
#include "module_checks.hpp"

#include <doctest/doctest.h>

namespace giflab::test {
namespace {

struct built_in {
   std::string module, id;
};
const built_in frame_metrics[] = {{"error", "org.giflab.error"},
                                  {"error", "org.giflab.psnr_y"},
                                  {"ssim", "org.giflab.ssim"},
                                  {"gmsd", "org.giflab.gmsd"},
                                  {"ciede2000", "org.giflab.ciede2000"},
                                  {"histogram", "org.giflab.histogram"},
                                  {"ssimulacra2", "org.giflab.ssimulacra2"}};

bool fits(const giflab_plugin &plugin, size area) {
   return area.width >= plugin.least_width && area.height >= plugin.least_height;
}

// Odd ones, and two that MS-SSIM has a value for.
std::vector<size> sizes_for(const giflab_plugin &plugin) {
   std::vector<size> sizes = {{176, 176}, {301, 223}};
   for (const size area : odd_sizes)
      if (fits(plugin, area))
         sizes.push_back(area);
   return sizes;
}

// Some need larger pictures than others.
std::vector<const giflab_output *> scored(const giflab_plugin &plugin, const values &found) {
   std::vector<const giflab_output *> outputs;
   for (uint32_t i = 0; i < plugin.output_count; ++i)
      if (found.contains(plugin.outputs[i].id))
         outputs.push_back(&plugin.outputs[i]);
   return outputs;
}

void check_ranges(const giflab_plugin &plugin, const values &found) {
   for (const giflab_output *output : scored(plugin, found)) {
      INFO(output->id);
      const double value = found.at(output->id);
      CHECK((std::isnan(value) || (value >= output->lowest && value <= output->highest)));
   }
}

void check_levels_agree(const giflab_plugin &plugin, const values &plain, const values &fast) {
   for (const giflab_output *each : scored(plugin, plain)) {
      const giflab_output &output = *each;
      INFO(output.id);
      const double a = plain.at(output.id), b = fast.at(output.id);
      if (std::isnan(a) || std::isinf(a) || output.tolerance == 0)
         CHECK((a == b || (std::isnan(a) && std::isnan(b))));
      else
         CHECK(std::fabs(a - b) <= std::max(output.tolerance, 1e-6 * std::fabs(a)));
   }
}

TEST_CASE("equal pictures give what the tables call identical") {
   for (const auto &[module, id] : frame_metrics) {
      const giflab_plugin &plugin = plugin_of(module, id);
      for (const size area : sizes_for(plugin))
         for (const picture_pair &pair : hard_pairs(area.width, area.height))
            for (const uint32_t level : {0u, 1u}) {
               if (level == 0 && area.width * area.height > 12000)
                  continue; // slow, and the smaller ones say it all
               INFO(id, " ", pair.name, " ", area.width, "x", area.height, " level ", level);
               const fake_image a(pair.distorted, 0, 0xAA), b(pair.distorted, 2, 0x11);
               const values found = measure(plugin, level, {{&a.image, &b.image}})[0];
               for (const giflab_output *output : scored(plugin, found))
                  CHECK(found.at(output->id) == output->identical);
            }
   }
}

TEST_CASE("values lie in range, levels agree, and strides and padding do not show") {
   for (const auto &[module, id] : frame_metrics) {
      const giflab_plugin &plugin = plugin_of(module, id);
      for (const size area : sizes_for(plugin))
         for (const picture_pair &pair : hard_pairs(area.width, area.height)) {
            INFO(id, " ", pair.name, " ", area.width, "x", area.height);
            const fake_image a(pair.reference, 0, 0), b(pair.distorted, 0, 0);
            const fake_image wide_a(pair.reference, 3, 0xFF), wide_b(pair.distorted, 65, 0x5A);
            const values fast = measure(plugin, 1, {{&a.image, &b.image}})[0];
            CHECK(same_bits(fast, measure(plugin, 1, {{&wide_a.image, &wide_b.image}})[0]));
            check_ranges(plugin, fast);
            if (area.width * area.height <= 32000)
               check_levels_agree(plugin, measure(plugin, 0, {{&wide_a.image, &wide_b.image}})[0], fast);
         }
   }
}

TEST_CASE("a batch gives the bits of its pairs one by one") {
   for (const auto &[module, id] : frame_metrics) {
      INFO(id);
      const giflab_plugin &plugin = plugin_of(module, id);
      std::vector<std::unique_ptr<fake_image>> images;
      std::vector<giflab_pair> pairs;
      for (const picture_pair &pair : hard_pairs(181, 177)) {
         images.push_back(std::make_unique<fake_image>(pair.reference, 0, 1));
         images.push_back(std::make_unique<fake_image>(pair.distorted, 1, 2));
         pairs.push_back({&images[images.size() - 2]->image, &images.back()->image});
      }
      REQUIRE(pairs.size() <= plugin.batch);
      const std::vector<values> together = measure(plugin, 1, pairs);
      for (size_t i = 0; i < pairs.size(); ++i)
         CHECK(same_bits(together[i], measure(plugin, 1, {pairs[i]})[0]));
   }
}

TEST_CASE("palettes give the bits of pixels") {
   const giflab_plugin &plugin = plugin_of("ciede2000", "org.giflab.ciede2000");
   const auto few = [](uint64_t seed, int colours) {
      return [=](int32_t x, int32_t y, int32_t c) {
         return noise(seed + 20, noise(seed, y / 2 * 311 + x / 3) % colours * 3 + c);
      };
   };
   const picture_pair pair = pair_of("few colours", 311, 270, few(1, 200), few(2, 7));
   fake_image a(pair.reference, 0, 3), b(pair.distorted, 0, 4);
   REQUIRE(a.has(GIFLAB_INDEX8));
   REQUIRE(b.has(GIFLAB_INDEX8));
   const values by_index = measure(plugin, 1, {{&a.image, &b.image}})[0];
   a.hide(GIFLAB_INDEX8);
   CHECK(same_bits(by_index, measure(plugin, 1, {{&a.image, &b.image}})[0]));
   check_levels_agree(plugin, measure(plugin, 0, {{&a.image, &b.image}})[0], by_index);
}

TEST_CASE("a cancelled call says so, at once") {
   const picture_pair pair = natural_pair(301, 223);
   const fake_image a(pair.reference, 0, 0), b(pair.distorted, 0, 0);
   const giflab_pair both = {&a.image, &b.image};
   for (const auto &[module, id] : frame_metrics)
      for (const uint32_t level : {0u, 1u}) {
         INFO(id, " level ", level);
         const giflab_plugin &plugin = plugin_of(module, id);
         const std::vector<giflab_value> chosen = default_values(plugin);
         fake_call call;
         giflab_setup setup = {};
         setup.level = level;
         setup.values = chosen.data();
         void *instance = nullptr;
         REQUIRE(plugin.create(&call.c, &setup, &instance) == GIFLAB_OK);
         call.polls_until_cancelled = 0;
         CHECK(plugin.metric->measure(instance, &call.c, &both, 1) == GIFLAB_CANCELLED);
         CHECK(call.scores.empty());
         plugin.destroy(instance);
      }
}

TEST_CASE("a histogram without variance correlates fully with its equal and not at all with another") {
   const giflab_plugin &plugin = plugin_of("histogram", "org.giflab.histogram");
   const auto level = [](int32_t x, int32_t, int32_t) { return x % 32 * 8; }; // each bin as often as the others
   const auto flat = [](int32_t, int32_t, int32_t) { return 100; };
   const picture_pair equal = pair_of("level", 64, 8, level, level),
                      other = pair_of("other", 64, 8, level, flat);
   for (const uint32_t optimisation : {0u, 1u}) {
      const fake_image a(equal.reference, 0, 0), b(equal.distorted, 0, 0), c(other.distorted, 0, 0);
      CHECK(measure(plugin, optimisation, {{&a.image, &b.image}})[0].at("histogram_correlation") == 1);
      CHECK(std::isnan(measure(plugin, optimisation, {{&a.image, &c.image}})[0].at("histogram_correlation")));
   }
}

// ---- Files

values inspect(const giflab_plugin &plugin, const giflab_comparison &comparison) {
   fake_call call;
   giflab_setup setup = {};
   void *instance = nullptr;
   REQUIRE(plugin.create(&call.c, &setup, &instance) == GIFLAB_OK);
   REQUIRE(plugin.metric->inspect(instance, &call.c, &comparison) == GIFLAB_OK);
   plugin.destroy(instance);
   CHECK(!call.twice);
   values found;
   for (const auto &[key, value] : call.scores)
      found[plugin.outputs[key.second].id] = value;
   CHECK(found.size() == plugin.output_count);
   return found;
}

TEST_CASE("file size tells the ratio and KiB, and no ratio to an empty file") {
   const giflab_plugin &plugin = plugin_of("file_size", "org.giflab.file_size");
   giflab_file reference = {}, distorted = {};
   reference.bytes = 4096;
   distorted.bytes = 1536;
   const values found = inspect(plugin, {&reference, &distorted, 0, 0, 0, 0});
   CHECK(found.at("compression_ratio") == doctest::Approx(4096.0 / 1536));
   CHECK(found.at("kilobytes") == 1.5);
   CHECK(inspect(plugin, {&reference, &reference, 0, 0, 0, 0}).at("compression_ratio") == 1);
   distorted.bytes = 0;
   CHECK(std::isnan(inspect(plugin, {&reference, &distorted, 0, 0, 0, 0}).at("compression_ratio")));
}

TEST_CASE("timing passes on what the alignment found, and compares showing times") {
   const giflab_plugin &plugin = plugin_of("timing", "org.giflab.timing");
   const giflab_showing long_one[] = {{0, 100000, 1}, {100000, 50000, 2}}, short_one[] = {{0, 100000, 1}};
   giflab_file reference = {}, distorted = {};
   reference.showings = long_one;
   reference.showing_count = 2;
   distorted.showings = short_one;
   distorted.showing_count = 1;
   const values found = inspect(plugin, {&reference, &distorted, 1, 2, 3, 4500});
   CHECK(found.at("duration_difference_ms") == 50);
   CHECK(found.at("max_drift_ms") == 4.5);
   CHECK(found.at("frames_dropped") == 1);
   CHECK(found.at("frames_duplicated") == 2);
   CHECK(found.at("frames_reordered") == 3);
   for (const auto &[name, value] : inspect(plugin, {&reference, &reference, 0, 0, 0, 0}))
      CHECK(value == 0);
}

} // namespace
} // namespace giflab::test
