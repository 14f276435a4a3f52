// Metrics that misbehave in one way each, and some that behave so that a test can see how they were called.
#include <giflab/plugin.hpp>

#include <atomic>
#include <cmath>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using pairs = std::span<const giflab_pair>;

struct stateless {
   explicit stateless(const giflab_setup &) {}
};

// ---- Misbehaving

struct throws : stateless {
   using stateless::stateless;
   void measure(const giflab_call &, pairs) { throw std::runtime_error("a word of its own"); }
};
struct scores_twice : stateless {
   using stateless::stateless;
   void measure(const giflab_call &call, pairs) {
      call.score(&call, 0, 0, 1);
      call.score(&call, 0, 0, 1);
   }
};
struct scores_elsewhere : stateless {
   using stateless::stateless;
   void measure(const giflab_call &call, pairs) { call.score(&call, 0, 7, 1); }
};
struct scores_nothing : stateless {
   using stateless::stateless;
   void measure(const giflab_call &, pairs) {}
};
struct scores_too_much : stateless {
   using stateless::stateless;
   void measure(const giflab_call &call, pairs given) {
      for (uint32_t i = 0; i < given.size(); ++i)
         call.score(&call, i, 0, 1e6);
   }
};
struct fails_on_third : stateless {
   using stateless::stateless;
   void measure(const giflab_call &call, pairs given) {
      for (uint32_t i = 0; i < given.size(); ++i) {
         if (given[i].distorted->index == 2)
            throw giflab::failure(GIFLAB_IO, "the third picture is cursed");
         call.score(&call, i, 0, 1);
      }
   }
};
struct passes_on_third : stateless {
   using stateless::stateless;
   void measure(const giflab_call &call, pairs given) {
      for (uint32_t i = 0; i < given.size(); ++i) {
         if (given[i].distorted->index == 2)
            throw giflab::failure(GIFLAB_UNSUPPORTED, "not this one");
         call.score(&call, i, 0, 1);
      }
   }
};
struct cannot_be_made {
   explicit cannot_be_made(const giflab_setup &) { throw giflab::failure(GIFLAB_NO_MEMORY, "no room at all"); }
   void measure(const giflab_call &, pairs) {}
};
struct undefined_everywhere : stateless {
   using stateless::stateless;
   void measure(const giflab_call &call, pairs given) {
      for (uint32_t i = 0; i < given.size(); ++i)
         call.score(&call, i, 0, std::nan(""));
   }
};

// ---- Telling how they were called

// The part of the picture that the changed rectangle covers.
struct changed_share : stateless {
   using stateless::stateless;
   void measure(const giflab_call &call, pairs given) {
      for (uint32_t i = 0; i < given.size(); ++i) {
         const giflab_image &image = *given[i].distorted;
         call.score(&call, i, 0,
                    static_cast<double>(image.changed_width) * image.changed_height / image.width /
                        image.height);
      }
   }
};
// How many images deep `previous` goes.
struct lookback_depth : stateless {
   using stateless::stateless;
   void measure(const giflab_call &call, pairs given) {
      for (uint32_t i = 0; i < given.size(); ++i) {
         int depth = 0;
         for (const giflab_image *image = given[i].reference->previous; image; image = image->previous)
            ++depth;
         call.score(&call, i, 0, depth);
      }
   }
};
// The largest batch it was given.
struct largest_batch : stateless {
   using stateless::stateless;
   void measure(const giflab_call &call, pairs given) {
      for (uint32_t i = 0; i < given.size(); ++i)
         call.score(&call, i, 0, static_cast<double>(given.size()));
   }
};
// CLIP scope: pairs in order, one by one counted; the number of pairs that came in order.
struct clip_order {
   explicit clip_order(const giflab_setup &) {}
   void begin(const giflab_call &, const giflab_clip &) { in_order = 0, last_start = -1; }
   void measure(const giflab_call &call, pairs given) {
      for (uint32_t i = 0; i < given.size(); ++i) {
         in_order += given[i].distorted->start_us > last_start;
         last_start = given[i].distorted->start_us;
         call.score(&call, i, 0, in_order);
      }
   }
   void finish(const giflab_call &call) { call.score(&call, 0, 1, in_order); }

