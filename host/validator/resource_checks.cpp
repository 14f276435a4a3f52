#include "validator/resource_checks.hpp"

#include "modules/model_registry.hpp"
#include "validator/interposed.hpp"
#include "validator/life.hpp"
#include "validator/trial.hpp"

#include <fmt/format.h>

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace giflab::validator {

namespace {

using std::chrono::milliseconds;

// ---- R01: what stays when an instance is gone

// Everything that may pile up.
struct holdings {
   std::size_t blocks = 0, bytes = 0; // of the module's own requests
   std::size_t heap_bytes = 0;        // of the whole process: also what libraries asked for on its behalf
   std::size_t resident_bytes = 0;
   std::size_t files = 0, threads = 0, mappings = 0;
};

std::size_t entries_of(const char *folder) {
   const std::filesystem::directory_iterator entries(folder);
   return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

std::size_t lines_of(const char *path) {
   std::ifstream file(path);
   return static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>(file), {}, '\n'));
}

std::size_t resident_pages() {
   std::ifstream file("/proc/self/statm");
   std::size_t whole = 0, resident = 0;
   file >> whole >> resident;
   return resident;
}

holdings current_holdings(const interposed &heap) {
   malloc_trim(0);
   holdings now;
   const interposed::heap live = heap.live();
   now.blocks = live.blocks;
   now.bytes = live.bytes;
   const struct mallinfo2 info = mallinfo2();
   now.heap_bytes = info.uordblks + info.hblkhd;
   now.resident_bytes = resident_pages() * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
   now.files = entries_of("/proc/self/fd");
   now.threads = entries_of("/proc/self/task");
   now.mappings = lines_of("/proc/self/maps");
   return now;
}

// One kind of holding, and the least growth over all cycles that cannot be chance.
struct kind_of_holding {
   std::size_t holdings::*amount;
   std::size_t least_growth;
   const char *what;
};
constexpr std::array kinds_of_holding = {
    kind_of_holding{&holdings::blocks, 1, "blocks of heap memory"},
    kind_of_holding{&holdings::bytes, 1, "bytes of heap memory"},
    kind_of_holding{&holdings::files, 1, "open files"},
    kind_of_holding{&holdings::threads, 1, "threads"},
    kind_of_holding{&holdings::mappings, 1, "memory mappings"},
    kind_of_holding{&holdings::heap_bytes, 4096, "bytes of heap memory, asked for by libraries that it uses"},
    kind_of_holding{&holdings::resident_bytes, std::size_t{1} << 20, "bytes of resident memory"},
};

constexpr std::size_t spans = 4; // a cache fills up once; a leak grows in every part of the time

finding judge_growth(const std::array<holdings, spans + 1> &over_time, std::size_t cycles) {
   for (const kind_of_holding &kind : kinds_of_holding) {
      const auto amount = [&](std::size_t i) { return over_time[i].*kind.amount; };
      bool always = true;
      for (std::size_t i = 0; i < spans; ++i)
         always &= amount(i + 1) > amount(i);
      const std::size_t growth = amount(spans) - amount(0);
      if (always && growth >= kind.least_growth)
         return failed_check(
             fmt::format("{} more {} after {} cycles of create, all calls and destroy than before, and growing "
                         "throughout: give back in destroy what create and the calls took",
                         growth, kind.what, cycles));
   }
   return passed();
}

// Why nothing can be said of a plugin whose plain calls do not work here; nothing if they do.
std::optional<finding> cannot_run(const evaluation &plain) {
   if (plain.ok())
      return std::nullopt;
   return skipped("its calls do not work here: " + said_by(plain));
}

} // namespace

finding check_leftovers(const subject &given) {
   if (const std::string why = interposed::unavailable(); !why.empty())
      return skipped(why + "; LeakSanitizer finds leaks in such builds");
   const auto [width, height] = size_for(*given.plugin, 64, 48);
   const test_clip clip = make_clip(width, height, 2, given.seed);
   host_conduct conduct = conduct_of(given);
   conduct.warm_scratch = true; // mappings that stay in watch after a call are the host's
   const interposed heap(given.module);
   test_host host(*given.plugin, conduct);
   life lives(*given.plugin, clip, given.folder);

   constexpr std::size_t warm_up = 8, most_cycles = 1000;
   const auto began = std::chrono::steady_clock::now();
   for (std::size_t i = 0; i < warm_up; ++i)
      if (const auto unable = cannot_run(lives.run(host, just_call)))
         return *unable;
   const auto each = (std::chrono::steady_clock::now() - began) / warm_up;
   const auto affordable = static_cast<std::size_t>(milliseconds(1500) / std::max(each, decltype(each){1}));
   const std::size_t span = std::clamp<std::size_t>(affordable, 16, most_cycles) / spans;

   // What malloc and the pools of libraries keep takes tens of calls to fill up (Tesseract's 50): a leak goes
   // on.
   constexpr int rounds = 4;
   finding found = passed();
   for (int round = 0; round < rounds; ++round) {
      std::array<holdings, spans + 1> over_time;
      over_time[0] = current_holdings(heap);
      for (std::size_t i = 1; i <= spans; ++i) {
         for (std::size_t cycle = 0; cycle < span; ++cycle)
            lives.run(host, just_call);
         over_time[i] = current_holdings(heap);
      }
      found = judge_growth(over_time, span * spans);
      if (found.verdict != verdict::fail)
         break;
   }
   return found;
}

