#include "checks.hpp"

#include "device.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace giflab::gpu_check {
namespace {

using test::values;

constexpr const char *modules[] = {"error", "ssim", "gmsd", "histogram", "ciede2000"};

// Bits on the device do not depend on what lies beside the pixels.
constexpr uint8_t poisons[] = {0xA5, 0x00};

struct image_pair {
   test::fake_image host_reference, host_distorted;
   device_image reference, distorted;

   image_pair(const test::picture_pair &source, size_t spare, uint8_t poison)
       : host_reference(source.reference, spare, poison), host_distorted(source.distorted, spare, poison),
         reference(host_reference, poison), distorted(host_distorted, poison) {}
   giflab_pair on_host() const { return {&host_reference.image, &host_distorted.image}; }
   giflab_pair on_device() const { return {&reference.image, &distorted.image}; }
   bool intact() const { return reference.intact() && distorted.intact(); }
};

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

class plugin_check {
 public:
   plugin_check(const giflab_plugin &plugin, check_report &report) : plugin_(plugin), report_(report) {
      for (uint32_t i = 0; i < plugin.output_count; ++i)
         outputs_.push_back({plugin.outputs[i].id, 0, plugin.outputs[i].tolerance, 0});
   }
   ~plugin_check() { report_.outputs.insert(report_.outputs.end(), outputs_.begin(), outputs_.end()); }

   // Against level 0, and twice on the device among different neighbours in memory.
   void compare(const test::picture_pair &source) {
      if (source.reference.width < plugin_.least_width || source.reference.height < plugin_.least_height)
         return;
      std::vector<values> found;
      for (const uint8_t poison : poisons) {
         const image_pair pair(source, poison == 0 ? 0 : 3, poison);
         found.push_back(measure_on_device(plugin_, {pair.on_device()}).front());
         if (!pair.intact())
            fail(source, "wrote beside a picture");
         if (found.size() == 1)
            judge(source, test::measure(plugin_, 0, {pair.on_host()}).front(), found.front());
      }
      for (const auto &[output, value] : found[0])
         if (!same(value, found[1].at(output)))
            fail(source, output + " depends on what lies beside the pixels");
   }

   // The same pair alone, among others and in another order.
   void permute(const std::vector<test::picture_pair> &sources) {
      if (sources[0].reference.width < plugin_.least_width ||
          sources[0].reference.height < plugin_.least_height)
         return;
      std::vector<std::unique_ptr<image_pair>> pairs;
      for (const test::picture_pair &source : sources)
         pairs.push_back(std::make_unique<image_pair>(source, 0, uint8_t{0x5A}));
      std::vector<giflab_pair> forward, backward;
      for (size_t i = 0; i < 40; ++i) // more than one launch takes
         forward.push_back(pairs[i % pairs.size()]->on_device());
      backward.assign(forward.rbegin(), forward.rend());
      const auto ahead = measure_on_device(plugin_, forward), back = measure_on_device(plugin_, backward);
      for (size_t i = 0; i < forward.size(); ++i) {
         const values alone = measure_on_device(plugin_, {forward[i]}).front();
         for (const auto &[output, value] : alone)
            if (!same(value, ahead[i].at(output)) || !same(value, back[forward.size() - 1 - i].at(output)))
               fail(sources[i % sources.size()], output + " depends on the batch");
      }
   }

 private:
   void judge(const test::picture_pair &source, const values &expected, const values &found) {
      for (checked_output &output : outputs_) {
         const double a = expected.at(output.output), b = found.at(output.output);
         const double difference = same(a, b) ? 0 : std::fabs(a - b);
         ++output.pairs;
         output.largest_difference =
             std::max(output.largest_difference, std::isnan(difference) ? INFINITY : difference);
         if (!(difference <= output.allowed))
            fail(source, output.output + " is " + std::to_string(b) + " on the device and " +
                             std::to_string(a) + " at level 0, " + std::to_string(difference) + " apart");
      }
   }

   void fail(const test::picture_pair &source, const std::string &what) {
      report_.failures.push_back(std::string(plugin_.id) + ", " + source.name + " " +
                                 std::to_string(source.reference.width) + "x" +
                                 std::to_string(source.reference.height) + ": " + what);
   }

   const giflab_plugin &plugin_;
   check_report &report_;
   std::vector<checked_output> outputs_;
};

test::picture_pair equal_pair(int32_t width, int32_t height) {
   test::picture_pair pair = test::natural_pair(width, height);
   pair.name = "equal pictures";
   pair.distorted = pair.reference;
   return pair;
}

void check_plugin(const giflab_plugin &plugin, extent how_much, check_report &report) {
   plugin_check on(plugin, report);
   std::vector<test::size> sizes = test::odd_sizes;
   if (how_much == extent::whole_set)
      sizes.insert(sizes.end(), {{320, 240}, {641, 203}, {2051, 67}});
   for (const auto [width, height] : sizes) {
      on.compare(equal_pair(width, height));
      for (const auto &pairs : {test::hard_pairs(width, height), test::pairs_of_areas(width, height)})
         for (const test::picture_pair &pair : pairs)
            on.compare(pair);
   }
   if (how_much == extent::whole_set) {
      on.compare(test::natural_pair(1920, 1080));
      on.permute(test::hard_pairs(31, 33));
      on.permute(test::hard_pairs(203, 181));
   }
}

} // namespace

check_report check_everything(extent how_much) {
   check_report report;
   for (const std::string module : modules) {
      const giflab_module *entry = &test::module_of(module);
      for (uint32_t i = 0; i < entry->plugin_count; ++i)
         if (entry->plugins[i]->memory & GIFLAB_BIT(GIFLAB_MEMORY_CUDA))
            check_plugin(*entry->plugins[i], how_much, report);
   }
   return report;
}

} // namespace giflab::gpu_check
