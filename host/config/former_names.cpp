#include "config/former_names.hpp"

#include <algorithm>
#include <array>

namespace giflab::config {

namespace {

constexpr std::string_view config_prefix = "GIFLAB_CONFIG_";
constexpr std::string_view config_instead =
    "every setting has a variable of its own, which `giflab config show` lists";

constexpr std::string_view tests_only = "it was for tests of GifLab 0.2.0: unset it";
constexpr std::string_view level_3 =
    "how much is left out is GIFLAB_OPTIMIZATION_LEVEL, where 3 leaves out most";
constexpr std::string_view model_caching = "use GIFLAB_ENABLE_MODEL_CACHING";
constexpr std::string_view kept_values = "use GIFLAB_CACHE_SIZE_MB, where 0 keeps no values";
constexpr std::string_view log_debug = "use GIFLAB_LOG_LEVEL=debug";
constexpr std::string_view workers = "use GIFLAB_MAX_PARALLEL_WORKERS";
constexpr std::string_view metrics_option = "name the metrics you want with --metrics";
constexpr std::string_view gates = "put conditions on values with --fail-if or [gates]";
constexpr std::string_view presets = "name a run file, as in giflab run configs/presets/quick-test.toml";
constexpr std::string_view output_option = "use --output";
constexpr std::string_view doctor = "giflab doctor tells what is missing: unset it";
constexpr std::string_view formulas = "weights stand in the file that --formulas names";
constexpr std::string_view no_need = "nothing is needed in its place: unset it";

// clang-format off
constexpr former_name names[] = {
   {"GIFLAB_ENABLE_PHASE6_OPTIMIZATION", "use GIFLAB_OPTIMIZATION_LEVEL"},
   {"GIFLAB_ENABLE_CONDITIONAL_METRICS", level_3},
   {"GIFLAB_FORCE_ALL_METRICS", "use GIFLAB_OPTIMIZATION_LEVEL=2, which leaves nothing out"},
   {"GIFLAB_FORCE_GRADIENT_METRICS", metrics_option},
   {"GIFLAB_SKIP_EXPENSIVE_ON_HIGH_QUALITY", level_3},
   {"GIFLAB_QUALITY_HIGH_THRESHOLD", level_3},
   {"GIFLAB_QUALITY_MEDIUM_THRESHOLD", level_3},
   {"GIFLAB_QUALITY_SAMPLE_FRAMES", level_3},
   {"GIFLAB_USE_PROGRESSIVE_CALCULATION", level_3},
   {"GIFLAB_CACHE_FRAME_HASHES", no_need},
   {"GIFLAB_CHUNK_STRATEGY", "use GIFLAB_BATCH_SIZE"},
   {"GIFLAB_ENABLE_PROFILING", log_debug},
   {"GIFLAB_USE_MODEL_CACHE", model_caching},
   {"GIFLAB_ENABLE_PERFORMANCE_MONITORING", log_debug},
   {"GIFLAB_DISABLE_CLIP", no_need},
   {"GIFLAB_FFPROBE_PATH", "nothing runs ffprobe: unset it; ffmpeg is GIFLAB_FFMPEG_PATH"},
   {"GIFLAB_MAX_PIPES", "use --max-pipelines"},
   {"GIFLAB_FULL_MATRIX", tests_only},
   {"GIFLAB_ULTRA_FAST", tests_only},
   {"GIFLAB_MOCK_ALL_ENGINES", tests_only},
   {"GIFLAB_STRESS_TESTS", tests_only},
   {"GIFLAB_PERFORMANCE_CI", tests_only},
   {"GIFLAB_ENABLE_EXPERIMENTAL_CACHING", kept_values},
   {"GIFLAB_FORCE_DISABLE_EXPERIMENTAL", kept_values},
   {"GIFLAB_PARALLEL_BATCH_SIZE", "use GIFLAB_BATCH_SIZE"},
   {"GIFLAB_MODEL_CACHE_SIZE_MB", "use GIFLAB_MAX_MEMORY_MB, under which models that nobody uses are dropped"},
   {"GIFLAB_MODEL_CACHE_TTL", "use GIFLAB_CLEANUP_INTERVAL_SECONDS"},
   {"GIFLAB_FORCE_MODEL_CLEANUP", "use GIFLAB_CLEANUP_INTERVAL_SECONDS=0"},
   {"GIFLAB_FRAME_CACHE_SIZE", no_need},
   {"GIFLAB_DEBUG", log_debug},
   {"GIFLAB_LOG_PERFORMANCE_METRICS", log_debug},
   {"GIFLAB_METRICS_OUTPUT_FILE", "use --format json with --output"},
   {"GIFLAB_LOG_MEMORY_USAGE", log_debug},
   {"GIFLAB_LOG_CACHE_STATS", log_debug},
   {"GIFLAB_CACHE_STATS_INTERVAL", "giflab cache status tells what is kept: unset it"},
   {"GIFLAB_DISABLE_ALL_OPTIMIZATIONS", "use GIFLAB_OPTIMIZATION_LEVEL=0"},
   {"GIFLAB_ENABLE_CACHING", model_caching},
   {"GIFLAB_PARALLEL_ENABLED", "use GIFLAB_ENABLE_PARALLEL_METRICS"},
   {"GIFLAB_TEMPORAL_WEIGHT", formulas},
   {"GIFLAB_SKIP_TEMPORAL_METRICS", metrics_option},
   {"GIFLAB_VALIDATION_EMERGENCY_DISABLE", gates},
   {"GIFLAB_VALIDATION_PERFORMANCE_MODE", "use GIFLAB_OPTIMIZATION_LEVEL"},
   {"GIFLAB_VALIDATION_DEBUG", log_debug},
   {"GIFLAB_QUALITY_THRESHOLD", gates},
   {"GIFLAB_DEFAULT_PRESET", presets},
   {"GIFLAB_OUTPUT_BASE", output_option},
   {"GIFLAB_OUTPUT_DIR", output_option},
   {"GIFLAB_USE_CACHE", kept_values},
   {"GIFLAB_USE_GPU", "use GIFLAB_DEVICE"},
   {"GIFLAB_DEFAULT_PROFILE", presets},
   {"GIFLAB_ENV", presets},
   {"GIFLAB_MAX_WORKERS", workers},
   {"GIFLAB_BENCHMARK_WORKERS", workers},
   {"GIFLAB_BASELINE_DIR", no_need},
   {"GIFLAB_SMART_SAMPLING", level_3},
   {"GIFLAB_CONTENT_FOCUS", no_need},
   {"GIFLAB_DEBUG_DEPS", doctor},
   {"GIFLAB_SKIP_NETWORK_CHECKS", doctor},
   {"GIFLAB_VERSION", "giflab --version tells it: unset it"},
};
// clang-format on

} // namespace

std::span<const former_name> former_names() { return names; }

std::string_view in_place_of(std::string_view name) {
   if (name.starts_with(config_prefix))
      return config_instead;
   const auto found = std::ranges::find(names, name, &former_name::name);
   return found == std::end(names) ? std::string_view() : found->instead;
}

} // namespace giflab::config
