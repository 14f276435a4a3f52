// P02: what an encoder makes, and what it leaves alone.

#include "media/reader.hpp"
#include "validator/evaluation.hpp"
#include "validator/product_checks.hpp"
#include "validator/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>

namespace giflab::validator {

namespace fs = std::filesystem;

namespace {

// ---- Files

std::string bytes_of(const std::string &path) {
   std::ifstream file(path, std::ios::binary);
   return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const std::string &path, const std::string &bytes) {
   std::ofstream file(path, std::ios::binary);
   file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
   if (!file.flush())
      throw std::runtime_error("a file for an encoder cannot be written: " + path);
}

// The GIF plays four times instead of for ever.
std::string with_finite_loop(std::string gif) {
   constexpr std::string_view name = "NETSCAPE2.0";
   const std::size_t at = gif.find(name);
   if (at == std::string::npos)
      throw std::runtime_error("a GIF was written without a loop count");
   gif[at + name.size() + 2] = 3; // repetitions, behind the block's size and kind
   return gif;
}

// ---- What a file shows

struct shown_file {
   std::string error; // why it cannot be read; the rest is empty then
   int32_t width = 0, height = 0, loop_count = 0;
   int64_t frames = 0, duration_us = 0;
};

shown_file read_shown(const std::string &path) {
   static services::block_pool pool(std::size_t{16} << 20);
   media::reading_options options;
   options.browser_delays = false; // delays as they are stored
   shown_file found;
   auto reader = media::open(path, options, pool);
   if (!reader) {
      found.error = reader.error().text;
      return found;
   }
   for (;; ++found.frames) {
      const auto picture = (*reader)->next();
      if (!picture)
         found.error = picture.error().text;
      if (!picture || !*picture)
         break;
      found.duration_us += (*picture)->duration_us;
   }
   const media::file_facts &facts = (*reader)->facts();
   found.width = facts.width;
   found.height = facts.height;
   found.loop_count = facts.loop_count;
   if (found.error.empty() && !facts.warnings.empty())
      found.error = "it is damaged: " + facts.warnings.front();
   return found;
}

std::string loops(int32_t count) { return count == 0 ? "for ever" : fmt::format("{} times", count); }

// What did not survive; "" if all did.
std::string loss(const shown_file &source, const shown_file &target, bool animated) {
   if (!target.error.empty())
      return "what it made cannot be read: " + target.error;
   if (source.width != target.width || source.height != target.height)
      return fmt::format("a clip of {} became one of {}", size_text(source.width, source.height),
                         size_text(target.width, target.height));
   if (animated && source.duration_us != target.duration_us)
      return fmt::format("a clip of {} ms became one of {} ms", source.duration_us / 1000,
                         target.duration_us / 1000);
   if (animated && source.loop_count != target.loop_count)
      return fmt::format("a clip that plays {} became one that plays {}", loops(source.loop_count),
                         loops(target.loop_count));
   return {};
}

// ---- Runs

// The bench that an encoder works on.
class bench {
 public:
   explicit bench(const subject &given)
       : given_(given), clip_(sized_clip(given)), shown_(clip_, given.plugin->table),
         source_(given.folder + "/source.gif"), target_(given.folder + "/target." + extension()) {
      if (!write_gif(clip_, true, source_))
         throw std::runtime_error("no GIF could be written for an encoder");
   }

   const std::string &source() const { return source_; }
   const std::string &target() const { return target_; }
   std::string extension() const { return given_.plugin->table.encoder->extension; }
   bool from_file() const { return given_.plugin->table.encoder->transcode != nullptr; }

   // The target is not there before.
   evaluation encode(const host_conduct &conduct, const std::string &source, const std::string &target) const {
      fs::remove(target);
      test_host host(*given_.plugin, conduct);
      test_instance instance(host, shown_.facts());
      if (instance.create() != GIFLAB_OK)
         return instance.creation();
      evaluation made;
      instance.encode(shown_, source, target, made);
      return made;
   }
   evaluation encode() const { return encode(conduct_of(given_), source_, target_); }

 private:
   static test_clip sized_clip(const subject &given) {
      const auto [width, height] = size_for(*given.plugin, 64, 48);
      return make_clip(width, height, 4, given.seed);
   }

