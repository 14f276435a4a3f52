// What every metric of pictures must do, whatever it measures: nothing is wrong with equal pictures, more
// damage is not better, sides that should not matter do not, and no value is one that the tables do not allow.
// Run over every module that was built.

#include "fake_host.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <set>

namespace giflab::test {
namespace {

// Every metric of pairs of pictures that needs neither a model nor a tool; in the order of names.
std::vector<const giflab_plugin *> frame_metrics() {
   std::vector<std::string> modules;
   for (const auto &file : std::filesystem::directory_iterator(MODULE_DIRECTORY))
      if (file.path().extension() == ".so")
         modules.push_back(file.path().stem().string());
   std::sort(modules.begin(), modules.end());
   std::vector<const giflab_plugin *> found;
   for (const std::string &module : modules) {
      const giflab_module &entry = module_of(module);
      for (uint32_t i = 0; i < entry.plugin_count; ++i)
         if (entry.plugins[i]->metric && entry.plugins[i]->scope == GIFLAB_SCOPE_FRAME &&
             entry.plugins[i]->model_count == 0 && !entry.plugins[i]->probe)
            found.push_back(entry.plugins[i]);
   }
   return found;
}

constexpr int32_t width = 205, height = 183; // odd, and what MS-SSIM takes

bool in_a_letter(int32_t x, int32_t y) {
   const int32_t column = x % 12, line = y % 20;
   return y >= 140 && x >= 100 && column < 8 && line < 12 &&
          (column < 2 || line < 2 || (column >= 6 && x % 24 < 12));
}

// A smooth picture with edges, moved right by `shift`, with lines of letters that stand still, and with a hole
// that shows what is behind.
picture scene(int32_t shift) {
   picture made(width, height);
   made.alpha.assign(static_cast<size_t>(width) * height, 255);
   for (int32_t y = 0; y < height; ++y)
      for (int32_t x = 0; x < width; ++x) {
         const int32_t u = x - shift;
         const int block = ((u + 300) / 24 + y / 24) % 4 == 0 ? 70 : 0;
         for (int32_t c = 0; c < 3; ++c)
            made.rgb[made.at(x, y, c)] = static_cast<uint8_t>(
                in_a_letter(x, y) ? 250 : std::clamp(40 + u / 3 + y / 4 + block + 12 * c, 0, 255));
         if ((x - 60) * (x - 60) + (y - 60) * (y - 60) < 900)
            made.alpha[made.at(x, y) / 3] = 40;
      }
   return made;
}

// A slope of dark grey too gentle for bytes, moved right by `shift`: with as much dither as hides its levels,
// or with a share of that.
picture slope(int32_t shift, double dither) {
   picture made(width, height);
   for (int32_t y = 0; y < height; ++y)
      for (int32_t x = 0; x < width; ++x) {
         const double grain = noise(11, int64_t{y} * width + x) / 255.0 - 0.5;
         const double level = 60 + (x - shift + y / 4.0) / 16 + dither * grain;
         std::fill_n(made.rgb.begin() + static_cast<std::ptrdiff_t>(made.at(x, y)), 3,
                     static_cast<uint8_t>(std::lround(level)));
      }
   return made;
}
picture dithered_slope(int32_t shift) { return slope(shift, 1); }

constexpr int32_t moved_by = 3;

struct damage {
   const char *name;
   void (*suffer)(picture &, int amount); // 0 for none, then 1, 2, 3
   picture (*original)(int32_t shift) = scene;
};

int level_after(int value, int steps) { return (value * steps / 256) * 255 / (steps - 1); }

void add_noise(picture &made, int amount) {
   for (size_t i = 0; i < made.rgb.size(); ++i) {
      const int grain = noise(9, static_cast<int64_t>(i)) % 65 - 32;
      made.rgb[i] = static_cast<uint8_t>(std::clamp(made.rgb[i] + grain * amount * amount / 9, 0, 255));
   }
}

void posterise(picture &made, int amount) {
   if (amount > 0)
      for (uint8_t &value : made.rgb)
         value = static_cast<uint8_t>(level_after(value, 64 >> 2 * (amount - 1)));
}

void blur(picture &made, int amount) {
   for (int pass = 0; pass < amount * amount; ++pass) {
      const picture before = made;
      for (int32_t y = 1; y + 1 < height; ++y)
         for (int32_t x = 1; x + 1 < width; ++x)
            for (int32_t c = 0; c < 3; ++c) {
               int sum = 0;
               for (int32_t v = -1; v <= 1; ++v)
                  for (int32_t u = -1; u <= 1; ++u)
                     sum += before.rgb[before.at(x + u, y + v, c)];
               made.rgb[made.at(x, y, c)] = static_cast<uint8_t>((sum + 4) / 9);
            }
   }
}

void tint(picture &made, int amount) {
   for (size_t i = 0; i < made.rgb.size(); i += 3)
      made.rgb[i] = static_cast<uint8_t>(std::min(255, made.rgb[i] + 12 * amount));
}

void forget_alpha(picture &made, int amount) {
   for (uint8_t &alpha : made.alpha)
      alpha = static_cast<uint8_t>(std::min(255, alpha + 70 * amount));
}

// Columns that keep what the picture before showed: `shift` of it.
void leave_ghosts(picture &made, int amount) {
   const picture before = scene(0);
   for (int32_t y = 0; y < height; ++y)
      for (int32_t x = 0; x < width * amount / 4; ++x)
         std::copy_n(before.rgb.begin() + static_cast<std::ptrdiff_t>(before.at(x, y)), 3,
                     made.rgb.begin() + static_cast<std::ptrdiff_t>(made.at(x, y)));
}

// Without dither the levels show as bands; a band of one level is all that CAMBI looks for.
void posterise_slope(picture &made, int amount) { made = slope(moved_by, (3 - amount) / 3.0); }

constexpr damage noisy = {"noise", add_noise};
constexpr damage damages[] = {noisy,
                              {"posterised", posterise},
                              {"blur", blur},
                              {"tint", tint},
                              {"opaque", forget_alpha},
                              {"ghosts", leave_ghosts},
                              {"bands", posterise_slope, dithered_slope}};

// What a metric says of pictures that moved, then suffered.
values measured(const giflab_plugin &plugin, const damage &done, int amount, bool swapped = false) {
   const picture first = done.original(0), second = done.original(moved_by);
   picture damaged = second;
   done.suffer(damaged, amount);
   const fake_image before(first, 0, 0x77), before_too(first, 1, 0x33);
   fake_image reference(swapped ? damaged : second, 0, 0xAA), distorted(swapped ? second : damaged, 2, 0x11);
   if (plugin.lookback) {
      reference.follow(before);
      distorted.follow(before_too);
   }
   return measure(plugin, 1, {{&reference.image, &distorted.image}})[0];
}

// How far a value lies on the bad side of another; negative where it is better.
double worsened(const giflab_output &output, double from, double to) {
   if (from == to)
      return 0; // both infinite, too
   return output.direction == GIFLAB_LOWER_IS_BETTER ? to - from : from - to;
}

// What a metric says of a damage that grows, from none.
std::vector<values> course(const giflab_plugin &plugin, const damage &done) {
   std::vector<values> said;
   for (int amount = 0; amount <= 3; ++amount)
      said.push_back(measured(plugin, done, amount));
   return said;
}

bool grows_worse(const giflab_output &output, const std::vector<values> &said) {
   for (size_t i = 1; i < said.size(); ++i)
      if (!(worsened(output, said[i - 1].at(output.id), said[i].at(output.id)) >= 0)) // NaN is no answer either
         return false;
   return worsened(output, said.front().at(output.id), said.back().at(output.id)) > 0;
}

// What reads the original alone.
const std::set<std::string> of_originals = {"cambi_reference"};

TEST_CASE("some damage, growing, moves every directed value of a pair only to its bad side") {
   for (const giflab_plugin *plugin : frame_metrics()) {
      std::vector<std::vector<values>> courses;
      for (const damage &done : damages)
         courses.push_back(course(*plugin, done));
      for (uint32_t i = 0; i < plugin->output_count; ++i) {
         const giflab_output &output = plugin->outputs[i];
         if (output.direction == GIFLAB_NEITHER_IS_BETTER || of_originals.contains(output.id))
            continue;
         const bool moved =
             std::ranges::any_of(courses, [&](const auto &said) { return grows_worse(output, said); });
         CHECK_MESSAGE(moved, std::string(plugin->id), " ", std::string(output.id));
      }
   }
}

// libvmaf's definition takes a little off nearly flat places even where nothing differs; the tolerance says how
// much.
const std::set<std::string> nearly_identical = {"vif", "vif_scale0", "vif_scale1", "vif_scale2", "vif_scale3"};

TEST_CASE("equal pictures are identical to every metric, moving ones too") {
   for (const giflab_plugin *plugin : frame_metrics()) {
      const values found = measured(*plugin, noisy, 0);
      for (uint32_t i = 0; i < plugin->output_count; ++i) {
         const giflab_output &output = plugin->outputs[i];
         CAPTURE(output.id);
         const double value = found.at(output.id);
         const double allowed = nearly_identical.contains(output.id) ? output.tolerance : 0;
         CHECK((std::isnan(output.identical) || std::isnan(value) || value == output.identical ||
                std::fabs(value - output.identical) <= allowed));
      }
   }
}

TEST_CASE("damage is not allowed to look better than no damage at all") {
   for (const giflab_plugin *plugin : frame_metrics())
      for (const damage &done : damages) {
         const values found = measured(*plugin, done, 3);
         for (uint32_t i = 0; i < plugin->output_count; ++i) {
            const giflab_output &output = plugin->outputs[i];
            CAPTURE(output.id);
            CAPTURE(std::string(done.name));
            const double value = found.at(output.id);
            const bool of_error = output.identical == output.lowest || output.identical == output.highest;
            if (output.direction != GIFLAB_NEITHER_IS_BETTER && of_error && !std::isnan(value))
               CHECK(worsened(output, output.identical, value) >= 0);
            CHECK((std::isnan(value) || (value >= output.lowest && value <= output.highest)));
         }
      }
}

// Distances between two pictures that take neither for the original.
const std::set<std::string> symmetric = {"mse",
                                         "rmse",
                                         "mae",
                                         "psnr",
                                         "psnr_y",
                                         "ssim",
                                         "ms_ssim",
                                         "gmsd",
                                         "ciede2000",
                                         "ciede2000_p95",
                                         "ciede2000_max",
                                         "histogram_correlation",
                                         "fsim",
                                         "fsimc",

                                         "edge_similarity",
                                         "texture_similarity",
                                         "alpha_mismatch_white",
                                         "alpha_mismatch_black",
                                         "alpha_mismatch_checker",
                                         "temporal_difference"};

TEST_CASE("a distance is the same from either side") {
   std::set<std::string> seen;
   for (const giflab_plugin *plugin : frame_metrics())
      for (uint32_t i = 0; i < plugin->output_count; ++i) {
         const std::string id = plugin->outputs[i].id;
         if (!symmetric.contains(id))
            continue;
         seen.insert(id);
         CAPTURE(id);
         const double there = measured(*plugin, noisy, 2).at(id),
                      back = measured(*plugin, noisy, 2, true).at(id);
         CHECK(std::fabs(there - back) <= 1e-6 * std::fabs(there));
      }
   CHECK(seen == symmetric);
}

// Undefined where pictures lack what they look at, which so small ones may.
const std::set<std::string> of_certain_content = {"dither_energy_change", "text_acuity_ratio",
                                                  "text_edges_lost"};

TEST_CASE("every metric has a value at its least size") {
   for (const giflab_plugin *plugin : frame_metrics()) {
      const picture_pair pair = natural_pair(plugin->least_width, plugin->least_height);
      const fake_image before(pair.reference, 0, 0x77);
      fake_image reference(pair.reference, 0, 1), distorted(pair.distorted, 0, 2);
      if (plugin->lookback) {
         reference.follow(before);
         distorted.follow(before);
      }
      const values found = measure(*plugin, 1, {{&reference.image, &distorted.image}})[0];
      for (const auto &[id, value] : found)
         CHECK_MESSAGE((!std::isnan(value) || of_certain_content.contains(id)), std::string(plugin->id), " ",
                       id);
   }
}

} // namespace
} // namespace giflab::test
