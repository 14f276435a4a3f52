#include "benchmarks.hpp"

#include "engine/metric_run.hpp"
#include "engine/selection.hpp"
#include "media/picture.hpp"
#include "modules/catalogue.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <iterator>
#include <memory>

namespace giflab::benchmarks {

namespace {

struct picture_size {
   int32_t width, height;
};
constexpr picture_size sizes[] = {{100, 100}, {500, 500}, {1920, 1080}};

uint32_t noise(uint32_t x) { // the finaliser of MurmurHash3
   x = (x ^ x >> 16) * 0x85EBCA6Bu;
   x = (x ^ x >> 13) * 0xC2B2AE35u;
   return x ^ x >> 16;
}

// A smooth picture with grain, and the same with `steps` levels a channel: what quantisers do.
media::picture_pointer make_picture(picture_size size, int steps, services::block_pool &pool) {
   auto made = std::make_shared<media::picture>();
   made->width = size.width;
   made->height = size.height;
   made->content = static_cast<uint64_t>(steps);
   made->changed = {{0, 0, size.width, size.height}, {}};
   made->give(media::make_plane(pool, static_cast<std::size_t>(size.width) * 4, size.height));
   for (int32_t y = 0; y < size.height; ++y)
      for (int32_t x = 0; x < size.width; ++x)
         for (int32_t channel = 0; channel < 4; ++channel) {
            const double wave = 0.5 + 0.4 * std::sin(0.02 * (x + 30 * channel)) * std::cos(0.015 * y);
            const double grain = noise(static_cast<uint32_t>((y * size.width + x) * 3 + channel)) % 9 / 255.0;
            const double level = std::round((wave + grain) * (steps - 1)) / (steps - 1);
            made->rgba().row<uint8_t>(y)[x * 4 + channel] =
                channel == 3 ? 255 : static_cast<uint8_t>(std::min(level, 1.0) * 255);
         }
   return made;
}

const services::cancellation never;

// Weights are used if they lie beside the checkout; metrics without them are skipped.
engine::lending lent_to_metrics() {
   engine::lending lent;
   lent.model_folders = {MODELS};
   return lent;
}

void measure(benchmark::State &state, const engine::planned_metric &metric, picture_size size, int level) {
   if (!metric.unavailable.empty()) {
      state.SkipWithError(metric.unavailable.c_str());
      return;
   }
   engine::machine on(1, never, lent_to_metrics());
   engine::run_conditions conditions;
   conditions.on = &on;
   conditions.clip = {size.width, size.height, -1, -1, 1, 0};
   conditions.level = level;
   engine::metric_run run(metric, conditions);
   const auto side = [&](int steps) {
      const media::picture_pointer picture = make_picture(size, steps, on.pixels());
      auto forms = std::make_shared<engine::shared_forms>(picture, media::colour{}, media::conversion::pixels,
                                                          on.pixels());
      forms->prepare(run.inputs());
      return engine::batch_side{picture, forms, picture->changed.area};
   };
   engine::batch pairs;
   pairs.pairs.push_back({side(256), side(24), 0, 0, 0});
   if (run.inputs() == 0) {
      state.SkipWithError("pictures too small");
      return;
   }
   run.measure(pairs); // the first call meets fresh memory, the rest of a clip does not
   const auto start = std::chrono::steady_clock::now();
   for (auto _ : state)
      run.measure(pairs);
   const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
   const auto pixels = static_cast<double>(size.width) * size.height;
   state.counters["ns/pixel"] = spent.count() / pixels / static_cast<double>(state.iterations());
}

// Loaded once; benchmarks refer to it until the process ends.
const std::vector<engine::planned_metric> &frame_metrics() {
   static const auto found = modules::catalogue::discover({PLUGINS}, 1);
   engine::machine on(1, never, lent_to_metrics());
   static auto plan = [&] {
      auto metrics = engine::select_metrics(found.value(), {"all"}, {}, &on).value();
      auto exact =
          engine::select_metrics(found.value(), {"ssimulacra2"},
                                 {{"org.giflab.ssimulacra2", "arithmetic", "exact", "the benchmarks"}}, &on);
      std::move(exact.value().begin(), exact.value().end(), std::back_inserter(metrics));
      for (const char *alone : {"ssim", "ms_ssim"}) // which together cost less than one after the other
         metrics.push_back(engine::select_metrics(found.value(), {alone}, {}, &on).value().front());
      return metrics;
   }();
   return plan;
}

// The plugin and the parameters that were chosen for it, which its columns carry: "id(name=value)"; a column
// alone where the plugin has others.
std::string label_of(const engine::planned_metric &metric) {
   const std::string &column = metric.columns.front().id;
   if (metric.columns.size() < metric.plugin->outputs.size())
      return column;
   const auto parameters = column.find('(');
   return std::string(metric.plugin->id()) +
          (parameters == std::string::npos ? std::string() : column.substr(parameters));
}

} // namespace

void register_metrics() {
   for (const engine::planned_metric &metric : frame_metrics()) {
      if (metric.plugin->table.scope != GIFLAB_SCOPE_FRAME)
         continue;
      for (const picture_size size : sizes)
         for (const int level : {0, 1}) {
            const giflab_clip clip = {size.width, size.height, -1, -1, 1, 0};
            if (!engine::too_small(metric, metric.columns.front(), clip).empty())
               continue;
            const std::string name = fmt::format("{}/{}x{}/{}", label_of(metric), size.width, size.height,
                                                 level == 0 ? "scalar" : "vector");
            benchmark::RegisterBenchmark(
                name.c_str(),
                [&metric, size, level](benchmark::State &state) { measure(state, metric, size, level); })
                ->Unit(benchmark::kMicrosecond)
                ->MinTime(0.2);
         }
   }
}

} // namespace giflab::benchmarks
