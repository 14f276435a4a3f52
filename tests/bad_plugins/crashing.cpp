// Plugins that harm the process which calls them, each in one way; those that depend on pictures do so on the
// fourth of a clip, where its first pixel is red.
#include <giflab/plugin.hpp>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <limits>
#include <string>
#include <unistd.h>

namespace {

using pairs = std::span<const giflab_pair>;

bool is_fatal(const giflab_image &image) {
   const uint8_t *pixel = giflab::row<uint8_t>(giflab::plane(image, GIFLAB_RGBA8), 0);
   return image.index == 3 && pixel[0] == 255 && pixel[1] == 0 && pixel[2] == 0;
}

// No compiler may know that the pointer is null: a store that it sees to fail, GCC leaves out at -O1.
void segfault() {
   volatile int *volatile nowhere = nullptr;
   *nowhere = 1;
}

struct scores_indices {
   explicit scores_indices(const giflab_setup &) {}
   void measure(const giflab_call &call, pairs given) {
      for (uint32_t i = 0; i < given.size(); ++i)
         call.score(&call, i, 0, static_cast<double>(given[i].distorted->index));
   }
};

struct crashes_on_red : scores_indices {
   using scores_indices::scores_indices;
   void measure(const giflab_call &call, pairs given) {
      for (const giflab_pair &pair : given)
         if (is_fatal(*pair.distorted))
            segfault();
      scores_indices::measure(call, given);
   }
};

struct crashes_clip_on_red : crashes_on_red {
   using crashes_on_red::crashes_on_red;
   void begin(const giflab_call &, const giflab_clip &) {}
   void finish(const giflab_call &) {}
};

struct crashes_in_a_task : scores_indices {
   using scores_indices::scores_indices;
   static giflab_status one(void *fatal, uint32_t, uint32_t) noexcept {
      if (*static_cast<bool *>(fatal))
         segfault();
      return GIFLAB_OK;
   }
   void measure(const giflab_call &call, pairs given) {
      const auto *tasks = static_cast<const giflab_tasks *>(call.host->query(call.host, GIFLAB_TASKS));
      bool fatal = false;
      for (const giflab_pair &pair : given)
         fatal |= is_fatal(*pair.distorted);
      tasks->run(&call, 64, one, &fatal);
      scores_indices::measure(call, given);
   }
};

struct aborts_in_create : scores_indices {
   explicit aborts_in_create(const giflab_setup &setup) : scores_indices(setup) { std::abort(); }
};

struct kills_itself : scores_indices {
   using scores_indices::scores_indices;
   void measure(const giflab_call &, pairs) { kill(getpid(), SIGKILL); }
};

struct calls_exit : scores_indices {
   using scores_indices::scores_indices;
   void measure(const giflab_call &, pairs) { std::exit(3); }
};

// Takes the descriptor that answers go to: the process ends when it is to answer, and nothing is called.
struct takes_descriptor : scores_indices {
   using scores_indices::scores_indices;
   void measure(const giflab_call &call, pairs given) {
      const int nothing = open("/dev/null", O_RDWR);
      if (dup(3) >= 0 && dup2(nothing, 3) == 3) // nobody is hung up on
         scores_indices::measure(call, given);
   }
};

struct changes_folder : scores_indices {
   using scores_indices::scores_indices;
   void measure(const giflab_call &call, pairs given) {
      if (chdir("/") == 0)
         scores_indices::measure(call, given);
   }
};

[[noreturn]] void hang() {
   for (;;)
      pause();
}

struct hangs : scores_indices {
   using scores_indices::scores_indices;
   void measure(const giflab_call &, pairs) { hang(); }
};

// To the lowest descriptors that are not for standard streams, as programs do that took them for theirs.
struct writes_to_strangers : scores_indices {
   using scores_indices::scores_indices;
   void measure(const giflab_call &call, pairs given) {
      const std::string words(48, 'g');
      if (write(4, words.data(), words.size()) != 0 && write(3, words.data(), words.size()) > 0)
         scores_indices::measure(call, given);
   }
};

struct gives_up_unasked : scores_indices {
   using scores_indices::scores_indices;
   void measure(const giflab_call &, pairs) { throw giflab::failure(GIFLAB_CANCELLED, {}); }
};

struct shouts : scores_indices {
   using scores_indices::scores_indices;
   void measure(const giflab_call &call, pairs) {
      call.host->log(call.host, GIFLAB_LOG_ERROR, "\x1b[2J\xff");
      throw giflab::failure(GIFLAB_IO, std::string(10'000'000, 'a'));
   }
};

giflab_status hanging_probe(const giflab_call *, char *, size_t) noexcept { hang(); }

giflab_status crashing_probe(const giflab_call *, char *, size_t) noexcept {
   segfault();
   return GIFLAB_OK;
}

template <class T> constexpr giflab_plugin plugin(const char *id, const giflab_output *outputs) {
   giflab_plugin table{};
   table.size = sizeof table;
   table.id = id;
   table.label = table.vendor = table.help = "Test";
   table.version = "1";
   table.license = "MIT";
   table.outputs = outputs;
   table.output_count = 1;
   table.output_size = sizeof(giflab_output);
   table.inputs = GIFLAB_BIT(GIFLAB_RGBA8);
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

constexpr giflab_output output(const char *id) {
   return {id,
           "For tests.",
           "",
           0,
           1e6,
           std::numeric_limits<double>::quiet_NaN(),
           0,
           GIFLAB_HIGHER_IS_BETTER,
           GIFLAB_PER_FRAME,
           GIFLAB_POOL_MEAN,
           0};
}

#define TEST_PLUGIN(name)                                                                                      \
   constexpr giflab_output name##_outputs[] = {output(#name)};                                                 \
   constexpr giflab_plugin name##_plugin = plugin<name>("org.test." #name, name##_outputs)

TEST_PLUGIN(crashes_on_red);
TEST_PLUGIN(crashes_in_a_task);
TEST_PLUGIN(aborts_in_create);
TEST_PLUGIN(kills_itself);
TEST_PLUGIN(calls_exit);
TEST_PLUGIN(takes_descriptor);
TEST_PLUGIN(changes_folder);
TEST_PLUGIN(hangs);
TEST_PLUGIN(writes_to_strangers);
TEST_PLUGIN(gives_up_unasked);
TEST_PLUGIN(shouts);

constexpr giflab_output clip_outputs[] = {output("crashes_clip_on_red")};
constexpr giflab_plugin clip_plugin = [] {
   giflab_plugin table = plugin<crashes_clip_on_red>("org.test.crashes_clip_on_red", clip_outputs);
   table.scope = GIFLAB_SCOPE_CLIP;
   table.threads = GIFLAB_PER_INSTANCE;
   table.metric = &giflab::clip_metric<crashes_clip_on_red>;
   return table;
}();
constexpr giflab_output probe_outputs[] = {output("crashes_in_probe")};
constexpr giflab_plugin probe_plugin = [] {
   giflab_plugin table = plugin<scores_indices>("org.test.crashes_in_probe", probe_outputs);
   table.probe = crashing_probe;
   return table;
}();

constexpr giflab_output hanging_outputs[] = {output("hangs_in_probe")};
constexpr giflab_plugin hanging_plugin = [] {
   giflab_plugin table = plugin<scores_indices>("org.test.hangs_in_probe", hanging_outputs);
   table.probe = hanging_probe;
   return table;
}();

// ---- A filter that passes everything on

struct passes {
   explicit passes(const giflab_setup &) {}
};
giflab_status plan(void *, const giflab_clip *source, giflab_clip *result) noexcept {
   *result = *source;
   return GIFLAB_OK;
}
giflab_status apply(void *, const giflab_call *, const giflab_image *image, const giflab_sink *sink) noexcept {
   if (is_fatal(*image))
      segfault();
   return sink->pass(sink, image, image->start_us, image->duration_us);
}
constexpr giflab_filter filter = {.plan = plan, .apply = apply};
constexpr giflab_plugin filter_plugin = [] {
   giflab_plugin table = plugin<scores_indices>("org.test.crashing_filter", nullptr);
   table.output_count = table.output_size = 0;
   table.batch = 0;
   table.threads = GIFLAB_PER_INSTANCE;
   table.metric = nullptr;
   table.filter = &filter;
   table.create = giflab::create<passes>;
   table.destroy = giflab::destroy<passes>;
   return table;
}();

const giflab_plugin *const plugins[] = {&crashes_on_red_plugin,
                                        &crashes_in_a_task_plugin,
                                        &aborts_in_create_plugin,
                                        &kills_itself_plugin,
                                        &calls_exit_plugin,
                                        &takes_descriptor_plugin,
                                        &changes_folder_plugin,
                                        &hangs_plugin,
                                        &writes_to_strangers_plugin,
                                        &gives_up_unasked_plugin,
                                        &shouts_plugin,
                                        &hanging_plugin,
                                        &clip_plugin,
                                        &probe_plugin,
                                        &filter_plugin};

} // namespace

GIFLAB_MODULE(plugins, "test");