// ---- R05: how much is taken while a call lasts

namespace {

constexpr double memory_tolerance = 1.25;
constexpr std::size_t memory_of_any_size = std::size_t{64} << 10; // tables, names, buffers of files

// A clip of `frames` pairs of which each differs from the one before, from few pictures.
test_clip alternating_clip(int32_t width, int32_t height, std::size_t frames, uint64_t seed) {
   const test_clip two = make_clip(width, height, std::min<std::size_t>(frames, 2), seed);
   test_clip clip{width, height, {}};
   for (std::size_t i = 0; i < frames; ++i) {
      test_frame frame = two.frames[i % two.frames.size()];
      frame.start_us = static_cast<int64_t>(i) * 100'000;
      frame.duration_us = 100'000;
      clip.frames.push_back(frame);
   }
   return clip;
}

// The most that an instance and a call together took, in bytes.
struct memory_peak {
   std::size_t scratch = 0, heap = 0;
   std::size_t sum() const { return scratch + heap; }
};

// What all instances share has no part in admission control: a network is as large as the model that it is made
// of, whatever the pictures' size.
std::size_t bytes_of_models(const subject &given) {
   std::size_t bytes = 0;
   modules::model_registry models(given.model_folders);
   for (const giflab_model_source &source : given.plugin->models) {
      bytes += source.size;
      if (source.size != 0)
         continue;
      if (const auto held = models.acquire(source, nullptr)) { // it was pinned, with its size, when imported
         bytes += (*held)->size;
         models.release(*held);
      }
   }
   return bytes;
}

// How many pairs a call gets: as many as it takes, and no more than giflab gives unless it is told to.
uint32_t pairs_of_call(const subject &given) {
   constexpr uint32_t most_pairs = 32;
   return std::clamp<uint32_t>(given.plugin->table.batch, 1, most_pairs);
}

finding judge_memory(const subject &given, int32_t width, int32_t height, const memory_peak &peak) {
   const giflab_plugin &table = given.plugin->table;
   const double pixels = static_cast<double>(width) * height;
   const double allowed = memory_tolerance * table.bytes_per_pixel * pixels +
                          static_cast<double>(memory_of_any_size + bytes_of_models(given));
   if (static_cast<double>(peak.sum()) <= allowed)
      return passed();
   return failed_check(fmt::format(
       "a call of {} {} of {}x{} took {} bytes of scratch and {} of heap memory, {:.1f} for each pixel of one "
       "picture, where .bytes_per_pixel says {}: declare {}, or take less",
       pairs_of_call(given), pairs_of_call(given) > 1 ? "pairs" : "pair", width, height, peak.scratch,
       peak.heap, static_cast<double>(peak.sum()) / pixels, table.bytes_per_pixel,
       static_cast<int>(static_cast<double>(peak.sum()) / pixels) + 1));
}

} // namespace

namespace {

// A size, and how it is run. The plain scalar code of level 0 is slow and takes memory by the same rules, so
// one look at it is enough.
struct memory_case {
   int32_t width, height;
   uint32_t level;
   int rounds; // the second touches what the first left behind: scratch is gone by then
};
constexpr memory_case memory_cases[] = {{64, 48, 2, 2}, {320, 240, 2, 2}, {320, 240, 0, 1}, {960, 540, 2, 2}};

finding memory_of(const subject &given, interposed &heap, const memory_case &now) {
   const auto [width, height] = size_for(*given.plugin, now.width, now.height);
   const test_clip clip = alternating_clip(width, height, pairs_of_call(given), given.seed);
   life lives(*given.plugin, clip, given.folder);
   host_conduct conduct = conduct_of(given);
   conduct.level = now.level;
   test_host host(*given.plugin, conduct);
   const std::size_t before = heap.live().bytes;
   heap.forget_peak();
   if (const auto unable = cannot_run(lives.run(host, just_call, now.rounds)))
      return *unable;
   const std::size_t most = heap.live().peak;
   return judge_memory(given, width, height, {host.seen().scratch_peak, most - std::min(most, before)});
}

} // namespace