   const subject &given_;
   test_clip clip_;
   laid_out_clip shown_;
   std::string source_, target_;
};

// A way to fail, and words for it.
struct misfortune {
   host_conduct conduct;
   std::string source, target;
   const char *how;
   bool must_fail;
};

std::vector<misfortune> misfortunes(const subject &given, const bench &of) {
   const host_conduct plain = conduct_of(given);
   host_conduct cancelled = plain, no_memory = plain, no_program = plain;
   cancelled.cancelled_from_poll = 1;
   no_memory.scratch_fails_from = 1;
   no_program.processes = host_conduct::process_fault::exits_1;
   std::vector<misfortune> all = {
       {cancelled, of.source(), of.target(), "when it was cancelled", false},
       {no_memory, of.source(), of.target(), "without scratch memory", false},
       {no_program, of.source(), of.target(), "when its program exited with 1", false},
       {plain, of.source(), given.folder + "/no_folder/target." + of.extension(),
        "where the target's folder is missing", true},
   };
   if (!of.from_file())
      return all;
   const std::string garbage = given.folder + "/garbage.gif", half = given.folder + "/half.gif";
   write_bytes(garbage, "this is no GIF at all");
   const std::string whole = bytes_of(of.source());
   write_bytes(half, whole.substr(0, whole.size() / 2));
   all.push_back({plain, given.folder + "/missing.gif", of.target(), "without a source", true});
   all.push_back({plain, garbage, of.target(), "for a source that is no GIF", false});
   all.push_back({plain, half, of.target(), "for a source that ends half-way", false});
   return all;
}

// What is wrong after a failure, or with a success that cannot be one; "" if nothing.
std::string fault_after(const misfortune &now, const bench &of) {
   const evaluation made = of.encode(now.conduct, now.source, now.target);
   const bool there = fs::exists(now.target);
   if (made.ok() && now.must_fail)
      return fmt::format("it says GIFLAB_OK {}", now.how);
   if (made.ok() && !there)
      return fmt::format("it says GIFLAB_OK {} and made no target", now.how);
   if (!made.ok() && there)
      return fmt::format("it failed {} and left a target behind: remove what is not whole", now.how);
   return {};
}

// How a run that must work here is to be judged; nothing if it worked.
std::optional<finding> judge_plain(const evaluation &made, const bench &of) {
   if (made.ok())
      return fs::exists(of.target()) ? std::nullopt
                                     : std::optional(failed_check("it says GIFLAB_OK and made no target"));
   if (made.status == GIFLAB_UNSUPPORTED || made.status == GIFLAB_IO)
      return skipped("what it needs is not here: " + said_by(made));
   return failed_check("a clip of four pictures cannot be encoded: " + said_by(made));
}

bool readable_by_giflab(const std::string &extension) {
   constexpr std::array known = {"gif", "png", "jpg", "jpeg", "webp"};
   return std::find(known.begin(), known.end(), extension) != known.end();
}

// Both loop counts, as far as the way into the encoder tells them.
finding judge_survival(const subject &given, const bench &of) {
   if (!readable_by_giflab(of.extension()))
      return warned(fmt::format(
          "giflab does not read .{}: whether size, time and loop count survive is not known", of.extension()));
   const shown_file source = read_shown(of.source()), target = read_shown(of.target());
   const bool animated = of.extension() == "gif";
   if (const std::string lost = loss(source, target, animated); !lost.empty())
      return failed_check(lost);
   if (animated && of.from_file()) {
      const std::string finite = given.folder + "/finite.gif";
      write_bytes(finite, with_finite_loop(bytes_of(of.source())));
      if (of.encode(conduct_of(given), finite, of.target()).ok())
         if (const std::string lost = loss(read_shown(finite), read_shown(of.target()), true); !lost.empty())
            return failed_check(lost);
   }
   if (animated && source.frames != target.frames)
      return warned(fmt::format("{} pictures became {}: metrics that count frames will see it", source.frames,
                                target.frames));
   return passed();
}

} // namespace

finding check_encoder(const subject &given) {
   if (!given.plugin->table.encoder)
      return skipped("only for encoders");
   const bench of(given);
   const std::string before = bytes_of(of.source());
   const evaluation first = of.encode();
   if (const auto judged = judge_plain(first, of))
      return *judged;
   finding found = judge_survival(given, of);
   if (found.verdict == verdict::fail)
      return found;
   const evaluation second = of.encode();
   if (given.plugin->table.determinism != GIFLAB_WITHIN_TOLERANCE && first.file != second.file)
      return failed_check(
          "two runs over one source gave different bytes, where .determinism promises the same");
   for (const misfortune &now : misfortunes(given, of))
      if (const std::string fault = fault_after(now, of); !fault.empty())
         return failed_check(fault);
   if (bytes_of(of.source()) != before)
      return failed_check("it changed its source: write to `target` only");
   return found;
}

} // namespace giflab::validator