   double in_order = -1000; // until begin was called on this very instance
   int64_t last_start = -1;
};
// Undeclared views are NULL, declared ones are not, and no reference was asked for.
struct sees_only_its_own : stateless {
   using stateless::stateless;
   void measure(const giflab_call &call, pairs given) {
      for (uint32_t i = 0; i < given.size(); ++i) {
         const auto *views = given[i].distorted->views;
         call.score(&call, i, 0,
                    !given[i].reference && views[GIFLAB_LUMA8] && !views[GIFLAB_RGB8] && !views[GIFLAB_RGBA8]);
      }
   }
};
// PER_MODULE: 1 as long as no second thread was ever inside at the same time.
std::atomic<int> inside{0}, met{0};
struct alone : stateless {
   using stateless::stateless;
   void measure(const giflab_call &call, pairs given) {
      if (inside.fetch_add(1) > 0)
         met = 1;
      for (uint32_t i = 0; i < given.size(); ++i)
         call.score(&call, i, 0, 1 - met);
      inside.fetch_sub(1);
   }
};
// How many pairs its instance has measured. It says that equal pictures score alike, and so is not asked twice.
struct measured_so_far {
   explicit measured_so_far(const giflab_setup &) {}
   void measure(const giflab_call &call, pairs given) {
      for (uint32_t i = 0; i < given.size(); ++i)
         call.score(&call, i, 0, ++count);
   }
   std::atomic<int> count{0};
};
// The run's threads: the sum over 1000 tasks, and scratch from each.
struct uses_tasks : stateless {
   using stateless::stateless;
   struct work {
      const giflab_call *call;
      std::atomic<int64_t> sum{0};
   };
   static giflab_status one(void *user, uint32_t i, uint32_t) noexcept {
      auto &shared = *static_cast<work *>(user);
      auto *memory =
          static_cast<int64_t *>(shared.call->scratch(shared.call, GIFLAB_MEMORY_HOST, sizeof(int64_t)));
      if (!memory)
         return GIFLAB_NO_MEMORY;
      *memory = i;
      shared.sum += *memory;
      return GIFLAB_OK;
   }
   void measure(const giflab_call &call, pairs given) {
      const auto *tasks = static_cast<const giflab_tasks *>(call.host->query(call.host, GIFLAB_TASKS));
      for (uint32_t i = 0; i < given.size(); ++i) {
         work shared{&call};
         if (tasks->run(&call, 1000, one, &shared) != GIFLAB_OK)
            throw giflab::failure(GIFLAB_INTERNAL, "tasks failed");
         call.score(&call, i, 0, static_cast<double>(shared.sum.load()));
      }
   }
};
// Never ends until it is cancelled.
struct endless : stateless {
   using stateless::stateless;
   void measure(const giflab_call &call, pairs) {
      for (;;)
         giflab::stop_if_cancelled(call);
   }
};