finding check_memory_bound(const subject &given) {
   if (const std::string why = interposed::unavailable(); !why.empty())
      return skipped(why);
   interposed heap(given.module);
   for (const memory_case &now : memory_cases)
      if (finding found = memory_of(given, heap, now); found.verdict != verdict::pass)
         return found;
   return passed();
}

// ---- R08: what is shared and must be given back

namespace {

finding judge_shared(const observations &seen, const std::string &when) {
   if (const breach *told = seen.breach_of("R08"))
      return failed_check(told->text);
   const auto judged = [&](int64_t held, const char *what, const char *pair) {
      if (held == 0)
         return passed();
      return failed_check(
          held > 0 ? fmt::format("{} {} of giflab.models/1 too few given back {}: {}", held, what, when, pair)
                   : fmt::format("{} {} of giflab.models/1 given back that nobody held {}: {}", -held, what,
                                 when, pair));
   };
   finding found = judged(seen.models_held, "models", "balance each acquire with one release");
   return found.verdict == verdict::pass
              ? judged(seen.objects_held, "shared objects", "balance each get with one put")
              : found;
}

struct mishap {
   host_conduct conduct;
   std::string when;
};

// Ways for calls to end early, on the way to which something may be held already.
std::vector<mishap> mishaps(const subject &given) {
   std::vector<mishap> all;
   for (uint64_t nth = 1; nth <= 4; ++nth) {
      mishap scratch{conduct_of(given), fmt::format("after request {} for scratch failed", nth)};
      scratch.conduct.scratch_fails_at = nth;
      all.push_back(scratch);
      mishap cancelled{conduct_of(given), fmt::format("after it was cancelled at poll {}", nth)};
      cancelled.conduct.cancelled_from_poll = nth;
      all.push_back(cancelled);
   }
   mishap missing{conduct_of(given), "after a model was missing"};
   missing.conduct.models = host_conduct::model_fault::missing;
   all.push_back(missing);
   return all;
}

} // namespace

finding check_shared_objects(const subject &given) {
   const auto [width, height] = size_for(*given.plugin, 64, 48);
   const test_clip clip = make_clip(width, height, 2, given.seed);
   life lives(*given.plugin, clip, given.folder);
   test_host host(*given.plugin, conduct_of(given));
   const evaluation plain = lives.run(host, just_call);
   const observations seen = host.seen();
   if (!seen.queries.contains(GIFLAB_MODELS))
      return skipped("it asks for no models and no shared objects");
   if (finding found = judge_shared(seen, "after destroy"); found.verdict != verdict::pass)
      return found;
   for (const mishap &one : mishaps(given)) {
      test_host unlucky(*given.plugin, one.conduct);
      lives.run(unlucky, just_call);
      if (finding found = judge_shared(unlucky.seen(), one.when); found.verdict != verdict::pass)
         return found;
   }
   if (const auto unable = cannot_run(plain))
      return *unable;
   return passed();
}

namespace {

finding check_device_memory(const subject &given) {
   return given.plugin->table.memory & GIFLAB_BIT(GIFLAB_MEMORY_CUDA)
              ? skipped("plugins are checked in host memory only")
              : skipped("it runs in host memory only");
}

constexpr check resource_list[] = {
    {"R01", "nothing is left when an instance is gone", "B2", stage::behave, extent::plugin, check_leftovers},
    {"R02", "device memory returns to where it was", "B2", stage::behave, extent::plugin, check_device_memory},
    {"R03", "a call leaves the process as it found it", "", stage::behave, extent::plugin, check_process_state},
    {"R04", "it writes in its own folder only, reaches no network and starts nothing itself", "", stage::behave,
     extent::plugin, check_system_calls},
    {"R05", "it takes no more memory than it declares, and keeps no scratch", "B6", stage::behave,
     extent::plugin, check_memory_bound},
    {"R06", "it is as fast as its cost class says", "B6", stage::behave, extent::plugin, check_cost_class},
    {"R07", "it asks every 10 ms whether it is cancelled, and its progress only grows", "", stage::behave,
     extent::plugin, check_polling},
    {"R08", "models and shared objects are asked for by its own names, and given back", "B2", stage::behave,
     extent::plugin, check_shared_objects},
};

} // namespace

std::span<const check> resource_checks() { return resource_list; }

} // namespace giflab::validator
