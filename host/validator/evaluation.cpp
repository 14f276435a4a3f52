#include "validator/evaluation.hpp"

#include "validator/guard_page.hpp"
#include "validator/watched_sink.hpp"

#include <fmt/format.h>

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <numeric>

namespace giflab::validator {

namespace fs = std::filesystem;

namespace {

std::string size_text(const giflab_clip &clip) { return fmt::format("{}x{}", clip.width, clip.height); }

// What came of a call, into the evaluation; only the first failure is kept.
void take_status(const watched_call &call, giflab_status status, const char *entry, evaluation &into) {
   if (!into.ok() || status == GIFLAB_OK)
      return;
   into.status = status;
   into.entry = entry;
   into.text = call.text();
}

// What is wanted of pictures of this size: one output, or all that they have.
std::vector<uint8_t> wanted_of(const modules::plugin &guest, const giflab_clip &facts,
                               std::optional<uint32_t> only) {
   std::vector<uint8_t> wanted;
   for (uint32_t i = 0; i < guest.outputs.size(); ++i)
      wanted.push_back((!only || *only == i) && std::min(facts.width, facts.height) >=
                                                    static_cast<int32_t>(guest.outputs[i].least_side));
   return wanted;
}

// Rule S13: every wanted output of this level exactly once, others at most once, those of the other level not
// at all.
void check_scored(test_host &host, const watched_call &call, uint32_t pairs, uint32_t level,
                  const std::vector<uint8_t> &wanted) {
   const auto &outputs = host.guest().outputs;
   for (uint32_t pair = 0; pair < pairs; ++pair)
      for (uint32_t i = 0; i < outputs.size(); ++i) {
         const uint32_t times = call.times_scored()[std::size_t{pair} * outputs.size() + i];
         if (outputs[i].level == level ? times == 0 && wanted[i] : times > 0)
            host.note_breach("S13", fmt::format("{} was {} in a call for {}", outputs[i].id,
                                                times ? "scored" : "not scored",
                                                level == GIFLAB_PER_FRAME ? "pairs" : "a whole clip"));
      }
}

std::string read_file(const std::string &path) {
   std::ifstream file(path, std::ios::binary);
   return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

std::vector<giflab_value> parameter_values(const modules::plugin &guest,
                                           const std::map<std::string, giflab_value> &chosen) {
   std::vector<giflab_value> values;
   for (const giflab_param &param : guest.params) {
      giflab_value value{param.initial, param.initial_text};
      if (param.kind == GIFLAB_CHOICE)
         value.text = param.choices[static_cast<std::size_t>(param.initial)];
      else if ((param.kind == GIFLAB_TEXT || param.kind == GIFLAB_PATH) && !value.text)
         value.text = "";
      const auto found = chosen.find(param.id);
      values.push_back(found == chosen.end() ? value : found->second);
   }
   return values;
}

test_instance::test_instance(test_host &host, const giflab_clip &facts,
                             const std::map<std::string, giflab_value> &parameters,
                             std::optional<uint32_t> only)
    : host_(host), facts_(facts), values_(parameter_values(host.guest(), parameters)),
      wanted_(wanted_of(host.guest(), facts, only)) {}

test_instance::~test_instance() { destroy(); }

giflab_status test_instance::create() {
   const giflab_setup setup = {facts_, GIFLAB_MEMORY_HOST, host_.conduct().level, values_.data(),
                               wanted_.data()};
   watched_call call(host_, 0, fmt::format("create, {}", size_text(facts_)));
   const giflab_status status = host_.guest().table.create(call.table(), &setup, &instance_);
   call.returned(status);
   take_status(call, status, "create", creation_);
   made_ = status == GIFLAB_OK;
   return status;
}

void test_instance::destroy() {
   if (!made_)
      return;
   made_ = false;
   const watched_call call(host_, 0, "destroy"); // for who is to blame; destroy() itself gets none
   host_.guest().table.destroy(instance_);
}

void test_instance::measure(std::span<const giflab_pair> pairs, std::size_t first, evaluation &into) {
   const auto count = static_cast<uint32_t>(pairs.size());
   watched_call call(
       host_, count,
       fmt::format("measure, {}, pairs {} to {}", size_text(facts_), first, first + pairs.size() - 1));
   const giflab_status status =
       host_.guest().table.metric->measure(instance_, call.table(), pairs.data(), count);
   call.returned(status);
   take_status(call, status, "measure", into);
   if (status == GIFLAB_OK)
      check_scored(host_, call, count, GIFLAB_PER_FRAME, wanted_);
   const std::size_t offset = first * host_.guest().outputs.size();
   if (into.frames.size() < offset + call.scores().size())
      into.frames.resize(offset + call.scores().size(), std::nan(""));
   std::copy(call.scores().begin(), call.scores().end(),
             into.frames.begin() + static_cast<std::ptrdiff_t>(offset));
}

void test_instance::begin(const giflab_clip &clip, evaluation &into) {
   watched_call call(host_, 0, fmt::format("begin, {}", size_text(facts_)));
   const giflab_status status = host_.guest().table.metric->begin(instance_, call.table(), &clip);
   call.returned(status);
   take_status(call, status, "begin", into);
}

void test_instance::finish(evaluation &into) {
   watched_call call(host_, 1, fmt::format("finish, {}", size_text(facts_)));
   const giflab_status status = host_.guest().table.metric->finish(instance_, call.table());
   call.returned(status);
   take_status(call, status, "finish", into);
   if (status == GIFLAB_OK)
      check_scored(host_, call, 1, GIFLAB_PER_CLIP, wanted_);
   into.clip = call.scores();
}

void test_instance::inspect(const giflab_comparison &comparison, evaluation &into) {
   watched_call call(host_, 1, "inspect");
   const giflab_status status = host_.guest().table.metric->inspect(instance_, call.table(), &comparison);
   call.returned(status);
   take_status(call, status, "inspect", into);
   if (status == GIFLAB_OK)
      check_scored(host_, call, 1, GIFLAB_PER_CLIP, wanted_);
   into.clip = call.scores();
}

void test_instance::apply(const giflab_image *image, const std::string &what, evaluation &into) {
   watched_call call(host_, 0, what);
   const watched_sink sink(host_, call, into.planned, into.emitted);
   const giflab_status status = host_.guest().table.filter->apply(instance_, call.table(), image, sink.table());
   call.returned(status);
   take_status(call, status, "apply", into);
}

void test_instance::plan(const giflab_clip &source, evaluation &into) {
   into.planned = source;
   const watched_call call(host_, 0, fmt::format("plan, {}", size_text(facts_))); // to blame; plan() gets none
   into.status = host_.guest().table.filter->plan(instance_, &source, &into.planned);
   if (!into.ok())
      into.entry = "plan";
}

void test_instance::filter(const laid_out_clip &clip, evaluation &into) {
   plan(clip.facts(), into);
   for (std::size_t i = 0; i < clip.pairs().size() && into.ok(); ++i)
      apply(clip.pairs()[i].distorted, fmt::format("apply, {}, picture {}", size_text(facts_), i), into);
   if (into.ok() && host_.guest().table.scope == GIFLAB_SCOPE_CLIP)
      apply(nullptr, "apply, the drain", into);
}

void test_instance::encode(const laid_out_clip &clip, const std::string &source, const std::string &target,
                           evaluation &into) {
   const giflab_encoder &encoder = *host_.guest().table.encoder;
   const auto enter = [&](const char *entry, const std::string &what, auto &&run) {
      if (!into.ok())
         return;
      watched_call call(host_, 0, what);
      const giflab_status status = run(call.table());
      call.returned(status);
      take_status(call, status, entry, into);
   };
   if (encoder.transcode) {
      enter("transcode", "transcode", [&](const giflab_call *call) {
         return encoder.transcode(instance_, call, source.c_str(), target.c_str());
      });
   } else {
      enter("begin", "begin",
            [&](const giflab_call *call) { return encoder.begin(instance_, call, &clip.facts()); });
      for (std::size_t i = 0; i < clip.pairs().size(); ++i)
         enter("add", fmt::format("add, picture {}", i), [&](const giflab_call *call) {
            return encoder.add(instance_, call, clip.pairs()[i].distorted);
         });
      enter("finish", "finish",
            [&](const giflab_call *call) { return encoder.finish(instance_, call, target.c_str()); });
   }
   into.file = read_file(target);
}

namespace {

// FRAME scope in any order and batches; CLIP scope always forward.
void measure_all(test_instance &with, const modules::plugin &guest, const laid_out_clip &shown,
                 const evaluation_options &options, evaluation &into) {
   std::vector<std::size_t> order = options.order;
   if (order.empty()) {
      order.resize(shown.pairs().size());
      std::iota(order.begin(), order.end(), std::size_t{0});
   }
   const std::size_t batch = options.batch ? options.batch : std::max<uint32_t>(guest.table.batch, 1);
   for (std::size_t i = 0; i < order.size() && into.ok();) {
      std::size_t count = 1; // a batch is a run of neighbours
      while (count < batch && i + count < order.size() && order[i + count] == order[i] + count)
         ++count;
      with.measure(shown.pairs().subspan(order[i], count), order[i], into);
      i += count;
   }
}

void run_metric(test_instance &with, test_host &host, const test_clip &clip, laid_out_clip &shown,
                const evaluation_options &options, evaluation &into) {
   const modules::plugin &guest = host.guest();
   if (guest.table.scope == GIFLAB_SCOPE_FILE) {
      const fs::path folder = fs::path(host.conduct().folder) / host.conduct().folder_name;
      const std::string reference = (folder / "reference.gif").string();
      const std::string distorted = (folder / "distorted.gif").string();
      if (!write_gif(clip, false, reference) || !write_gif(clip, true, distorted))
         throw std::runtime_error("no GIF could be written for a metric of FILE scope");
      giflab_comparison comparison = shown.comparison(reference.c_str(), distorted.c_str(),
                                                      fs::file_size(reference), fs::file_size(distorted));
      if (guest.table.flags & GIFLAB_FLAG_NO_REFERENCE)
         comparison.reference = nullptr;
      return with.inspect(comparison, into);
   }
   const bool of_clip = guest.table.scope == GIFLAB_SCOPE_CLIP;
   if (of_clip)
      with.begin(shown.facts(), into);
   if (into.ok())
      measure_all(with, guest, shown, options, into);
   if (of_clip && into.ok())
      with.finish(into);
}

void run_encoder(test_instance &with, test_host &host, const test_clip &clip, const laid_out_clip &shown,
                 evaluation &into) {
   const fs::path folder = fs::path(host.conduct().folder) / host.conduct().folder_name;
   const std::string source = (folder / "source.gif").string();
   const std::string target =
       (folder / (std::string("target.") + host.guest().table.encoder->extension)).string();
   fs::remove(target);
   if (!write_gif(clip, true, source))
      throw std::runtime_error("no GIF could be written for an encoder");
   with.encode(shown, source, target, into);
}

} // namespace

namespace {

// Bytes that end where the next one faults.
class guarded_bytes {
 public:
   explicit guarded_bytes(std::size_t count) : count_(count) {
      base_ = mmap(nullptr, 2 * guard_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (count > guard_page || base_ == MAP_FAILED)
         throw std::bad_alloc();
      mprotect(static_cast<char *>(base_) + guard_page, guard_page, PROT_NONE);
   }
   ~guarded_bytes() { munmap(base_, 2 * guard_page); }
   guarded_bytes(const guarded_bytes &) = delete;
   guarded_bytes &operator=(const guarded_bytes &) = delete;

   char *data() const { return static_cast<char *>(base_) + guard_page - count_; }

 private:
   std::size_t count_;
   void *base_;
};

} // namespace

evaluation probed(test_host &host, std::size_t room) {
   const guarded_bytes fingerprint(room);
   watched_call call(host, 0, fmt::format("probe, room for {} bytes", room));
   const giflab_status status = host.guest().table.probe(call.table(), fingerprint.data(), room);
   call.returned(status);
   evaluation made;
   take_status(call, status, "probe", made);
   return made;
}

void evaluate_on(test_instance &instance, test_host &host, const test_clip &clip, laid_out_clip &shown,
                 evaluation &into, const evaluation_options &options) {
   const giflab_plugin &table = host.guest().table;
   if (table.metric)
      run_metric(instance, host, clip, shown, options, into);
   else if (table.filter)
      instance.filter(shown, into);
   else
      run_encoder(instance, host, clip, shown, into);
}

evaluation evaluate(test_host &host, const test_clip &clip, laid_out_clip &shown,
                    const evaluation_options &options) {
   test_instance instance(host, shown.facts(), options.parameters, options.only);
   if (instance.create() != GIFLAB_OK)
      return instance.creation();
   evaluation made;
   evaluate_on(instance, host, clip, shown, made, options);
   instance.destroy();
   return made;
}

evaluation evaluate(const modules::plugin &guest, const host_conduct &conduct, const test_clip &clip,
                    const evaluation_options &options) {
   test_host host(guest, conduct);
   laid_out_clip shown(clip, guest.table);
   return evaluate(host, clip, shown, options);
}

namespace {

bool equal_values(double a, double b, double tolerance, bool exact) {
   if (std::isnan(a) || std::isnan(b))
      return std::isnan(a) && std::isnan(b);
   if (exact)
      return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
   return a == b || std::abs(a - b) <= tolerance;
}

// `only`: the one output that counts.
std::string difference_of_scores(const modules::plugin &guest, const std::vector<double> &a,
                                 const std::vector<double> &b, bool exact, const char *where,
                                 std::optional<uint32_t> only = {}) {
   if (a.size() != b.size())
      return fmt::format("{} scores of {} came once, {} the other time", a.size(), where, b.size());
   for (std::size_t i = only.value_or(0); i < a.size(); i += only ? guest.outputs.size() : 1) {
      const giflab_output &output = guest.outputs[i % guest.outputs.size()];
      if (!equal_values(a[i], b[i], output.tolerance, exact))
         return fmt::format("{} of {} {} is {} and then {}", output.id, where, i / guest.outputs.size(), a[i],
                            b[i]);
   }
   return {};
}

std::string difference_of_pictures(const evaluation &a, const evaluation &b) {
   if (a.emitted.size() != b.emitted.size())
      return fmt::format("it gave {} pictures, and then {}", a.emitted.size(), b.emitted.size());
   for (std::size_t i = 0; i < a.emitted.size(); ++i) {
      const emitted_picture &one = a.emitted[i], &other = b.emitted[i];
      if (one.start_us != other.start_us || one.duration_us != other.duration_us)
         return fmt::format("picture {} is on show from {} us for {} us, and then from {} us for {} us", i,
                            one.start_us, one.duration_us, other.start_us, other.duration_us);
      if (one.width != other.width || one.height != other.height || one.pixels != other.pixels)
         return fmt::format("the pixels of picture {} differ", i);
   }
   return {};
}

} // namespace

std::string difference(const modules::plugin &guest, const evaluation &a, const evaluation &b, bool exact) {
   if (a.status != b.status)
      return fmt::format("it ended with status {} ({} {}), and then with {} ({} {})", a.status, a.entry, a.text,
                         b.status, b.entry, b.text);
   if (std::string found = difference_of_scores(guest, a.frames, b.frames, exact, "pair"); !found.empty())
      return found;
   if (std::string found = difference_of_scores(guest, a.clip, b.clip, exact, "clip"); !found.empty())
      return found;
   if (std::string found = difference_of_pictures(a, b); !found.empty())
      return found;
   return a.file == b.file
              ? std::string()
              : fmt::format("its files differ: {} bytes, and then {}", a.file.size(), b.file.size());
}

std::string difference(const modules::plugin &guest, const evaluation &a, const evaluation &b) {
   return difference(guest, a, b, guest.table.determinism != GIFLAB_WITHIN_TOLERANCE);
}

std::string difference_of_output(const modules::plugin &guest, uint32_t output, const evaluation &a,
                                 const evaluation &b) {
   const bool exact = guest.table.determinism != GIFLAB_WITHIN_TOLERANCE;
   std::string found = difference_of_scores(guest, a.frames, b.frames, exact, "pair", output);
   return found.empty() ? difference_of_scores(guest, a.clip, b.clip, exact, "clip", output) : found;
}

std::pair<int32_t, int32_t> size_for(const modules::plugin &guest, int32_t width, int32_t height) {
   constexpr int32_t largest_side = 4096; // an output that needs more is not wanted: there is no room for it
   int32_t side = 1;
   for (const giflab_output &output : guest.outputs)
      if (const auto least = static_cast<int32_t>(output.least_side); least <= largest_side)
         side = std::max(side, least);
   return {std::max({width, side, guest.table.least_width}),
           std::max({height, side, guest.table.least_height})};
}

} // namespace giflab::validator