template <class Table> const Table &service(const giflab_call &call, const char *id) {
   const auto *table = static_cast<const Table *>(call.host->query(call.host, id));
   if (!table)
      throw giflab::failure(GIFLAB_UNSUPPORTED, "a service is missing");
   return *table;
}
giflab_status run_true(const giflab_call &call) {
   const char *const argv[] = {"true", nullptr};
   giflab_process process{};
   process.size = sizeof process;
   process.argv = argv;
   return service<giflab_processes>(call, GIFLAB_PROCESSES).run(&call, &process);
}
// Lives on borrowed services: a program, a temporary file, a model.
struct borrows : stateless {
   using stateless::stateless;
   void measure(const giflab_call &call, pairs given) {
      const auto &models = service<giflab_models>(call, GIFLAB_MODELS);
      const giflab_model *model = nullptr;
      if (const auto status = models.acquire(&call, "abc", GIFLAB_MEMORY_HOST, &model); status != GIFLAB_OK)
         throw giflab::failure(status, "no weights");
      const double weight = *static_cast<const char *>(model->data);
      models.release(call.host, model);
      const char *path = service<giflab_files>(call, GIFLAB_FILES).temporary(&call, ".txt");
      std::FILE *file = path ? std::fopen(path, "wx") : nullptr;
      if (!file)
         throw giflab::failure(GIFLAB_IO, "no temporary file");
      std::fclose(file);
      if (const auto status = run_true(call); status != GIFLAB_OK)
         throw giflab::failure(status, "no program");
      for (uint32_t i = 0; i < given.size(); ++i)
         call.score(&call, i, 0, weight);
   }
};
giflab_status probe_true(const giflab_call *call, char *, size_t) noexcept {
   return giflab::guarded(call, [&] {
      if (const auto status = run_true(*call); status != GIFLAB_OK)
         throw giflab::failure(status, "its program does not run");
   });
}
constexpr giflab_model_source abc[] = {{"abc",
                                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                                        "https://example.org/abc", "MIT", 3}};

constexpr const char *shapes[] = {"round", "square", nullptr};
constexpr giflab_param params[] = {
    giflab::real_parameter("gain", "Multiplied with everything.", nullptr, 0, 10, 1),
    giflab::choice_parameter("shape", "Which shape.", shapes, 0),
};
// What its parameters are.
struct tells_parameters {
   explicit tells_parameters(const giflab_setup &setup) {
      const giflab::parameters values(params, setup);
      value = values.real("gain") + 100.0 * static_cast<double>(values.choice("shape"));
   }
   void measure(const giflab_call &call, pairs given) {
      for (uint32_t i = 0; i < given.size(); ++i)
         call.score(&call, i, 0, value);
   }
   double value;
};

// Which of its outputs are wanted, as bits; others it does not score.
struct tells_wanted {
   explicit tells_wanted(const giflab_setup &setup) : wanted(setup.wanted, setup.wanted + 3) {}
   void measure(const giflab_call &call, pairs given) {
      for (uint32_t i = 0; i < given.size(); ++i)
         for (uint32_t output = 0; output < wanted.size(); ++output)
            if (wanted[output])
               call.score(&call, i, output, wanted[0] + 2 * wanted[1] + 4 * wanted[2]);
   }
   std::vector<uint8_t> wanted;
};

// What chance it was given.
struct tells_seed : stateless {
   using stateless::stateless;
   void measure(const giflab_call &call, pairs given) {
      for (uint32_t i = 0; i < given.size(); ++i)
         call.score(&call, i, 0, static_cast<double>(call.seed % 100'000));
   }
};

// How often any instance was called before.
struct counts_calls : stateless {
   using stateless::stateless;
   void measure(const giflab_call &call, pairs given) {
      static std::atomic<int> calls{0};
      const int before = calls++;
      for (uint32_t i = 0; i < given.size(); ++i)
         call.score(&call, i, 0, before);
   }
};

// How many pairs were noted in the cache before.
struct keeps_blobs : stateless {
   using stateless::stateless;
   void measure(const giflab_call &call, pairs given) {
      const auto *cache = static_cast<const giflab_cache *>(call.host->query(call.host, GIFLAB_CACHE));
      size_t size = 0;
      const void *found = cache->get(&call, "pairs", &size);
      const std::string before(static_cast<const char *>(found), found ? size : 0);
      const std::string now = before + std::string(given.size(), 'x');
      cache->put(&call, "pairs", now.data(), now.size());
      for (uint32_t i = 0; i < given.size(); ++i)
         call.score(&call, i, 0, static_cast<double>(before.size()));
   }
};

giflab_status not_here(const giflab_call *call, char *, size_t) noexcept {
   return call->fail(call, GIFLAB_UNSUPPORTED, "its tool is not installed");
}

constexpr giflab_output output(const char *id, uint32_t level = GIFLAB_PER_FRAME, uint32_t least_side = 0) {
   return {id,        "For tests.",
           "",        -1,
           1e5 * 5,   std::numeric_limits<double>::quiet_NaN(),
           0,         GIFLAB_HIGHER_IS_BETTER,
           level,     GIFLAB_POOL_MEAN,
           least_side};
}

template <class T>
constexpr giflab_plugin plugin(const char *id, const giflab_output *outputs, uint32_t count = 1) {
   giflab_plugin table{};
   table.size = sizeof table;
   table.id = id;
   table.label = table.vendor = table.help = "Test";
   table.version = "1";
   table.license = "MIT";
   table.outputs = outputs;
   table.output_count = count;
   table.output_size = sizeof(giflab_output);
   table.inputs = GIFLAB_BIT(GIFLAB_LUMA8);
   table.memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST);
   table.threads = GIFLAB_REENTRANT;
   table.flags = GIFLAB_FLAG_ON_REQUEST;
   table.batch = 4;
   table.least_width = table.least_height = 1;
   table.metric = &giflab::frame_metric<T>;
   table.create = giflab::create<T>;
   table.destroy = giflab::destroy<T>;
   return table;
}

#define TEST_PLUGIN(name)                                                                                      \
   constexpr giflab_output name##_outputs[] = {output(#name)};                                                 \
   constexpr giflab_plugin name##_plugin = plugin<name>("org.test." #name, name##_outputs)

TEST_PLUGIN(throws);
TEST_PLUGIN(scores_twice);
TEST_PLUGIN(scores_elsewhere);
TEST_PLUGIN(scores_nothing);
TEST_PLUGIN(scores_too_much);
TEST_PLUGIN(fails_on_third);
TEST_PLUGIN(passes_on_third);
TEST_PLUGIN(cannot_be_made);
TEST_PLUGIN(undefined_everywhere);
TEST_PLUGIN(changed_share);
TEST_PLUGIN(largest_batch);
TEST_PLUGIN(uses_tasks);
TEST_PLUGIN(endless);
TEST_PLUGIN(counts_calls);

constexpr giflab_output borrows_outputs[] = {output("borrows")};
constexpr giflab_plugin borrows_plugin = [] {
   giflab_plugin table = plugin<borrows>("org.test.borrows", borrows_outputs);
   table.models = abc;
   table.model_count = 1;
   table.model_size = sizeof *abc;
   table.probe = probe_true;
   return table;
}();
constexpr giflab_output lookback_outputs[] = {output("lookback_depth")};
constexpr giflab_plugin lookback_plugin = [] {
   giflab_plugin table = plugin<lookback_depth>("org.test.lookback_depth", lookback_outputs);
   table.lookback = 3;
   return table;
}();
constexpr giflab_output clip_outputs[] = {output("clip_order"), output("clip_total", GIFLAB_PER_CLIP)};
constexpr giflab_plugin clip_plugin = [] {
   giflab_plugin table = plugin<clip_order>("org.test.clip_order", clip_outputs, 2);
   table.scope = GIFLAB_SCOPE_CLIP;
   table.threads = GIFLAB_PER_INSTANCE;
   table.metric = &giflab::clip_metric<clip_order>;
   return table;
}();
constexpr giflab_output measured_outputs[] = {output("measured_so_far")};
constexpr giflab_plugin measured_plugin = [] {
   giflab_plugin table = plugin<measured_so_far>("org.test.measured_so_far", measured_outputs);
   table.determinism = GIFLAB_EXACT;
   return table;
}();
constexpr giflab_output measured_behind_outputs[] = {output("measured_behind_one")};
constexpr giflab_plugin measured_behind_plugin = [] {
   giflab_plugin table = plugin<measured_so_far>("org.test.measured_behind_one", measured_behind_outputs);
   table.determinism = GIFLAB_EXACT;
   table.lookback = 1;
   return table;
}();
constexpr giflab_output own_outputs[] = {output("sees_only_its_own")};
constexpr giflab_plugin own_plugin = [] {
   giflab_plugin table = plugin<sees_only_its_own>("org.test.sees_only_its_own", own_outputs);
   table.flags |= GIFLAB_FLAG_NO_REFERENCE;
   return table;
}();
constexpr giflab_output alone_outputs[] = {output("alone")};
constexpr giflab_plugin alone_plugin = [] {
   giflab_plugin table = plugin<alone>("org.test.alone", alone_outputs);
   table.threads = GIFLAB_PER_MODULE;
   return table;
}();
constexpr giflab_output parameter_outputs[] = {output("tells_parameters")};
constexpr giflab_plugin parameter_plugin = [] {
   giflab_plugin table = plugin<tells_parameters>("org.test.tells_parameters", parameter_outputs);
   table.params = params;
   table.param_count = 2;
   table.param_size = sizeof(giflab_param);
   return table;
}();
constexpr giflab_output wanted_outputs[] = {output("wanted_first"), output("wanted_second"),
                                            output("wanted_of_large", GIFLAB_PER_FRAME, 64)};
constexpr giflab_plugin wanted_plugin = plugin<tells_wanted>("org.test.tells_wanted", wanted_outputs, 3);
constexpr giflab_output seed_outputs[] = {output("tells_seed")};
constexpr giflab_plugin seed_plugin = [] {
   giflab_plugin table = plugin<tells_seed>("org.test.tells_seed", seed_outputs);
   table.determinism = GIFLAB_SEEDED;
   return table;
}();
constexpr giflab_output blob_outputs[] = {output("keeps_blobs")};
constexpr giflab_plugin blob_plugin = [] {
   giflab_plugin table = plugin<keeps_blobs>("org.test.keeps_blobs", blob_outputs);
   table.threads = GIFLAB_PER_MODULE;
   table.params = params;
   table.param_count = 2;
   table.param_size = sizeof(giflab_param);
   return table;
}();
constexpr giflab_output hungry_outputs[] = {output("hungry")};
constexpr giflab_plugin hungry_plugin = [] {
   giflab_plugin table = plugin<tells_seed>("org.test.hungry", hungry_outputs);
   table.bytes_per_pixel = 1'000'000;
   return table;
}();
// Its metric is called as one of the host's own.
constexpr giflab_output namesake_outputs[] = {output("frames_reordered")};
constexpr giflab_plugin namesake_plugin = plugin<tells_seed>("org.test.namesake", namesake_outputs);
constexpr giflab_output absent_outputs[] = {output("absent")};
constexpr giflab_plugin absent_plugin = [] {
   giflab_plugin table = plugin<scores_nothing>("org.test.absent", absent_outputs);
   table.probe = not_here;
   return table;
}();

const giflab_plugin *const plugins[] = {
    &throws_plugin,
    &scores_twice_plugin,
    &scores_elsewhere_plugin,
    &scores_nothing_plugin,
    &scores_too_much_plugin,
    &fails_on_third_plugin,
    &passes_on_third_plugin,
    &cannot_be_made_plugin,
    &undefined_everywhere_plugin,
    &changed_share_plugin,
    &largest_batch_plugin,
    &uses_tasks_plugin,
    &endless_plugin,
    &borrows_plugin,
    &lookback_plugin,
    &measured_plugin,
    &measured_behind_plugin,
    &clip_plugin,
    &own_plugin,
    &alone_plugin,
    &parameter_plugin,
    &wanted_plugin,
    &absent_plugin,
    &seed_plugin,
    &counts_calls_plugin,
    &blob_plugin,
    &hungry_plugin,
    &namesake_plugin,
};

} // namespace

GIFLAB_MODULE(plugins, "test");
